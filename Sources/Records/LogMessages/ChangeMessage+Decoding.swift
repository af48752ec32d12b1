extension ChangeMessage {
    /// Reads one message. Throws with the offset of what does not fit; never traps.
    package static func decode(_ bytes: RawSpan) throws(MalformedMessage) -> ChangeMessage {
        var cursor = MessageCursor()
        return try decode(try cursor.byte(in: bytes), &cursor, bytes)
    }

    /// Reads the rest of a message, after its letter and, inside a stream block, its transaction.
    package static func decode(_ letter: UInt8, _ cursor: inout MessageCursor, _ bytes: RawSpan)
        throws(MalformedMessage) -> ChangeMessage
    {
        switch letter {
        case MessageKind.begin:
            let lsn = LogPosition(number: try cursor.uint64(in: bytes))
            let time = Int64(bitPattern: try cursor.uint64(in: bytes))
            return .begin(finalLSN: lsn, commitMicroseconds: time, transaction: try cursor.uint32(in: bytes))
        case MessageKind.commit:
            _ = try cursor.byte(in: bytes)
            let commit = LogPosition(number: try cursor.uint64(in: bytes))
            let end = LogPosition(number: try cursor.uint64(in: bytes))
            return .commit(
                commitLSN: commit, endLSN: end,
                commitMicroseconds: Int64(bitPattern: try cursor.uint64(in: bytes)))
        case MessageKind.origin: return .origin
        case MessageKind.type: return .type
        case MessageKind.relation: return .relation(try relation(&cursor, bytes))
        case MessageKind.insert:
            let relation = try cursor.uint32(in: bytes)
            try expectNew(&cursor, bytes)
            return .insert(relation: relation, new: try tuple(&cursor, bytes))
        case MessageKind.update: return try update(&cursor, bytes)
        case MessageKind.delete:
            let relation = try cursor.uint32(in: bytes)
            let isKey = try isOldKey(try cursor.byte(in: bytes), cursor)
            return .delete(relation: relation, old: try tuple(&cursor, bytes), oldIsKey: isKey)
        case MessageKind.truncate:
            let count = Int(try cursor.uint32(in: bytes))
            let options = try cursor.byte(in: bytes)
            var relations: [UInt32] = []
            for _ in 0..<count { relations.append(try cursor.uint32(in: bytes)) }
            return .truncate(relations: relations, TruncateOptions(rawValue: options))
        case MessageKind.message:
            let flags = try cursor.byte(in: bytes)
            let lsn = LogPosition(number: try cursor.uint64(in: bytes))
            let prefix = try cursor.string(in: bytes)
            let length = Int(try cursor.uint32(in: bytes))
            return .message(
                isTransactional: flags & 1 != 0, lsn: lsn, prefix: prefix,
                content: try cursor.bytes(length, in: bytes))
        default:
            throw MalformedMessage(offset: 0, expected: "the letter of a message of pgoutput")
        }
    }

    /// Whether the old tuple that follows is a key; false for a whole row.
    private static func isOldKey(_ letter: UInt8, _ cursor: MessageCursor) throws(MalformedMessage) -> Bool {
        switch letter {
        case TupleKind.oldKey: return true
        case TupleKind.oldRow: return false
        default: throw MalformedMessage(offset: cursor.offset - 1, expected: "K or O before an old tuple")
        }
    }

    private static func expectNew(_ cursor: inout MessageCursor, _ bytes: RawSpan) throws(MalformedMessage) {
        guard try cursor.byte(in: bytes) == TupleKind.new else {
            throw MalformedMessage(offset: cursor.offset - 1, expected: "the letter N before a tuple")
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
        let isKey = try isOldKey(letter, cursor)
        let old = try tuple(&cursor, bytes)
        try expectNew(&cursor, bytes)
        return .update(relation: relation, old: old, oldIsKey: isKey, new: try tuple(&cursor, bytes))
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
        // An empty schema name means pg_catalog.
        return RelationMessage(
            id: id, name: QualifiedName(schema: schema.isEmpty ? "pg_catalog" : schema, name: name),
            identity: identity, columns: columns)
    }
}
