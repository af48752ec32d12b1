import Records

/// What a server, or the way to it, answered instead of a result.
///
/// It keeps the SQLSTATE (manual appendix "PostgreSQL Error Codes") and the names the server gave,
/// and never its DETAIL, which quotes row values.
package struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// No connection came about, or the one there was has gone. Nothing is known of a COMMIT under way.
        case connection
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
    package let table: String?
    package let constraint: String?
    package let hint: String?

    package init(
        kind: Kind, sqlState: String = "", message: String, doing: String, table: String? = nil,
        constraint: String? = nil, hint: String? = nil
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = Self.withoutValues(message, sqlState)
        self.doing = doing
        self.table = table
        self.constraint = constraint
        self.hint = hint
    }

    package var description: String {
        var text = "cannot \(doing): \(message)"
        if let constraint { text += " (constraint \(constraint)\(table.map { " of " + $0 } ?? ""))" }
        if !sqlState.isEmpty { text += " [SQLSTATE \(sqlState)]" }
        if let hint { text += "; \(hint)" }
        return text
    }

    /// Whether the same work may succeed on a new connection: the connection classes, a server that is starting, stopping or
    /// full, and a session it ended for being slow or idle. A wrong password or database is not among them.
    package var isConnectionLoss: Bool {
        switch kind {
        case .connection: !Self.isRefusal(sqlState)
        case .server:
            sqlState.hasPrefix("08") || Self.sessionEnds.contains(sqlState)
        case .malformed: false
        }
    }

    /// Whether the server ended a replication stream with it, in the middle of its work.
    package var isOfStream: Bool { kind == .server && doing == PostgresConnection.streaming }

    /// The same error with the grant that mends it, where it is a right that lacks.
    package func mended(by grant: String) -> PostgresError {
        guard sqlState == "42501" else { return self }
        return PostgresError(
            kind: kind, sqlState: sqlState, message: message, doing: doing, table: table,
            constraint: constraint,
            hint: grant)
    }

    /// Whether the whole transaction may be tried again on this connection.
    package var isTransient: Bool {
        // 3B001: YugabyteDB has begun a transaction anew by itself, and forgotten its savepoint.
        if ["40001", "40P01", "YB003", "55P03", "3B001"].contains(sqlState) { return true }
        // YugabyteDB has one state for all errors between its nodes; only their text tells which pass by themselves.
        return kind == .server && sqlState == "XX000"
            && (Self.passing.contains { message.contains($0) }
                || message.contains("Tablet") && message.contains("not leader"))
    }

    /// Shutdown, crash, start-up; the timeouts of an idle session, an idle transaction and, from 17 on, of any; too many
    /// connections (manual appendix "PostgreSQL Error Codes").
    private static let sessionEnds: Set<String> = [
        "57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300",
    ]

    private static let passing = [
        "schema version mismatch", "Catalog Version Mismatch", "Timed out", "Network error",
        "Service unavailable", "Aborted", "expired or aborted by a conflict", "Remote error",
    ]

    private static func isRefusal(_ sqlState: String) -> Bool {
        ["28000", "28P01", "3D000", "42501", "0A000", "42704"].contains(sqlState)
    }
}
