import Engine
import Foundation
import Synchronization

/// Where the application may write, asked of the migration a few dozen times a second and not before every transaction.
final class RouteMonitor: Sendable {
    private static let pollSeconds = 0.02

    private let last: Mutex<ApplicationRoute>

    /// Asks until it is known, then on a thread of its own until `stop`.
    init(stop: StopSignal, route: @escaping @Sendable () throws -> ApplicationRoute) throws {
        last = Mutex(try route())
        let thread = Thread { [weak self] in
            while !stop.isRequested, let watch = self {
                // A route that cannot be read for a moment stays what it was: the fence on the database holds anyhow.
                if let now = try? route() { watch.last.withLock { $0 = now } }
                Thread.sleep(forTimeInterval: Self.pollSeconds)
            }
        }
        thread.name = "route"
        thread.start()
    }

    var current: ApplicationRoute { last.withLock { $0 } }
}
