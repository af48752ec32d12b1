import Foundation
import Glibc

/// A child process.
///
/// Foundation's `Process` waits until everything that the child started has ended, because it inherits a
/// socket. With `pg_ctl start` it would wait for ever, so this uses the plain calls.
package struct SpawnedProgram: Sendable {
    /// POSIX_SPAWN_SETSID of glibc's spawn.h, which is not visible without _GNU_SOURCE.
    private static let newSession: Int16 = 0x80

    package let processID: pid_t

    /// Starts `command`, found in `PATH`, in `directory`. Its input comes from `input` (empty if nil). Its
    /// output is appended to the file `output`, and its errors, too, unless `errors` names another file. It
    /// gets a session of its own: ^C reaches only this process, which then stops its children.
    package init(
        _ command: [String], in directory: String, input: Int32? = nil, output: String = "/dev/null",
        errors: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        if let errors {
            unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        } else {
            unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
        // Threads of a pool block signals; a server must not inherit that.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Self.newSession)
        var processID: pid_t = 0
        // Sound: the arrays of C strings live until the call has ended; then the child has its own copy.
        let failure = unsafe withCStringArray(["env", "-C", directory] + command) { arguments in
            unsafe withCStringArray(environment.map { "\($0.key)=\($0.value)" }) { variables in
                unsafe posix_spawn(&processID, "/usr/bin/env", &actions, &attributes, arguments, variables)
            }
        }
        guard failure == 0 else {
            throw DemoError.commandFailed(
                command: command.joined(separator: " "), status: failure, output: "it could not be started")
        }
        self.processID = processID
    }

    /// Waits for its end and returns its exit status; 128 plus the signal's number if a signal ended it.
    package func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(processID, &status, 0) == -1, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }

    /// Returns its exit status, nil while it runs. Must not be called again after it returned one.
    package func statusIfEnded() -> Int32? {
        var status: Int32 = 0
        guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return nil }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }

    package func signal(_ number: Int32) { _ = kill(processID, number) }
}

/// Calls a body with a null-terminated array of C strings.
private func withCStringArray<R>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws -> R
) rethrows -> R {
    var copies = unsafe strings.map { unsafe strdup($0) } + [nil]
    // Sound: freed only here; the callee only reads them.
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe try copies.withUnsafeMutableBufferPointer { unsafe try body($0.baseAddress!) }
}
