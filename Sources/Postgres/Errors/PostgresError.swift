import Records

/// What a server, or the way to it, answered instead of a result.
///
/// It keeps the SQLSTATE (manual appendix "PostgreSQL Error Codes") and the names the server gave,
/// and never its DETAIL, which quotes row values.
package struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// No connection came about, or the one there was has gone. Nothing is known of a COMMIT under way.
        case connection
        /// A connection pooler answered where a server's own session is needed.
        case pooler
        /// The server refused a statement.
        case server
        /// The server sent something this program does not understand.
        case malformed
    }

    package let kind: Kind
    package let sqlState: String
    package let message: String
    /// What was being done, in a few words: `connect to 127.0.0.1:5432/shop`.
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

    /// Whether the server ended a replication stream with it, in the middle of its work.
    package var isOfStream: Bool { kind == .server && doing == PostgresConnection.streaming }

    /// The same error with another name for what was being done.
    package func named(_ doing: String) -> PostgresError {
        PostgresError(
            kind: kind, sqlState: sqlState, message: message, doing: doing, table: table,
            constraint: constraint, hint: hint)
    }

    /// The same error with the grant that mends it, where it is a right that lacks.
    package func mended(by grant: String) -> PostgresError {
        guard sqlState == "42501" else { return self }
        return PostgresError(
            kind: kind, sqlState: sqlState, message: message, doing: doing, table: table,
            constraint: constraint,
            hint: grant)
    }
}
