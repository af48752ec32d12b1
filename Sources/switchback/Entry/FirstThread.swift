import Dispatch
import Foundation
import Synchronization

/// The process's first thread, which runs what must run on it: the console's screen. On Linux, Swift's
/// concurrency never runs anything there, not even the main actor. So the thread waits here for work.
final class FirstThread: Sendable {
    static let shared = FirstThread()

    /// A piece of work for the thread.
    private enum Work: Sendable {
        case run(@Sendable () -> Void)
        case end(exitCode: Int32)
    }

    private let queue = Mutex<[Work]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// Runs work until `end`; returns its exit code. Only the first thread may call it.
    func serve() -> Int32 {
        precondition(Thread.isMainThread, "only the first thread serves")
        while true {
            arrived.wait()
            switch queue.withLock({ $0.removeFirst() }) {
            case .run(let body): body()
            case .end(let exitCode): return exitCode
            }
        }
    }

    func end(exitCode: Int32) { add(.end(exitCode: exitCode)) }

    /// Runs a body on the first thread and waits for its end without blocking a thread of the pool.
    func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<R, any Error>) in
            add(.run { continuation.resume(with: Result { try body() }) })
        }
    }

    private func add(_ work: Work) {
        queue.withLock { $0.append(work) }
        arrived.signal()
    }
}
