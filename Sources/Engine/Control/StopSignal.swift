import Synchronization

/// Asks loops on other threads to end in good order; they look at it at least every 200 ms.
package final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)

    private let parent: StopSignal?

    package init() { parent = nil }

    /// A signal of a part: it is requested with the whole, or alone.
    package init(partOf parent: StopSignal) { self.parent = parent }

    /// Safe in a signal handler: one atomic store.
    package func request() { requested.store(true, ordering: .releasing) }

    package var isRequested: Bool { requested.load(ordering: .acquiring) || parent?.isRequested == true }

    /// Throws `StopRequested` where a stop was asked for.
    package func check() throws(StopRequested) { if isRequested { throw StopRequested() } }
}

/// Work was asked to end and has ended in good order. It is thrown through the calls of a role, and is no fault.
package struct StopRequested: Error, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String { "stopped in good order" }
}

/// Whether work ended because it was asked to: by a stop, or by the task that began it.
package func isStop(_ error: any Error) -> Bool { error is StopRequested || error is CancellationError }
