import Foundation
import Synchronization

/// Starts `switchback worker` detached from this terminal: in a session of its own, with no standard input,
/// and its output in `logs/worker.log`. Passwords are passed in the environment, which only the same user can
/// read.
func spawnWorker(exportDirectory: String, sourcePassword: String?, targetPassword: String?) throws -> Int32 {
    let environment = ProcessInfo.processInfo.environment
    let executable =
        try environment["SWITCHBACK_EXECUTABLE"]
        ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var variables = environment
    if let sourcePassword { variables["SOURCE_DB_PASSWORD"] = sourcePassword }
    if let targetPassword { variables["TARGET_DB_PASSWORD"] = targetPassword }
    let log = exportDirectory + "/logs/worker.log"

    // Sound: everything below is set up in this call and freed before it returns.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // A thread of ours may block signals, and the worker must not inherit that.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSID is 0x80 in glibc's spawn.h, and not visible without _GNU_SOURCE.
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)

    let arguments = [executable, "worker", "--export-dir", exportDirectory]
    var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var envp = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
        unsafe argv.forEach { unsafe free($0) }
        unsafe envp.forEach { unsafe free($0) }
    }
    var processID: pid_t = 0
    let code = unsafe posix_spawn(&processID, executable, &actions, &attributes, &argv, &envp)
    guard code == 0 else {
        throw RequestRefused(
            "cannot start the worker (\(executable)): \(unsafe String(cString: strerror(code)))")
    }
    startedWorkers.withLock { $0.append(processID) }
    try awaitRoles(exportDirectory, processID)
    return processID
}

/// Waits until the worker has its roles, or has ended. If it ended by itself, the last line of its log is
/// thrown. If it was killed, the caller notices as at any other time.
private func awaitRoles(_ exportDirectory: String, _ processID: Int32) throws {
    let secondsMax = 10.0
    let until = secondsNow() + secondsMax
    while secondsNow() < until {
        if RoleLock.holder(exportDirectory, .apply) == processID { return }
        reapWorkers()
        if !startedWorkers.withLock({ $0.contains(processID) }) {
            // A killed worker has no exit code.
            guard let code = endedWorkers.withLock({ $0.removeValue(forKey: processID) }), code != 0 else {
                return
            }
            let log = FileManager.default.contents(atPath: exportDirectory + "/logs/worker.log") ?? Data()
            let last =
                String(decoding: log, as: UTF8.self).split(separator: "\n").last.map(String.init)
                ?? "no reason given"
            throw RequestRefused("the worker ended at once: \(last)")
        }
        usleep(10_000)
    }
}

private let startedWorkers = Mutex<[pid_t]>([])
/// Exit codes of workers that ended by themselves.
private let endedWorkers = Mutex<[pid_t: Int32]>([:])

/// Collects the exit status of workers that this process started, so that a killed one does not stay as a
/// zombie.
func reapWorkers() {
    startedWorkers.withLock { workers in
        workers.removeAll { processID in
            var status: Int32 = 0
            // Sound: the status outlives the call.
            guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return false }
            // The low seven bits are the signal, zero for an exit; the next byte is the exit code (wait(2)).
            let code = (status >> 8) & 0xff
            if status & 0x7f == 0 { endedWorkers.withLock { $0[processID] = code } }
            return true
        }
    }
}
