import Records

/// An error of a server, or of the connection to it.
///
/// It keeps the SQLSTATE (manual appendix "PostgreSQL Error Codes") and the names that the server gave. It
/// never keeps DETAIL, which quotes row values.
package struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of an error, by where it arose.
    package enum Kind: Sendable, Equatable {
        /// The connection failed or was lost. Whether a COMMIT took effect is unknown.
        case connection
        /// A connection pooler answered in place of a server.
        case pooler
        /// The server refused a statement.
        case server
        /// This program does not understand the answer.
        case malformed
    }

    package let kind: Kind
    package let sqlState: String
    package let message: String
    /// The action that failed, in a few words: `connect to 127.0.0.1:5432/shop`.
    package let doing: String
    package let table: QualifiedName?
    package let constraint: Identifier?
    package let hint: String?

    package init(
        kind: Kind, sqlState: String = "", message: String, doing: String, table: QualifiedName? = nil,
        constraint: Identifier? = nil, hint: String? = nil
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = ShownName.onOneLine(Self.withoutValues(message, sqlState))
        self.doing = doing
        self.table = table
        self.constraint = constraint
        self.hint = hint.map(ShownName.onOneLine)
    }

    package var description: String {
        var text = "cannot \(doing): \(message)"
        if let constraint { text += " (constraint \(constraint)\(table.map { " of \($0)" } ?? ""))" }
        if !sqlState.isEmpty { text += " [SQLSTATE \(sqlState)]" }
        if let hint { text += "; \(hint)" }
        return text
    }

    /// Whether the server ended a running replication stream with it.
    package var isOfStream: Bool { kind == .server && doing == PostgresConnection.streaming }

    /// Whether the server refused to start a replication stream with it.
    package var isOfStart: Bool { kind == .server && doing == PostgresConnection.startingStream }

    /// Returns the same error with another action.
    package func named(_ doing: String) -> PostgresError {
        PostgresError(
            kind: kind, sqlState: sqlState, message: message, doing: doing, table: table,
            constraint: constraint, hint: hint)
    }

    /// Returns the same error with the grant that mends it, if a right is missing.
    package func mended(by grant: String) -> PostgresError {
        guard sqlState == "42501" else { return self }
        return PostgresError(
            kind: kind, sqlState: sqlState, message: message, doing: doing, table: table,
            constraint: constraint,
            hint: grant)
    }
}
