import Records

/// A table as the stream announces it (message `R`).
package struct RelationMessage: Sendable, Equatable {
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

/// One column of a tuple: where its value lies in the message, or why there is none.
package enum TupleValue: Sendable, Equatable {
    case null
    /// Not sent because it did not change (an unchanged TOAST value; any unchanged column under
    /// YugabyteDB's CHANGE identity): leave the column alone.
    case unchanged
    case text(Range<Int>)
    /// The type's binary form, which is never asked for; who meets one throws `BinaryValue`.
    case binary(Range<Int>)
}

/// How a TRUNCATE was meant (manual chapter "Logical Replication Message Formats", Truncate).
package struct TruncateOptions: OptionSet, Sendable, Equatable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let cascade = TruncateOptions(rawValue: 1 << 0)
    package static let restartIdentity = TruncateOptions(rawValue: 1 << 1)
    /// It was of other tables, too, which are left out. No server sends it; it stands in the segment log.
    package static let isPartial = TruncateOptions(rawValue: 1 << 2)
}

/// A message of the output plugin `pgoutput` as protocol 1 has it, and as it stands in the segment log (manual chapter
/// "Logical Replication Message Formats"). Values stay where they are; a tuple names byte ranges of the message it was read
/// from. `OutputMessage` reads what the later protocols add.
package enum ChangeMessage: Sendable, Equatable {
    /// `finalLSN` is the LSN of the commit record: the transaction's name.
    case begin(finalLSN: LSN, commitMicroseconds: Int64, transaction: UInt32)
    case commit(commitLSN: LSN, endLSN: LSN, commitMicroseconds: Int64)
    case origin
    case relation(RelationMessage)
    case type
    case insert(relation: UInt32, new: [TupleValue])
    /// `old` holds the key (`oldIsKey`) or the whole row, where the identity or a changed key made the server send it.
    case update(relation: UInt32, old: [TupleValue]?, oldIsKey: Bool, new: [TupleValue])
    case delete(relation: UInt32, old: [TupleValue], oldIsKey: Bool)
    case truncate(relations: [UInt32], TruncateOptions)
    case message(isTransactional: Bool, lsn: LSN, prefix: String, content: Range<Int>)

    /// Whether a value of it came in binary form.
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

    /// A truncate in the bytes it stands in the segment log with.
    package static func truncateBytes(relations: [UInt32], _ options: TruncateOptions) -> [UInt8] {
        func bytes(_ number: UInt32) -> [UInt8] {
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
        }
        return [MessageKind.truncate] + bytes(UInt32(relations.count)) + [options.rawValue]
            + relations.flatMap(bytes)
    }

    /// Reads one message; throws with the offset of what does not fit, and never traps.
    package static func decode(_ bytes: RawSpan) throws(MalformedMessage) -> ChangeMessage {
        var cursor = MessageCursor()
        return try decode(try cursor.byte(in: bytes), &cursor, bytes)
    }

    /// Reads what follows the letter, and inside a stream block the transaction.
    static func decode(_ letter: UInt8, _ cursor: inout MessageCursor, _ bytes: RawSpan)
        throws(MalformedMessage) -> ChangeMessage
    {
        switch letter {
        case MessageKind.begin:
            let lsn = LSN(bytes: try cursor.uint64(in: bytes))
            let time = Int64(bitPattern: try cursor.uint64(in: bytes))
            return .begin(finalLSN: lsn, commitMicroseconds: time, transaction: try cursor.uint32(in: bytes))
        case MessageKind.commit:
            _ = try cursor.byte(in: bytes)
            let commit = LSN(bytes: try cursor.uint64(in: bytes))
            let end = LSN(bytes: try cursor.uint64(in: bytes))
            return .commit(
                commitLSN: commit, endLSN: end,
                commitMicroseconds: Int64(bitPattern: try cursor.uint64(in: bytes)))
        case MessageKind.origin: return .origin
        case MessageKind.type: return .type
        case MessageKind.relation: return .relation(try relation(&cursor, bytes))
        case MessageKind.insert:
            let relation = try cursor.uint32(in: bytes)
            try expect("N", &cursor, bytes)
            return .insert(relation: relation, new: try tuple(&cursor, bytes))
        case MessageKind.update: return try update(&cursor, bytes)
        case MessageKind.delete:
            let relation = try cursor.uint32(in: bytes)
            let kind = try oldKind(try cursor.byte(in: bytes), cursor)
            return .delete(relation: relation, old: try tuple(&cursor, bytes), oldIsKey: kind == .key)
        case MessageKind.truncate:
            let count = Int(try cursor.uint32(in: bytes))
            let options = try cursor.byte(in: bytes)
            var relations: [UInt32] = []
            for _ in 0..<count { relations.append(try cursor.uint32(in: bytes)) }
            return .truncate(relations: relations, TruncateOptions(rawValue: options))
        case MessageKind.message:
            let flags = try cursor.byte(in: bytes)
            let lsn = LSN(bytes: try cursor.uint64(in: bytes))
            let prefix = try cursor.string(in: bytes)
            let length = Int(try cursor.uint32(in: bytes))
            return .message(
                isTransactional: flags & 1 != 0, lsn: lsn, prefix: prefix,
                content: try cursor.bytes(length, in: bytes))
        default:
            throw MalformedMessage(offset: 0, expected: "the letter of a message of pgoutput")
        }
    }

    private enum OldKind { case key, row, new }

    private static func oldKind(_ letter: UInt8, _ cursor: MessageCursor) throws(MalformedMessage) -> OldKind
    {
        switch letter {
        case TupleKind.oldKey: return .key
        case TupleKind.oldRow: return .row
        default: throw MalformedMessage(offset: cursor.offset - 1, expected: "K or O before an old tuple")
        }
    }

    private static func expect(_ letter: Unicode.Scalar, _ cursor: inout MessageCursor, _ bytes: RawSpan)
        throws(MalformedMessage)
    {
        guard try cursor.byte(in: bytes) == UInt8(ascii: letter) else {
            throw MalformedMessage(offset: cursor.offset - 1, expected: "the letter \(letter) before a tuple")
        }
    }

    private static func update(_ cursor: inout MessageCursor, _ bytes: RawSpan) throws(MalformedMessage)
        -> ChangeMessage
    {
        let relation = try cursor.uint32(in: bytes)
        let letter = try cursor.byte(in: bytes)
        if letter == TupleKind.new {
            return .update(relation: relation, old: nil, oldIsKey: false, new: try tuple(&cursor, bytes))
        }
        let kind = try oldKind(letter, cursor)
        let old = try tuple(&cursor, bytes)
        try expect("N", &cursor, bytes)
        return .update(relation: relation, old: old, oldIsKey: kind == .key, new: try tuple(&cursor, bytes))
    }

    private static func tuple(_ cursor: inout MessageCursor, _ bytes: RawSpan) throws(MalformedMessage)
        -> [TupleValue]
    {
        let count = Int(try cursor.uint16(in: bytes))
        var values: [TupleValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            switch try cursor.byte(in: bytes) {
            case ValueKind.null: values.append(.null)
            case ValueKind.unchanged: values.append(.unchanged)
            case ValueKind.text:
                let length = Int(try cursor.uint32(in: bytes))
                values.append(.text(try cursor.bytes(length, in: bytes)))
            case ValueKind.binary:
                let length = Int(try cursor.uint32(in: bytes))
                values.append(.binary(try cursor.bytes(length, in: bytes)))
            default:
                throw MalformedMessage(offset: cursor.offset - 1, expected: "a column kind n, u, t or b")
            }
        }
        return values
    }

    private static func relation(_ cursor: inout MessageCursor, _ bytes: RawSpan) throws(MalformedMessage)
        -> RelationMessage
    {
        let id = try cursor.uint32(in: bytes)
        let schema = try cursor.string(in: bytes)
        let name = try cursor.string(in: bytes)
        let letter = String(UnicodeScalar(try cursor.byte(in: bytes)))
        guard let identity = ReplicaIdentity(rawValue: letter) else {
            throw MalformedMessage(offset: cursor.offset - 1, expected: "a replica identity letter")
        }
        let count = Int(try cursor.uint16(in: bytes))
        var columns: [RelationMessage.Column] = []
        columns.reserveCapacity(count)
        for _ in 0..<count {
            let flags = try cursor.byte(in: bytes)
            let column = try cursor.string(in: bytes)
            let type = try cursor.uint32(in: bytes)
            columns.append(
                RelationMessage.Column(
                    name: Identifier(column), isKey: flags & 1 != 0, typeOID: type,
                    typeModifier: Int32(bitPattern: try cursor.uint32(in: bytes))))
        }
        // The empty schema name stands for pg_catalog.
        return RelationMessage(
            id: id, name: QualifiedName(schema: schema.isEmpty ? "pg_catalog" : schema, name: name),
            identity: identity, columns: columns)
    }
}
