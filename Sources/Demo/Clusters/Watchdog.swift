import Foundation
import Glibc
import Synchronization

/// A small shell that cleans up when this process is gone, however it went: it waits on a pipe whose other end
/// only this process holds, and the kernel closes that end also after a kill -9.
final class Watchdog: Sendable {
    /// The writing end; -1 once it is closed.
    private let pipeEnd: Mutex<Int32>

    /// Starts the shell in a session of its own, so that ^C does not reach it. It runs `script`, with `arguments` as
    /// `$1` and so on, when this process has gone without `disarm()`.
    init(script: String, arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw DemoError.directoryUnusable("/dev", reason: "no pipe can be made")
        }
        // Closed on exec: no other child may keep the writing end open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let readingEnd = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let guarded = "trap '' INT HUP TERM; if read -r _; then exit 0; fi\n" + script
        process.arguments = ["setsid", "sh", "-c", guarded, "switchback-watchdog"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = readingEnd
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        pipeEnd = Mutex(ends[1])
        do { try process.run() } catch {
            closePipe()
            throw error
        }
    }

    deinit { disarm() }

    /// Sends the shell away without its work.
    func disarm() {
        pipeEnd.withLock { end in
            guard end >= 0 else { return }
            // Fails only where the shell has gone already, which is what is wanted.
            unsafe _ = write(end, "done\n", 5)
            _ = close(end)
            end = -1
        }
    }

    private func closePipe() {
        pipeEnd.withLock { end in
            _ = close(end)
            end = -1
        }
    }
}
