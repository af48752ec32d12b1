import Journal
import Synchronization

/// The chunks that wait for a copy job. The first job that fails ends the others, and the queue keeps its
/// error.
final class ChunkQueue: Sendable {
    private struct State {
        var waiting: [StoredChunk]
        var failure: (any Error)?
        /// The reasons of jobs that copy a chunk again, by the job's number.
        var retries: [Int: String] = [:]
    }

    private let state: Mutex<State>
    private let closed = Atomic<Bool>(false)

    init(_ chunks: [StoredChunk]) { state = Mutex(State(waiting: chunks.reversed())) }

    func next() -> StoredChunk? { state.withLock { $0.waiting.popLast() } }

    /// Empties the queue because of this error; the first error is kept.
    func close(because error: any Error) {
        closed.store(true, ordering: .releasing)
        state.withLock { state in
            state.waiting = []
            if state.failure == nil { state.failure = error }
        }
    }

    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Throws if a chunk that was begun is of no use any more: after a failure of another job, or a stop.
    func check(_ stop: StopSignal) throws {
        try stop.check()
        if closed.load(ordering: .acquiring) { throw QueueClosed() }
    }

    /// Notes why a job copies its chunk again; nil once the chunk is copied.
    func noteRetry(job: Int, _ reason: String?) { state.withLock { $0.retries[job] = reason } }

    var retry: String? { state.withLock { state in state.retries.min { $0.key < $1.key }?.value } }
}

/// A job has left its chunk because another job failed; the queue has that job's error.
struct QueueClosed: Error {}
