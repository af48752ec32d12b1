import Records
import Support
import Testing

@Suite struct ChangeMessageTests {
    private static let relation = StreamMessage.relation(
        7, "public", "orders", columns: [("id", true), ("note", false)])

    /// One message of every kind and form.
    private static let valid: [[UInt8]] = [
        StreamMessage.begin(0x10), StreamMessage.commit(0x10), StreamMessage.origin, StreamMessage.type,
        relation,
        StreamMessage.relation(8, "", "pg_things", identity: "f", columns: []),
        StreamMessage.insert(7, [.text("1"), .null]), StreamMessage.insert(7, []),
        StreamMessage.update(7, [.text("1"), .unchanged]),
        StreamMessage.update(7, old: [.text("1"), .null], [.text("2"), .text("é")]),
        StreamMessage.update(7, old: [.text("1"), .text("a")], oldKind: "O", [.text("1"), .text("")]),
        StreamMessage.delete(7, [.text("1"), .null]),
        StreamMessage.delete(7, [.text("1"), .text("a")], kind: "O"),
        StreamMessage.truncate([7, 8], options: 3), StreamMessage.logical("body", prefix: "switchback"),
        StreamMessage.logical("", prefix: "", isTransactional: false),
    ]

    private func decode(_ bytes: [UInt8]) throws -> ChangeMessage {
        try lend(bytes) { try ChangeMessage.decode($0) }
    }

    private func texts(_ values: [TupleValue], of bytes: [UInt8]) -> [String?] {
        values.map { value in
            guard case .text(let range) = value else { return nil }
            return String(decoding: bytes[range], as: UTF8.self)
        }
    }

    @Test func `begin and commit carry the transaction's position`() throws {
        #expect(
            try decode(StreamMessage.begin(0x16_B374_D848, time: -5, transaction: 9))
                == .begin(
                    finalLSN: LogPosition(number: 0x16_B374_D848), commitMicroseconds: -5, transaction: 9))
        #expect(
            try decode(StreamMessage.commit(64, end: 112, time: 3))
                == .commit(
                    commitLSN: LogPosition(number: 64), endLSN: LogPosition(number: 112),
                    commitMicroseconds: 3))
    }

    @Test func `origin and type messages are decoded without their content`() throws {
        #expect(try decode(StreamMessage.origin) == .origin)
        #expect(try decode(StreamMessage.type) == .type)
    }

    @Test func `a relation message has its columns and says which of them are the key`() throws {
        guard case .relation(let relation) = try decode(Self.relation) else {
            Issue.record("no relation")
            return
        }
        #expect(relation.id == 7)
        #expect(relation.name == QualifiedName(schema: "public", name: "orders"))
        #expect(relation.identity == .primaryKey)
        #expect(relation.columns.map(\.name) == ["id", "note"])
        #expect(relation.columns.map(\.isKey) == [true, false])
        #expect(relation.columns.map(\.typeModifier) == [-1, -1])
    }

    @Test func `an empty schema name means pg_catalog`() throws {
        guard case .relation(let relation) = try decode(StreamMessage.relation(1, "", "t", columns: []))
        else {
            Issue.record("no relation")
            return
        }
        #expect(relation.name.schema == "pg_catalog")
    }

    @Test func `an insert has the ranges of its values`() throws {
        let bytes = StreamMessage.insert(7, [.text("12"), .null, .text(""), .text("é")])
        guard case .insert(let relation, let new) = try decode(bytes) else {
            Issue.record("no insert")
            return
        }
        #expect(relation == 7)
        #expect(new[1] == .null)
        #expect(texts(new, of: bytes) == ["12", nil, "", "é"])
    }

    @Test func `an update has no old row, an old key, or the whole old row`() throws {
        let without = StreamMessage.update(7, [.text("1"), .unchanged])
        guard case .update(7, nil, false, let new) = try decode(without) else {
            Issue.record("no update without an old row")
            return
        }
        #expect(new[1] == .unchanged)
        let key = StreamMessage.update(7, old: [.text("1")], [.text("2")])
        guard case .update(7, let oldKey?, true, let second) = try decode(key) else {
            Issue.record("no update with an old key")
            return
        }
        #expect(texts(oldKey, of: key) == ["1"] && texts(second, of: key) == ["2"])
        guard
            case .update(7, _?, false, _) = try decode(
                StreamMessage.update(7, old: [.null], oldKind: "O", [.null]))
        else {
            Issue.record("no update with an old row")
            return
        }
    }

    @Test func `a delete names its key or its row`() throws {
        guard case .delete(7, _, true) = try decode(StreamMessage.delete(7, [.text("1")])),
            case .delete(7, _, false) = try decode(StreamMessage.delete(7, [.text("1")], kind: "O"))
        else {
            Issue.record("no delete")
            return
        }
    }

    private static let truncateOptions: [(UInt8, TruncateOptions)] = [
        (0, []), (1, .cascade), (2, .restartIdentity), (3, [.cascade, .restartIdentity]),
        (6, [.restartIdentity, .isPartial]),
    ]

    @Test(arguments: truncateOptions)
    func `a truncate lists its tables and options`(byte: UInt8, options: TruncateOptions) throws {
        let message = StreamMessage.truncate([1, 0x0102_0304], options: byte)
        #expect(try decode(message) == .truncate(relations: [1, 0x0102_0304], options))
        #expect(MessageBytes.truncate(relations: [1, 0x0102_0304], options) == message)
    }

    @Test func `a logical message has prefix and content`() throws {
        let bytes = StreamMessage.logical("token/first", prefix: "switchback", lsn: 77)
        guard case .message(true, LogPosition(number: 77), "switchback", let content) = try decode(bytes)
        else {
            Issue.record("no message")
            return
        }
        #expect(String(decoding: bytes[content], as: UTF8.self) == "token/first")
    }

    @Test func `a message cut off at any byte is malformed`() {
        for message in Self.valid where message[0] != UInt8(ascii: "O") && message[0] != UInt8(ascii: "Y") {
            for length in 0..<message.count {
                #expect(throws: MalformedMessage.self) { try decode(Array(message[..<length])) }
            }
        }
    }

    @Test(
        arguments: [
            ([UInt8(ascii: "Z")], 0), ([UInt8(ascii: "I"), 0, 0, 0, 1, UInt8(ascii: "K")], 5),
            ([UInt8(ascii: "U"), 0, 0, 0, 1, UInt8(ascii: "X")], 5),
            ([UInt8(ascii: "D"), 0, 0, 0, 1, UInt8(ascii: "N")], 5),
            ([UInt8(ascii: "I"), 0, 0, 0, 1, UInt8(ascii: "N"), 0, 1, UInt8(ascii: "x")], 8),
        ] as [([UInt8], Int)])
    func `an unexpected letter is named by its offset`(bytes: [UInt8], offset: Int) {
        do {
            _ = try decode(bytes)
            Issue.record("decoded")
        } catch {
            #expect((error as? MalformedMessage)?.offset == offset)
        }
    }

    @Test func `a length beyond the message is malformed, however large`() {
        let head: [UInt8] = [UInt8(ascii: "I"), 0, 0, 0, 1, UInt8(ascii: "N"), 0, 1, UInt8(ascii: "t")]
        #expect(throws: MalformedMessage.self) { try decode(head + [0xFF, 0xFF, 0xFF, 0xFF, 1]) }
        #expect(throws: MalformedMessage.self) { try decode([UInt8(ascii: "T"), 0xFF, 0xFF, 0xFF, 0xFF, 0]) }
    }
}
