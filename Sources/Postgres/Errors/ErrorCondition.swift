/// What an error means for the work that met it: whether the same work may succeed later, and what it waits for.
package enum ErrorCondition: Sendable, Equatable, CaseIterable {
    /// The connection is gone, or the server takes none for now. Nothing is known of a COMMIT under way.
    case connectionLost
    /// Another transaction is in the way: a lock, a deadlock, a serialization failure.
    case conflict
    /// An operator, a tool or a timeout cancelled the statement.
    case cancelled
    /// The server is a standby, or reads only for another reason.
    case readOnly
    /// The server lacks disk, memory, or room within a limit of its configuration.
    case outOfResources
    /// The server could not read or write a file of its own.
    case inputOutput
    /// The server no longer has the rows of an old snapshot, or the snapshot itself.
    case snapshotGone
    /// Another session still uses a slot or a database.
    case inUse
    /// The work fails again until somebody changes something.
    case final

    /// Whether the same work may succeed later without anybody's help.
    package var isPassing: Bool { self != .final }

    /// Whether the work is tried again for ever: it waits for a server, or for a transaction that will end.
    package var isAwaited: Bool {
        switch self {
        case .connectionLost, .conflict: true
        case .cancelled, .readOnly, .outOfResources, .inputOutput, .snapshotGone, .inUse, .final: false
        }
    }
}

extension PostgresError {
    /// Decided by the SQLSTATE (manual appendix "PostgreSQL Error Codes"), and by the text only where one state has several
    /// meanings.
    package var condition: ErrorCondition {
        switch kind {
        case .connection: return Self.refusals.contains(sqlState) ? .final : .connectionLost
        case .malformed, .pooler: return .final
        case .server: break
        }
        if sqlState.hasPrefix("08") { return .connectionLost }
        switch sqlState {
        // Shutdown, crash, start-up; the timeouts of an idle session, an idle transaction and, from 17 on, of any; too many
        // connections.
        case "57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300": return .connectionLost
        // 3B001: YugabyteDB has begun a transaction anew by itself, and forgotten its savepoint.
        case "40001", "40P01", "55P03", "YB003", "3B001": return .conflict
        case "57014": return .cancelled
        case "25006": return .readOnly
        // The state has many meanings; this is the one of a server that is not promoted yet.
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

    /// Whether the same work may succeed on a new connection: the connection classes, a server that is starting, stopping or
    /// full, and a session it ended for being slow or idle. A wrong password or database is not among them.
    package var isConnectionLoss: Bool { condition == .connectionLost }

    /// Whether another transaction was in the way, so that the whole transaction may be tried again.
    package var isTransient: Bool { condition == .conflict }

    private var isBetweenNodes: Bool {
        Self.passing.contains { message.contains($0) }
            || message.contains("Tablet") && message.contains("not leader")
    }

    private static let passing = [
        "schema version mismatch", "Catalog Version Mismatch", "Timed out", "Network error",
        "Service unavailable", "Aborted", "expired or aborted by a conflict", "Remote error",
    ]

    /// A wrong user, password or database, a right that lacks, and what the server does not support.
    private static let refusals: Set<String> = ["28000", "28P01", "3D000", "42501", "0A000", "42704"]
}
