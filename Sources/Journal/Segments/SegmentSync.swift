import Glibc
import Records

/// Forces a segment file to disk on a thread of its own, so that the stream is read on meanwhile.
///
/// One file at a time. What was flushed before `start` is on disk when `isDone` has returned true; an error of the disk
/// is thrown there, and then nothing since the last success may be taken for durable.
package final class SegmentSync: Sendable {
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

    /// Begins with what the writer has flushed. Nothing may be under way.
    func start(descriptor: Int32, path: String) throws {
        let own = dup(descriptor)
        guard own >= 0 else { throw fileError(path, doing: "sync") }
        thread.begin(File(descriptor: own, path: path))
    }

    /// Whether what was started is on disk; with `wait` it waits until it is.
    package func isDone(wait: Bool) throws -> Bool { try thread.take(wait: wait) != nil || thread.isIdle }
}
