/// The meaning of an error for the work that met it: whether the same work may succeed later, and what it
/// waits for.
package enum ErrorCondition: Sendable, Equatable, CaseIterable {
    /// The connection is gone, or the server accepts none for now. Whether a COMMIT took effect is unknown.
    case connectionLost
    /// A conflict with another transaction: a lock, a deadlock, a serialization failure.
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
    /// The server has moved the data that a stream reads, and cannot stream from its new place yet.
    case dataMoved
    /// The work fails again until somebody changes something.
    case final

    /// Whether the same work may succeed later by itself.
    package var isPassing: Bool { self != .final }

    /// Whether the work is retried without limit: it waits for a server, or for a transaction that will end.
    package var isAwaited: Bool {
        switch self {
        case .connectionLost, .conflict: true
        case .cancelled, .readOnly, .outOfResources, .inputOutput, .snapshotGone, .inUse, .dataMoved, .final:
            false
        }
    }
}
