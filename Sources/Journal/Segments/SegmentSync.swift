import Glibc
import Records

/// A thread that syncs a segment to the disk, while the capture continues to read the stream.
///
/// It syncs one file at a time. Bytes flushed before `start` are durable once `isDone` returns true. `isDone`
/// throws an error of the disk; then nothing since the last success counts as durable.
package final class SegmentSync: Sendable {
    /// An open segment file.
    private struct File: Sendable {
        let descriptor: Int32
        let path: String
    }

    private let thread = SideThread<File, Void>(name: "segment sync", stackBytes: 256 << 10) {
        { file in
            defer { close(file.descriptor) }
            guard fdatasync(file.descriptor) == 0 else { throw fileError(file.path, doing: "sync") }
        }
    }

    package init() {}

    /// Starts to sync the flushed bytes. No other sync may be running.
    func start(descriptor: Int32, path: String) throws {
        let own = dup(descriptor)
        guard own >= 0 else { throw fileError(path, doing: "sync") }
        thread.begin(File(descriptor: own, path: path))
    }

    /// Whether no sync is running; with `wait` it waits for the running one.
    package func isDone(wait: Bool) throws -> Bool { try thread.take(wait: wait) != nil || thread.isIdle }
}
