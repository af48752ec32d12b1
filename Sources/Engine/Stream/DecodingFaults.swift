import Records

/// Decides what to do about errors of a server that cannot decode its own WAL. A value: errors in, verdicts
/// out.
///
/// PostgreSQL (seen in 15, 17 and 18) fails at an open transaction, again and again, if a rolled back
/// savepoint changed a table's catalog rows, by TRUNCATE for example, and the transaction changes them once
/// more. While the transaction is open the server takes the row for deleted; at the commit it does not. If it
/// fails at whole transactions too, the slot cannot be used any more.
struct DecodingFaults {
    /// The decision after a fault.
    enum Verdict: Equatable {
        /// Request only whole transactions from now on.
        case takeWhole
        case again(milliseconds: Int)
        /// The server cannot decode its WAL, and further attempts would also fail.
        case undecodable
        /// YugabyteDB cannot stream the changes that come next, and further attempts would also fail.
        case unstreamable(YugabyteFault)
        /// The error has another cause.
        case other
    }

    /// Attempts at whole transactions that bring nothing new.
    static let attemptsMax = 3
    private static let waitMilliseconds = 1000

    private var attempts = 0
    private var reached = LogPosition.zero

    mutating func judge(_ fault: StreamFault, streamsOpenTransactions: Bool, received: LogPosition) -> Verdict
    {
        switch fault {
        case .yugabyte(let fault): judge(fault, received: received)
        case .undecodable where !streamsOpenTransactions: countAttempt(received) ?? .undecodable
        case .undecodable, .unconvertible, .other: streamsOpenTransactions ? .takeWhole : .other
        }
    }

    private mutating func judge(_ fault: YugabyteFault, received: LogPosition) -> Verdict {
        switch fault.hope {
        // Its condition is a passing one, which is tried again before.
        case .likely: .other
        case .slight: countAttempt(received) ?? .unstreamable(fault)
        case .none: .unstreamable(fault)
        }
    }

    /// Returns that another attempt is to be made; nil after the last one.
    private mutating func countAttempt(_ received: LogPosition) -> Verdict? {
        if received > reached { attempts = 0 }
        reached = max(reached, received)
        attempts += 1
        return attempts < Self.attemptsMax ? .again(milliseconds: Self.waitMilliseconds) : nil
    }

    /// The refusal for `undecodable`.
    static func words(_ error: any DatabaseError, slot: String, lastCommit: LogPosition, origin: String)
        -> String
    {
        let table = error.streamFault?.table.map { " of \($0)" } ?? ""
        return
            "the \(origin) cannot decode its own log\(table) after \(lastCommit), the last received commit, "
            + "\(attemptsMax) times in a row: \(error); the slot \(slot) cannot be used any more, and the "
            + "changes after it cannot be streamed: end this migration (`switchback end migration`) and "
            + "begin a new one, which copies the tables again"
    }
}
