/// The description of a table's columns in the stream: the relation message.
package struct RelationMessage: Sendable, Equatable {
    /// A column of the table, as the stream describes it.
    package struct Column: Sendable, Equatable {
        package let name: Identifier
        /// Part of the replica identity.
        package let isKey: Bool
        package let typeOID: UInt32
        package let typeModifier: Int32
    }

    package let id: UInt32
    package let name: QualifiedName
    package let identity: ReplicaIdentity
    package let columns: [Column]
}

/// One column of a tuple: the bytes of its value in the message, or why there are none.
package enum TupleValue: Sendable, Equatable {
    case null
    /// Not sent because it did not change (an unchanged TOAST value; any unchanged column under
    /// YugabyteDB's CHANGE identity): leave the column alone.
    case unchanged
    case text(Range<Int>)
    /// The type's binary form. It is never requested; code that meets one throws `BinaryValue`.
    case binary(Range<Int>)
}

/// The options of a TRUNCATE (manual chapter "Logical Replication Message Formats", Truncate).
package struct TruncateOptions: OptionSet, Sendable, Equatable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let cascade = TruncateOptions(rawValue: 1 << 0)
    package static let restartIdentity = TruncateOptions(rawValue: 1 << 1)
    /// The statement named more tables than the message does. Only the segment log has this bit; no server
    /// sends it.
    package static let isPartial = TruncateOptions(rawValue: 1 << 2)
}

/// A message of `pgoutput` protocol 1, which is also the form of messages in the segment log (manual chapter
/// "Logical Replication Message Formats").
///
/// Values are not copied: a tuple contains byte ranges of the message that it was read from. `OutputMessage`
/// reads what the later protocols add.
package enum ChangeMessage: Sendable, Equatable {
    /// `finalLSN` is the commit LSN.
    case begin(finalLSN: LogPosition, commitMicroseconds: Int64, transaction: UInt32)
    case commit(commitLSN: LogPosition, endLSN: LogPosition, commitMicroseconds: Int64)
    case origin
    case relation(RelationMessage)
    case type
    case insert(relation: UInt32, new: [TupleValue])
    /// `old` is the key (`oldIsKey`) or the whole row. The server sends it if the replica identity is FULL
    /// or the key changed.
    case update(relation: UInt32, old: [TupleValue]?, oldIsKey: Bool, new: [TupleValue])
    case delete(relation: UInt32, old: [TupleValue], oldIsKey: Bool)
    case truncate(relations: [UInt32], TruncateOptions)
    case message(isTransactional: Bool, lsn: LogPosition, prefix: String, content: Range<Int>)

    /// Whether one of its values is in binary form.
    package var hasBinaryValues: Bool {
        let values: [TupleValue] =
            switch self {
            case .insert(_, let new): new
            case .update(_, let old, _, let new): (old ?? []) + new
            case .delete(_, let old, _): old
            case .begin, .commit, .origin, .relation, .type, .truncate, .message: []
            }
        return values.contains { if case .binary = $0 { true } else { false } }
    }
}
