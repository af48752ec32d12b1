import Synchronization

/// The request to loops on other threads to end in good order. They check it at least every 200 ms.
package final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)

    private let parent: StopSignal?

    package init() { parent = nil }

    /// Creates the signal of a part, which is requested with the whole or alone.
    package init(partOf parent: StopSignal) { self.parent = parent }

    /// Safe in a signal handler: one atomic store.
    package func request() { requested.store(true, ordering: .releasing) }

    package var isRequested: Bool { requested.load(ordering: .acquiring) || parent?.isRequested == true }

    /// Throws `StopRequested` if a stop was requested.
    package func check() throws(StopRequested) { if isRequested { throw StopRequested() } }
}

/// Work ended in good order, because a stop was requested. It passes through the calls of a role, and is no
/// fault.
package struct StopRequested: Error, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String { "stopped in good order" }
}

/// Whether work ended because of a stop, or because its task was cancelled.
package func isStop(_ error: any Error) -> Bool { error is StopRequested || error is CancellationError }
