import Records

extension PostgresError {
    /// The condition, by the SQLSTATE (manual appendix "PostgreSQL Error Codes"); by the text only if one
    /// state has several meanings.
    package var condition: ErrorCondition {
        switch kind {
        case .connection: return Self.refusals.contains(sqlState) ? .final : .connectionLost
        case .malformed, .pooler: return .final
        case .server: break
        }
        if sqlState.hasPrefix("08") { return .connectionLost }
        switch YugabyteFault(message: message) {
        case .tabletSplit: return .dataMoved
        case .readersExhausted: return .outOfResources
        case .schemaPackingGone, .expired, .tableUnqualified, .changesRemoved, .catalogGone: return .final
        case nil: break
        }
        switch sqlState {
        // Shutdown, crash, start-up; the timeouts of an idle session, an idle transaction and, from 17 on, of
        // any; too many connections.
        case "57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300": return .connectionLost
        // 3B001: YugabyteDB has restarted a transaction by itself, and lost its savepoint.
        case "40001", "40P01", "55P03", "YB003", "3B001": return .conflict
        case "57014": return .cancelled
        case "25006": return .readOnly
        // The state has many meanings; with this text, the server is not promoted yet.
        case "55000" where message.contains("recovery is in progress"): return .readOnly
        case "53000", "53100", "53200", "53400": return .outOfResources
        case "58030": return .inputOutput
        case "72000": return .snapshotGone
        case "55006": return .inUse
        // YugabyteDB has one state for all errors between its nodes.
        case "XX000" where isBetweenNodes: return .conflict
        default: return .final
        }
    }

    /// Whether the same work may succeed on a new connection: after a connection error, while the server
    /// starts, stops or is full, and after a timeout has ended the session. A wrong password or database is
    /// not among them.
    package var isConnectionLoss: Bool { condition == .connectionLost }

    /// Whether another transaction caused it, so that the whole transaction may be retried.
    package var isTransient: Bool { condition == .conflict }

    private var isBetweenNodes: Bool {
        Self.passing.contains { message.contains($0) }
            || message.contains("Tablet") && message.contains("not leader")
            // A statement met a tablet that is being split.
            || message.contains("TABLET_DATA_SPLIT_COMPLETED")
    }

    private static let passing = [
        "schema version mismatch", "Catalog Version Mismatch", "Timed out", "Network error",
        "Service unavailable", "Aborted", "expired or aborted by a conflict", "Remote error",
    ]

    /// A wrong user, password or database, a missing right, and features that the server lacks.
    private static let refusals: Set<String> = ["28000", "28P01", "3D000", "42501", "0A000", "42704"]
}
