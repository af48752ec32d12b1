import Journal
import Postgres
import Synchronization

/// The chunks that wait for a lane; any lane takes the next one. The first lane that fails ends the others, and its error is
/// kept.
final class ChunkQueue: Sendable {
    private struct State {
        var waiting: [StoredChunk]
        var failure: (any Error)?
        /// Why lanes do a chunk again, by the lane's number.
        var retries: [Int: String] = [:]
    }

    private let state: Mutex<State>
    private let closed = Atomic<Bool>(false)

    init(_ chunks: [StoredChunk]) { state = Mutex(State(waiting: chunks.reversed())) }

    func next() -> StoredChunk? { state.withLock { $0.waiting.popLast() } }

    /// No lane takes another chunk, because of this error; the first one stands.
    func close(because error: any Error) {
        closed.store(true, ordering: .releasing)
        state.withLock { state in
            state.waiting = []
            if state.failure == nil { state.failure = error }
        }
    }

    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Throws where the chunks under way are of no use any more, or a stop was asked for.
    func check(_ stop: StopSignal) throws {
        try stop.check()
        if closed.load(ordering: .acquiring) { throw QueueClosed() }
    }

    /// A lane does its chunk again, because of this; nil where it goes on.
    func noteRetry(lane: Int, _ reason: String?) { state.withLock { $0.retries[lane] = reason } }

    var retry: String? { state.withLock { state in state.retries.min { $0.key < $1.key }?.value } }
}

/// A lane has left its chunk because another one failed; the queue has the reason.
struct QueueClosed: Error {}
