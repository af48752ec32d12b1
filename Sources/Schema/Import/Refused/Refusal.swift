import Postgres

/// The meaning of a server's refusal of a statement for the import.
enum Refusal: Equatable {
    /// The object exists already.
    case exists
    /// Something that the statement needs does not exist yet; it may exist after other objects.
    case dependencyMissing
    /// The statement cannot run inside a transaction (CREATE INDEX CONCURRENTLY).
    case outsideTransaction
    /// The statement met a conflict with another transaction; it may pass a moment later.
    case conflict
    /// The user may not comment on another role's object.
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
        } else if error.sqlState == "42501",
            statement.begins(["comment", "on", "extension"])
                || statement.begins(["comment", "on", "schema", "public"])
        {
            self = .foreignComment
        } else {
            self = .error
        }
    }

    /// Returns whether the object exists already: by the duplicate classes (manual appendix "PostgreSQL Error
    /// Codes"), or by the less exact codes of five statements. The code decides, because the message is in
    /// the server's language.
    private static func meansExists(_ state: String, _ statement: SQLStatement) -> Bool {
        switch state {
        case "42P07", "42710", "42P06", "42701", "42723", "42P04": true
        case "42P16":
            statement.contains(["add"]) && statement.contains(["primary", "key"], depth: 0)
        case "42809": statement.contains(["attach", "partition"], depth: 0)
        case "55000": statement.contains(["add", "generated"], depth: 0)
        case "23505":
            statement.begins(["create", "text", "search"])
                || (statement.begins(["alter", "text", "search"]) && statement.contains(["add", "mapping"]))
        default: false
        }
    }

    private static func meansMissing(_ state: String, _ statement: SQLStatement) -> Bool {
        switch state {
        // A relation, function, object, schema, column, or the unique index a foreign key points at.
        case "42P01", "42883", "42704", "3F000", "42703", "42830": true
        // A function on a base type that is still a shell (42P13), or a value for which no cast exists yet.
        case "42P13", "42804": true
        // A cast or an operator class that is created later; a view grouped by a key that its table gets
        // later.
        case "42846", "42803": true
        // A table access method that is created later.
        case "22023":
            statement.begins(["set"])
                && statement.tokens.contains { $0.text == "default_table_access_method" }
        // A materialized view reads one that is not filled yet.
        case "55000": statement.begins(["refresh"])
        default: false
        }
    }
}
