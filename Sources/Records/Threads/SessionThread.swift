import Foundation
import Synchronization

/// A thread as an actor's executor, so that libpq may block without occupying a thread of the shared pool.
/// Jobs run in the order in which they come; the thread ends with the last reference.
package final class SessionThread: SerialExecutor {
    private let queue = JobQueue()

    package init(name: String) {
        let queue = queue
        let thread = Thread { queue.run() }
        thread.name = String(name.prefix(15))
        thread.stackSize = 1 << 20
        thread.start()
    }

    deinit { queue.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        // Sound: this executor is referenced by its actor while a job of it waits.
        unsafe queue.push(UnownedJob(job), executor: asUnownedSerialExecutor())
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        // Sound: the actor that owns this executor outlives the jobs it enqueues.
        unsafe UnownedSerialExecutor(ordinary: self)
    }
}

/// The jobs that wait for one thread.
private final class JobQueue: Sendable {
    // The executor in a pair is its thread's own, alive while the thread runs.
    @safe private struct State {
        var jobs: [(UnownedJob, UnownedSerialExecutor)] = unsafe []
        var closed = false
    }

    private let condition = NSCondition()
    private let state = Mutex(State())

    func push(_ job: UnownedJob, executor: UnownedSerialExecutor) {
        condition.lock()
        state.withLock { unsafe $0.jobs.append((job, executor)) }
        condition.signal()
        condition.unlock()
    }

    func close() {
        condition.lock()
        state.withLock { $0.closed = true }
        condition.signal()
        condition.unlock()
    }

    func run() {
        while true {
            condition.lock()
            while state.withLock({ unsafe $0.jobs.isEmpty && !$0.closed }) { condition.wait() }
            let next = unsafe state.withLock { state in
                unsafe state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            }
            condition.unlock()
            guard let (job, executor) = unsafe next else { return }
            unsafe job.runSynchronously(on: executor)
        }
    }
}
