import Glibc
import Records

/// Returns what an error means for the work that it ended, from any layer.
package func condition(of error: any Error) -> ErrorCondition {
    (error as? any DatabaseError)?.condition ?? .final
}

/// Decides whether failed work is retried, and when. A value: errors come in with the progress of the work, a
/// verdict comes out.
///
/// Work that waits for a server or for another transaction is retried without limit. Work that meets another
/// passing condition is given up after several attempts in a row without progress: then the operator has to
/// mend the cause.
package struct Patience: Sendable {
    /// The decision after an error.
    package enum Verdict {
        /// Retry after a wait; `isFirst` in a row.
        case again(milliseconds: Int, isFirst: Bool)
        /// Stop the work with this error.
        case over(any Error)
    }

    /// Attempts without progress; with the waits between them they take about 70 s.
    package static let attemptsMax = 20

    private let attemptsMax: Int
    private var backoff = Backoff()
    private var attempts = 0
    private var reached: UInt64?

    package init(attemptsMax: Int = Patience.attemptsMax) { self.attemptsMax = attemptsMax }

    /// Takes an error. `progress` is any number that grows, and only grows, while the work advances.
    package mutating func judge(_ error: any Error, progress: UInt64) -> Verdict {
        let condition = condition(of: error)
        guard condition.isPassing else { return .over(error) }
        if let reached, progress > reached {
            attempts = 0
            backoff.reset()
        }
        reached = progress
        if !condition.isAwaited {
            attempts += 1
            if attempts >= attemptsMax {
                return .over(GivenUp(cause: "\(error)", condition: condition, attempts: attempts))
            }
        }
        let wait = backoff.next()
        return .again(milliseconds: wait, isFirst: backoff.attempts == 1)
    }

    /// Notes that a connection was made: when it is lost, the first wait is the shortest one again.
    package mutating func connected() { if attempts == 0 { backoff.reset() } }
}

/// Waits between attempts: they double from 100 ms to 5 s.
package struct Backoff {
    package static let firstMilliseconds = 100
    package static let longestMilliseconds = 5000
    private(set) var attempts = 0

    package mutating func next() -> Int {
        defer { attempts += 1 }
        return min(Self.longestMilliseconds, Self.firstMilliseconds << min(attempts, 6))
    }

    package mutating func reset() { attempts = 0 }
}

/// Waits before a retry, on a session's thread. Calls `meanwhile` every 20 ms; an error of it ends the wait.
package func pause(milliseconds: Int, meanwhile: () throws -> Void) rethrows {
    let stepMicroseconds: UInt32 = 20_000
    let until = monotonicSeconds() + Double(milliseconds) / 1000
    while monotonicSeconds() < until {
        try meanwhile()
        usleep(stepMicroseconds)
    }
}

/// Work that met a passing condition in all its attempts, without progress.
package struct GivenUp: Error, CustomStringConvertible {
    package let cause: String
    package let condition: ErrorCondition
    package let attempts: Int

    package var description: String {
        "\(cause); given up after \(attempts) attempts without progress: \(remedy), then start again; "
            + "nothing is lost meanwhile"
    }

    private var remedy: String {
        switch condition {
        case .cancelled:
            "see what cancels the statement on that server (a statement timeout, an operator, a tool) and "
                + "let it run"
        case .readOnly: "see why that server takes no writes"
        case .outOfResources: "make room on that server, or raise the limit that the message names"
        case .inputOutput: "see to the disks of that server"
        case .snapshotGone:
            "see that the server keeps the snapshot (old_snapshot_threshold) and the connection that "
                + "exported it"
        case .inUse: "end the session that uses it"
        case .dataMoved: "see that the server has finished splitting its tablets"
        case .connectionLost, .conflict: "see to the server"
        case .final: "mend the cause"
        }
    }
}
