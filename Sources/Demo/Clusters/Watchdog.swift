import Foundation
import Glibc
import Synchronization

/// A shell that cleans up when this process has ended, for whatever reason. It reads from a pipe whose
/// writing end only this process has; the kernel closes that end also after a kill -9.
package final class Watchdog: Sendable {
    /// The writing end; -1 once it is closed.
    private let pipeEnd: Mutex<Int32>
    private let shell: SpawnedProgram

    /// Starts the shell. It runs `script`, with `arguments` as `$1` and so on, if this process ends without
    /// `disarm()`.
    package init(script: String, arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw DemoError.directoryUnusable("/dev", reason: "no pipe can be created")
        }
        // Close-on-exec, so that no other child keeps the writing end open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipeEnd = Mutex(ends[1])
        defer { _ = close(ends[0]) }
        let guarded = "trap '' INT HUP TERM; if read -r _; then exit 0; fi\n" + script
        do {
            shell = try SpawnedProgram(
                ["sh", "-c", guarded, "switchback-watchdog"] + arguments, in: "/", input: ends[0])
        } catch {
            _ = close(ends[1])
            throw error
        }
    }

    deinit { disarm() }

    /// Ends the shell without running the script.
    package func disarm() {
        pipeEnd.withLock { end in
            guard end >= 0 else { return }
            // Fails only if the shell has already ended, which is the aim.
            unsafe _ = write(end, "done\n", 5)
            _ = close(end)
            end = -1
            _ = shell.wait()
        }
    }
}
