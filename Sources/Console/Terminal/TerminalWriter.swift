import Glibc

/// Writes to the terminal, each piece by one `write` as long as the terminal takes it. What a slow terminal
/// does not take within the time stays in order and goes first the next time: nothing is lost, and nobody
/// waits for a terminal that has stopped.
package final class TerminalWriter {
    /// What was written so far.
    package struct Counts: Equatable, Sendable {
        /// Calls of `write` that the terminal took something of.
        package var writes = 0
        package var bytes = 0

        package init(writes: Int = 0, bytes: Int = 0) {
            self.writes = writes
            self.bytes = bytes
        }
    }

    package private(set) var counts = Counts()
    private let descriptor: Int32
    private var waiting: ArraySlice<UInt8> = []
    /// The terminal is gone, and nothing can be written any more.
    package private(set) var isGone = false

    /// A descriptor that does not block.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Opens the terminal behind a descriptor once more, so that it does not block here and stays as it is
    /// for others that share it.
    package convenience init(terminal: Int32) {
        let flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        // Sound: the path lives through the call.
        let opened = unsafe open("/proc/self/fd/\(terminal)", flags)
        // After `su` the terminal belongs to another user and cannot be opened; then a write may block.
        self.init(descriptor: opened >= 0 ? opened : fcntl(terminal, F_DUPFD_CLOEXEC, 3))
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Whether the terminal has taken everything so far.
    package var isClear: Bool { waiting.isEmpty }

    /// Writes the bytes after those that wait already. Returns whether the terminal has taken everything.
    @discardableResult
    package func write(_ bytes: [UInt8], waitingMilliseconds: Int) -> Bool {
        waiting += bytes
        return flush(waitingMilliseconds: waitingMilliseconds)
    }

    /// Writes what waits, for at most that time. Returns whether the terminal has taken everything.
    @discardableResult
    package func flush(waitingMilliseconds: Int) -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(waitingMilliseconds)
        while !waiting.isEmpty, !isGone {
            // Sound: the slice lives through the call.
            let count = unsafe waiting.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                waiting = waiting.dropFirst(count)
                counts.writes += 1
                counts.bytes += count
            } else if errno == EAGAIN {
                guard waitUntilReady(deadline) else { return false }
            } else if errno != EINTR {
                isGone = true
            }
        }
        // The array that has been written is not kept.
        waiting = []
        return !isGone
    }

    private func waitUntilReady(_ deadline: ContinuousClock.Instant) -> Bool {
        let left = (deadline - .now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return false }
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Sound: one structure of ours. A signal ends the wait early, and the next write tells.
        return unsafe poll(&ready, 1, Int32(milliseconds)) != 0
    }
}
