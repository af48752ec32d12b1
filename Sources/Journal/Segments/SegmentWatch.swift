import Glibc
import Records

/// An inotify watch on the log's directory: it wakes the reader of the log when the writer has appended, or
/// when a database connection is ready.
///
/// It only saves time. Without a watch from the kernel each wait ends after a shorter time.
@safe package struct SegmentWatch: ~Copyable {
    private let descriptor: Int32

    /// Longest wait without a watch, and while something waits to be sent.
    private static let briefMilliseconds: Int32 = 1
    /// Longest wait with a watch.
    private static let watchedMilliseconds: Int32 = 10

    /// The directory must exist, as it does from the start of the migration on.
    package init(exportDirectory: String) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        let directory = exportDirectory + "/data/queue"
        // Sound: the C string lives through the call.
        if descriptor >= 0,
            unsafe inotify_add_watch(descriptor, directory, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)) < 0
        {
            close(descriptor)
            self.descriptor = -1
        } else {
            self.descriptor = descriptor
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits until something was appended since the last wait, or a socket is ready for its events (`poll`'s
    /// bits), or the time is over. Returns true if something was appended.
    ///
    /// - Parameter isBrief: whether something waits to be sent, so that the wait is short
    @discardableResult
    package func wait(_ sockets: [(socket: Int32, events: Int16)], isBrief: Bool) -> Bool {
        var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        for (socket, events) in sockets { waiting.append(pollfd(fd: socket, events: events, revents: 0)) }
        // Sound: the array lives through the call; poll ignores a descriptor below zero.
        unsafe _ = poll(
            &waiting, nfds_t(waiting.count),
            descriptor < 0 || isBrief ? Self.briefMilliseconds : Self.watchedMilliseconds)
        guard waiting[0].revents != 0 else { return false }
        // The events are read only to remove them. A read that does not fill the buffer has read all of them.
        unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { bytes in
            while unsafe read(descriptor, bytes.baseAddress!, bytes.count) > bytes.count / 2 {}
        }
        return true
    }
}
