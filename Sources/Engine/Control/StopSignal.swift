import Synchronization

/// Asks loops on other threads to end in good order; they look at it at least every 200 ms.
package final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)

    package init() {}

    /// Safe in a signal handler: one atomic store.
    package func request() { requested.store(true, ordering: .releasing) }

    package var isRequested: Bool { requested.load(ordering: .acquiring) }
}
