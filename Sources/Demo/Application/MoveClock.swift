import Foundation
import Records
import Synchronization

/// Notes when the application was last answered and by whom, so that a move to the other side has a duration.
final class MoveClock: Sendable {
    private struct Last {
        var side: Side?
        var at = 0.0
    }

    private let last = Mutex(Last())

    /// Seconds on a clock that nobody sets.
    var now: Double { ProcessInfo.processInfo.systemUptime }

    /// Returns the line for the ledger where this is the first answer from the other side.
    func acknowledged(at side: Side) -> LedgerLine? {
        let now = now
        return last.withLock { last in
            defer { last = Last(side: side, at: now) }
            guard let before = last.side, before != side else { return nil }
            return .moved(from: before, to: side, seconds: now - last.at)
        }
    }
}
