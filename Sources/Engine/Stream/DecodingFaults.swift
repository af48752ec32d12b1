import Postgres
import Records

/// Judges errors of a server that cannot decode its own log. A value: errors come in, and what to do about them comes out.
///
/// PostgreSQL (15, 17 and 18 were seen) fails at an open transaction, again and again, where a savepoint that changed a
/// table's catalog rows, by TRUNCATE say, was rolled back and the transaction changes them once more: in its middle the
/// server takes the row for deleted by what was rolled back. At the commit it knows better. Where it fails at whole
/// transactions too, its slot is beyond help.
struct DecodingFaults {
    enum Verdict: Equatable {
        /// From here on only whole transactions are asked for.
        case takeWhole
        case again(milliseconds: Int)
        /// The server cannot decode its log, and no later attempt will differ.
        case beyondHelp
        /// The error is not of the decoding.
        case other
    }

    /// Attempts at whole transactions that bring nothing more.
    static let attemptsMax = 3
    private static let waitMilliseconds = 1000

    private var attempts = 0
    private var reached = LSN.zero

    mutating func judge(_ error: PostgresError, streamsOpenTransactions: Bool, received: LSN) -> Verdict {
        guard Self.isOfDecoding(error.sqlState) else { return streamsOpenTransactions ? .takeWhole : .other }
        if streamsOpenTransactions { return .takeWhole }
        if received > reached { attempts = 0 }
        reached = max(reached, received)
        attempts += 1
        return attempts < Self.attemptsMax ? .again(milliseconds: Self.waitMilliseconds) : .beyondHelp
    }

    /// Internal errors, damage, and a file of the log that is not there (manual appendix "PostgreSQL Error Codes").
    private static func isOfDecoding(_ sqlState: String) -> Bool {
        sqlState.hasPrefix("XX") || sqlState == "58P01"
    }

    static func words(_ error: PostgresError, slot: String, lastCommit: LSN, origin: String) -> String {
        let table = error.table.map { " of \($0)" } ?? ""
        return
            "the \(origin) cannot decode its own log\(table) after \(lastCommit), the last commit that came, \(attemptsMax) times in a row: "
            + "\(error); the slot \(slot) is beyond help, and the changes behind it cannot be streamed: end this migration "
            + "(`switchback end migration`) and begin a new one, which copies the tables again"
    }
}
