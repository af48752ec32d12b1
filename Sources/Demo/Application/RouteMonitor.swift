import Engine
import Foundation
import Synchronization

/// Reads where the application may write, 50 times a second, so that no transaction has to ask.
final class RouteMonitor: Sendable {
    private static let pollSeconds = 0.02

    private let last: Mutex<ApplicationRoute>

    /// Reads the route once, then on a thread of its own until `stop`.
    init(stop: StopSignal, route: @escaping @Sendable () throws -> ApplicationRoute) throws {
        last = Mutex(try route())
        let thread = Thread { [weak self] in
            while !stop.isRequested, let monitor = self {
                // A failed reading keeps the last route. The fence on the database works without it.
                if let now = try? route() { monitor.last.withLock { $0 = now } }
                Thread.sleep(forTimeInterval: Self.pollSeconds)
            }
        }
        thread.name = "route"
        thread.start()
    }

    var current: ApplicationRoute { last.withLock { $0 } }
}
