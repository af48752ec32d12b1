import Foundation

/// Forces a segment file to disk on a thread of its own, so that the stream is read on meanwhile.
///
/// One file at a time. What was flushed before `start` is on disk when `isDone` has returned true; an error of the disk
/// is thrown there, and then nothing since the last success may be taken for durable.
package final class SegmentSync: Sendable {
    private let turn = Turn()

    package init() {
        let turn = turn
        let thread = Thread { while turn.syncNext() {} }
        thread.name = "segment sync"
        thread.stackSize = 256 << 10
        thread.start()
    }

    deinit { turn.end() }

    /// Begins with what the writer has flushed. Nothing may be under way.
    func start(descriptor: Int32, path: String) throws {
        let own = dup(descriptor)
        guard own >= 0 else { throw fileError(path, doing: "sync") }
        turn.start(own, path)
    }

    /// Whether what was started is on disk; with `wait` it waits until it is.
    package func isDone(wait: Bool) throws -> Bool { try turn.isDone(wait: wait) }
}

/// What the thread and its owner say to each other.
private final class Turn: @unchecked Sendable {
    // Sound: everything below is touched only while the condition is locked.
    private let condition = NSCondition()
    private var job: (descriptor: Int32, path: String)?
    private var failure: JournalError?
    private var isEnded = false

    func start(_ descriptor: Int32, _ path: String) {
        condition.lock()
        job = (descriptor, path)
        condition.broadcast()
        condition.unlock()
    }

    func end() {
        condition.lock()
        isEnded = true
        condition.broadcast()
        condition.unlock()
    }

    /// The thread's whole work: waits for a job and does it; false when there will be none.
    func syncNext() -> Bool {
        condition.lock()
        while job == nil, !isEnded { condition.wait() }
        let next = job
        condition.unlock()
        guard let next else { return false }
        let failure = fdatasync(next.descriptor) == 0 ? nil : fileError(next.path, doing: "sync")
        close(next.descriptor)
        condition.lock()
        job = nil
        self.failure = failure
        condition.broadcast()
        condition.unlock()
        return true
    }

    func isDone(wait: Bool) throws -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while job != nil {
            guard wait else { return false }
            condition.wait()
        }
        defer { failure = nil }
        if let failure { throw failure }
        return true
    }
}
