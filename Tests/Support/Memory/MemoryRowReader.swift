import Engine
import Records

/// The reader of a memory server's rows. A row's version is its text, because the server keeps no versions.
final class MemoryRowReader: RowReader {
    private let side: MemorySide

    init(_ side: MemorySide) { self.side = side }

    var place: String { side.server.place }

    func findsRanges(of table: Table) throws -> Bool { !table.primaryKey.isEmpty }

    func logEnd() throws -> LogPosition? { try side.server.with { try $0.endPosition() } }

    func channels() throws -> [Channel] {
        let uuid = try side.context.record().uuid
        return side.server.with { state in
            (state.migrations[uuid]?.channels.values).map { $0.sorted { $0.number < $1.number } } ?? []
        }
    }

    func committing(to table: Table) throws -> Set<String> {
        side.server.with { state in
            state.committingAsked += 1
            return state.unseen.contains { $0.table == table.name } ? ["unseen"] : []
        }
    }

    func findsKeys(of table: Table) throws -> Bool { !table.primaryKey.isEmpty }

    private func all(_ table: VerifiedTable) -> [(key: RowKey, values: [String?])] {
        let key = MemoryTable(table: table.table)
        return side.server.rows(of: table.table.name).map { row in
            (RowKey(key.key(row).map { $0 ?? "" }), row)
        }.sorted { $0.key < $1.key }
    }

    private func rows(of table: VerifiedTable, within range: RowRange) -> [(key: RowKey, values: [String?])] {
        all(table).filter { row in
            (range.after.map { $0 < row.key } ?? true) && (range.through.map { row.key <= $0 } ?? true)
                && (range.bucket.map { Self.bucket(row.key, of: $0.count) == $0.number } ?? true)
        }
    }

    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func bucket(_ key: RowKey, of count: Int) -> Int {
        Int(hash("\(key.values)") % UInt64(count))
    }

    private static func digest(_ rows: [[String?]]) -> RowDigest {
        RowDigest(rows: Int64(rows.count), sum: "\(rows.reduce(UInt64(0)) { $0 &+ hash("\($1)") })")
    }

    func key(of table: VerifiedTable, after key: RowKey?, rows: Int) throws -> RowKey? {
        let found = self.rows(of: table, within: RowRange(after: key))
        return found.count >= rows ? found[rows - 1].key : nil
    }

    func digests(of table: VerifiedTable, in range: RowRange, buckets: Int) throws -> [Int: RowDigest] {
        side.server.reading()
        let found = rows(of: table, within: range)
        return Dictionary(grouping: found) { Self.bucket($0.key, of: buckets) }.mapValues {
            Self.digest($0.map(\.values))
        }
    }

    func rows(of table: VerifiedTable, in range: RowRange) throws -> [ReadRow] {
        rows(of: table, within: range).map(Self.read)
    }

    func rows(of table: VerifiedTable, keys: [RowKey]) throws -> [ReadRow] {
        let wanted = Set(keys)
        return all(table).filter { wanted.contains($0.key) }.map(Self.read)
    }

    private static func read(_ row: (key: RowKey, values: [String?])) -> ReadRow {
        ReadRow(key: row.key, digest: digest([row.values]), version: "\(row.values)")
    }

    func values(of table: VerifiedTable, keys: [RowKey]) throws -> [RowKey: [String?]] {
        let wanted = Set(keys)
        return Dictionary(
            uniqueKeysWithValues: all(table).filter { wanted.contains($0.key) }.map { ($0.key, $0.values) })
    }

    /// A memory server takes no SQL.
    func repair(_ difference: RowDifference, of table: VerifiedTable) -> [String] { [] }
}
