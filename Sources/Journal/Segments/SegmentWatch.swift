import Glibc
import Records

/// Wakes the reader of the segment log when the writer has appended, and when a database has something to say.
///
/// It saves time only: where the kernel lends no watch, the wait ends by itself after a shorter time.
@safe package struct SegmentWatch: ~Copyable {
    private let descriptor: Int32

    /// Without a watch the log is looked at as often.
    private static let briefMilliseconds: Int32 = 1
    private static let watchedMilliseconds: Int32 = 10

    /// The folder of the segments is there: the reader has found one in it.
    package init(exportDirectory: String) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        let folder = exportDirectory + "/data/queue"
        if descriptor >= 0,
            unsafe inotify_add_watch(descriptor, folder, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)) < 0
        {
            close(descriptor)
            self.descriptor = -1
        } else {
            self.descriptor = descriptor
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits until something was appended since the last wait, or a socket is ready for what is wanted of it (`poll`'s
    /// event bits), or the time is over, which is a millisecond where something waits to be sent.
    /// True where it was the log.
    @discardableResult
    package func wait(_ sockets: [(socket: Int32, events: Int16)], isBrief: Bool) -> Bool {
        var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        for (socket, events) in sockets { waiting.append(pollfd(fd: socket, events: events, revents: 0)) }
        // The array outlives the call; a descriptor below zero is passed over.
        unsafe _ = poll(
            &waiting, nfds_t(waiting.count),
            descriptor < 0 || isBrief ? Self.briefMilliseconds : Self.watchedMilliseconds)
        guard waiting[0].revents != 0 else { return false }
        // What happened is of no interest, only that it did. A buffer that is not full has all of it.
        unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { bytes in
            while unsafe read(descriptor, bytes.baseAddress!, bytes.count) > bytes.count / 2 {}
        }
        return true
    }
}
