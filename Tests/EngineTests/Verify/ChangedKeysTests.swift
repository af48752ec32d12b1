import Records
import Support
import Testing

@testable import Engine

/// The keys that a stretch of the log changes, as a value.
@Suite struct ChangedKeysTests {
    private static func table(_ name: String, key: [Identifier]) -> VerifiedTable {
        VerifiedTable(
            table: Table(
                name: QualifiedName(schema: "public", name: name),
                columns: ["a", "id"].map { Column(name: $0, typeName: "text") }, primaryKey: key,
                replicaIdentity: key.isEmpty ? .full : .primaryKey), comparesPartitions: false)
    }

    private static func keys(_ messages: [[UInt8]], after: UInt64 = 10) throws -> [String: [String]] {
        var changed = ChangedKeys(
            [table("item", key: ["id"]), table("bag", key: [])].map {
                (table: $0, after: LogPosition(number: after))
            })
        // The span lives for the call.
        for bytes in messages { _ = try unsafe changed.take(bytes.span.bytes) }
        return Dictionary(
            uniqueKeysWithValues: changed.keys.map {
                ($0.key.name.text, $0.value.map { $0.values.joined(separator: ",") }.sorted())
            })
    }

    private static let item = StreamMessage.relation(
        1, "public", "item", columns: [("a", false), ("id", true)])
    private static let bag = StreamMessage.relation(
        2, "public", "bag", identity: "f", columns: [("a", true), ("id", true)])
    private static let other = StreamMessage.relation(3, "public", "other", columns: [("id", true)])

    @Test func `each kind of change tells its key, the old one too`() throws {
        let found = try Self.keys([
            Self.item, StreamMessage.begin(20), StreamMessage.insert(1, [.text("x"), .text("1")]),
            StreamMessage.update(1, [.unchanged, .text("2")]),
            StreamMessage.update(1, old: [.null, .text("3")], [.text("x"), .text("4")]),
            StreamMessage.delete(1, [.null, .text("5")]), StreamMessage.commit(20),
        ])
        #expect(found == ["item": ["1", "2", "3", "4", "5"], "bag": []])
    }

    @Test func `changes up to the proof, and those of other tables, do not count`() throws {
        let found = try Self.keys([
            Self.item, Self.other, StreamMessage.begin(10),
            StreamMessage.insert(1, [.text("x"), .text("1")]), StreamMessage.commit(10),
            StreamMessage.begin(11), StreamMessage.insert(3, [.text("9")]),
            StreamMessage.insert(1, [.text("x"), .text("2")]), StreamMessage.commit(11),
        ])
        #expect(found == ["item": ["2"], "bag": []])
    }

    @Test func `a table whose rows have no key, or that was emptied, is not proved any more`() throws {
        let found = try Self.keys([
            Self.item, Self.bag, StreamMessage.begin(20), StreamMessage.insert(2, [.text("x"), .text("1")]),
            StreamMessage.commit(20),
        ])
        #expect(found == ["item": []])
        let emptied = try Self.keys([
            Self.item, StreamMessage.begin(20), StreamMessage.truncate([1]), StreamMessage.commit(20),
        ])
        #expect(emptied == ["bag": []])
        let before = try Self.keys([
            Self.item, StreamMessage.begin(9), StreamMessage.truncate([1]), StreamMessage.commit(9),
        ])
        #expect(before == ["item": [], "bag": []])
    }

    @Test func `more keys than the bound make their table unknown`() throws {
        var messages = [Self.item, StreamMessage.begin(20)]
        for number in 0...ChangedKeys.keysMax {
            messages.append(StreamMessage.insert(1, [.null, .text("\(number)")]))
        }
        #expect(try Self.keys(messages) == ["bag": []])
        #expect(try Self.keys(messages.dropLast()).count == 2)
    }
}
