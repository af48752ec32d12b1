import Foundation
import Synchronization

/// Starts `switchback worker` detached from this terminal: a session of its own, nothing on its standard input, its
/// output in `logs/worker.log`. Passwords go by the environment, which only the same user can read.
func spawnWorker(exportDirectory: String, sourcePassword: String?, targetPassword: String?) throws -> Int32 {
    let environment = ProcessInfo.processInfo.environment
    let executable = try environment["SWITCHBACK_EXECUTABLE"]
        ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var variables = environment
    if let sourcePassword { variables["SOURCE_DB_PASSWORD"] = sourcePassword }
    if let targetPassword { variables["TARGET_DB_PASSWORD"] = targetPassword }
    let log = exportDirectory + "/logs/worker.log"

    // Everything below is set up on this frame and freed before it returns.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // A thread of ours may block signals; the worker must not inherit that.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSID is 0x80 in glibc's spawn.h, and not visible without _GNU_SOURCE.
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)

    let arguments = [executable, "worker", "--export-dir", exportDirectory]
    var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var envp = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
        for unsafe pointer in unsafe argv { unsafe free(pointer) }
        for unsafe pointer in unsafe envp { unsafe free(pointer) }
    }
    var processID: pid_t = 0
    let code = unsafe posix_spawn(&processID, executable, &actions, &attributes, &argv, &envp)
    guard code == 0 else {
        throw RequestRefused("cannot start the worker (\(executable)): \(unsafe String(cString: strerror(code)))")
    }
    startedWorkers.withLock { $0.append(processID) }
    return processID
}

private let startedWorkers = Mutex<[pid_t]>([])

/// Takes the exit status of workers this process started, so that a killed one does not stay as a zombie.
func reapWorkers() {
    startedWorkers.withLock { workers in
        workers.removeAll { processID in
            var status: Int32 = 0
            return unsafe waitpid(processID, &status, WNOHANG) == processID
        }
    }
}
