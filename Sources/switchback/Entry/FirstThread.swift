import Dispatch
import Foundation
import Synchronization

/// The process's first thread, lent to what must run on it: the console's screen. Swift's concurrency never runs
/// anything there on Linux, not even the main actor, so the thread waits here for errands.
final class FirstThread: Sendable {
    static let shared = FirstThread()

    private enum Errand: Sendable {
        case run(@Sendable () -> Void)
        case end(exitCode: Int32)
    }

    private let errands = Mutex<[Errand]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// Runs errands until `end`; returns its exit code. For the first thread alone.
    func serve() -> Int32 {
        precondition(Thread.isMainThread, "errands are for the first thread")
        while true {
            arrived.wait()
            switch errands.withLock({ $0.removeFirst() }) {
            case .run(let body): body()
            case .end(let exitCode): return exitCode
            }
        }
    }

    func end(exitCode: Int32) { add(.end(exitCode: exitCode)) }

    /// Runs a body on the first thread and waits for its end without blocking a thread of the pool.
    func run(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            add(.run { continuation.resume(with: Result { try body() }) })
        }
    }

    private func add(_ errand: Errand) {
        errands.withLock { $0.append(errand) }
        arrived.signal()
    }
}
