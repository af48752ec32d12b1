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
}
