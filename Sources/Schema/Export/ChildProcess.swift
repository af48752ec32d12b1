import Foundation
import Glibc

/// A program that is run to its end, without a shell.
///
/// It writes into a file, and the wait is for its process id. A pipe, or Foundation's `Process`, waits until
/// the other end is closed everywhere. A server that another thread starts meanwhile may keep it open for
/// days.
enum ChildProcess {
    /// The result of a process that has ended.
    struct Outcome: Sendable {
        /// The exit code, or 128 plus the signal that ended it, as in shells.
        let status: Int32
        /// Its output on stdout and stderr.
        let output: String
    }

    /// The error for a program that could not be started.
    struct NotStarted: Error, LocalizedError {
        let path: String
        let code: Int32
        var errorDescription: String? {
            // Sound: strerror's text is copied at once.
            "\(path) could not be started: \(unsafe String(cString: strerror(code)))"
        }
    }

    /// Runs a program with our environment and these variables, which replace ours.
    static func run(_ path: String, _ arguments: [String], environment: [String: String]) throws -> Outcome {
        let output = NSTemporaryDirectory() + "switchback-\(UUID().uuidString).out"
        // Sound: the string lives for the length of the call.
        defer { _ = unsafe unlink(output) }
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let child = try spawn(
            path, [path] + arguments, variables.map { "\($0)=\($1)" }, output: output)
        var status: Int32 = 0
        // Sound: the status is ours. A signal to this thread interrupts the wait, not the child.
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
        // The wait status of <sys/wait.h>: the signal in seven bits, the exit code above.
        let signal = status & 0x7f
        return Outcome(
            status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
            output: String(decoding: bytes, as: UTF8.self))
    }

    private static func spawn(_ path: String, _ arguments: [String], _ variables: [String], output: String)
        throws
        -> pid_t
    {
        // Sound: the actions are ours, initialised before use and destroyed once.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Sound: each string is copied once and freed below; the child has its own copies when posix_spawn
        // returns.
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var child: pid_t = 0
        // Sound: all arguments live until the call returns.
        let code = unsafe posix_spawn(&child, path, &actions, nil, &argv, &envp)
        guard code == 0 else { throw NotStarted(path: path, code: code) }
        return child
    }
}
