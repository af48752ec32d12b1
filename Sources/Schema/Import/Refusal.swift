import Postgres

/// What a server's refusal of a statement means for the import.
enum Refusal: Equatable {
    /// What the statement makes is there already.
    case exists
    /// Something it needs is not there yet; it may be after other objects.
    case dependencyMissing
    /// The statement cannot run inside a transaction (CREATE INDEX CONCURRENTLY).
    case outsideTransaction
    /// Another transaction was in the way; the same statement may pass a moment later.
    case conflict
    /// The user may not comment on something that is somebody else's.
    case foreignComment
    case error

    init(_ error: PostgresError, statement: SQLStatement) {
        if Self.meansExists(error.sqlState, statement) {
            self = .exists
        } else if Self.meansMissing(error.sqlState, statement) {
            self = .dependencyMissing
        } else if error.sqlState == "25001" {
            self = .outsideTransaction
        } else if error.isTransient || error.message.contains("schema version mismatch")
            || error.message.contains("conflicts with higher priority transaction")
        {
            self = .conflict
        } else if error.sqlState == "42501", statement.begins(["comment", "on", "extension"]) {
            self = .foreignComment
        } else {
            self = .error
        }
    }

    /// The duplicate classes (manual appendix "PostgreSQL Error Codes"), and the three statements that a
    /// server refuses a second time with a code that says less. The code is what is asked: the message's
    /// language is the server's.
    private static func meansExists(_ state: String, _ statement: SQLStatement) -> Bool {
        switch state {
        case "42P07", "42710", "42P06", "42701", "42723", "42P04": true
        case "42P16":
            statement.contains(["add"]) && statement.contains(["primary", "key"], depth: 0)
        case "42809": statement.contains(["attach", "partition"], depth: 0)
        case "55000": statement.contains(["add", "generated"], depth: 0)
        default: false
        }
    }

    private static func meansMissing(_ state: String, _ statement: SQLStatement) -> Bool {
        switch state {
        // A relation, function, object, schema, column, or the unique index a foreign key points at.
        case "42P01", "42883", "42704", "3F000", "42703", "42830": true
        // A materialized view reads one that is not filled yet.
        case "55000": statement.begins(["refresh"])
        default: false
        }
    }
}
