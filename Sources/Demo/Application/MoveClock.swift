import Foundation
import Records
import Synchronization

/// The time and the side of the application's last acknowledged transaction, which gives the duration of a
/// move.
final class MoveClock: Sendable {
    private struct Last {
        var side: Side?
        var at = 0.0
    }

    private let last = Mutex(Last())

    /// Seconds on a clock that is never set.
    var now: Double { ProcessInfo.processInfo.systemUptime }

    /// Returns the line for the ledger if this is the first acknowledgement on the other side.
    func acknowledged(at side: Side) -> LedgerLine? {
        let now = now
        return last.withLock { last in
            defer { last = Last(side: side, at: now) }
            guard let before = last.side, before != side else { return nil }
            return .moved(from: before, to: side, seconds: now - last.at)
        }
    }
}
