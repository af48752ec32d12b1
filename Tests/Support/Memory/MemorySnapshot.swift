import Engine
import Journal
import Records

/// The start of a snapshot of a memory server.
final class MemorySnapshotStart: SnapshotStartSession {
    private let origin: MemoryOrigin
    private var published: [QualifiedName] = []

    init(_ origin: MemoryOrigin) { self.origin = origin }

    var place: String { origin.server.place }
    var user: String { "memory" }

    func tables(inSchemas schemas: [String]) throws -> [Table] {
        origin.server.allTables.filter { schemas.contains($0.name.schema.text) }
    }

    func otherRelations(inSchemas schemas: [String]) throws -> [OtherRelation] { [] }

    func identities(of tables: [QualifiedName]) throws -> [TableIdentity] {
        origin.server.allTables.filter { tables.contains($0.name) }.map {
            TableIdentity(table: RowIdentity(name: $0.name, kind: .columns($0.primaryKey)))
        }
    }

    func filteredTables(among tables: [Table]) throws -> [QualifiedName] { [] }

    func uncarriedObjects(of tables: [QualifiedName]) throws -> [UncarriedObject] { [] }

    func isPublished() throws -> Bool {
        let name = origin.leg.publicationName
        return origin.server.with { $0.publications[name] != nil }
    }

    func carriesMessages() throws -> Bool { true }

    func publish(_ tables: [QualifiedName], withBarrierRows: Bool) throws {
        _ = try origin.keepChanges(of: tables, for: origin.leg)
    }

    func checkContinuity() throws {
        _ = try OriginCheck(context: origin.context, leg: origin.leg).check(
            nil, at: place, received: .zero, switches: { _ in [] })
    }

    func createFirstSnapshot(waiting: ([String]) -> Void) throws -> any OriginSnapshot {
        try snapshot(beginsSlot: true)
    }

    func createLaterSnapshot(waiting: ([String]) -> Void) throws -> any OriginSnapshot {
        try snapshot(beginsSlot: false)
    }

    private func snapshot(beginsSlot: Bool) throws -> MemorySnapshot {
        let name = origin.leg.slotName
        return try origin.server.with { state in
            if beginsSlot { state.slots[name] = MemorySlot(confirmed: state.end) }
            return MemorySnapshot(position: try state.endPosition(), rows: MemoryRows(tables: state.tables))
        }
    }

    func catalog(inSchemas schemas: [String]) throws -> (catalog: OriginCatalog, oldest: UInt32)? { nil }

    func plan(_ body: () throws -> Void) throws { try body() }

    /// A page has one row.
    func pages(of leaf: QualifiedName) throws -> Int { origin.server.rows(of: leaf).count }
}

/// The rows of a memory server at one position.
final class MemorySnapshot: OriginSnapshot, Sendable {
    let position: LogPosition
    private let rows: MemoryRows

    init(position: LogPosition, rows: MemoryRows) {
        self.position = position
        self.rows = rows
    }

    var shared: (any SharedSnapshot)? { rows }
}

struct MemoryRows: SharedSnapshot {
    let tables: [QualifiedName: MemoryTable]

    func reader() throws -> any SnapshotReader { MemoryReader(tables: tables) }
}

final class MemoryReader: SnapshotReader {
    private let tables: [QualifiedName: MemoryTable]

    init(tables: [QualifiedName: MemoryTable]) { self.tables = tables }

    func read(_ chunk: StoredChunk, columns: [Column], row: (RawSpan) throws -> Void) throws -> Int {
        guard let table = tables[chunk.leaf] else { throw TableRewritten(table: chunk.table) }
        let rows = table.sorted
        let end = min(rows.count, chunk.endPage ?? rows.count)
        let places = columns.compactMap { column in
            table.table.columns.firstIndex { $0.name == column.name }
        }
        for values in rows[min(chunk.firstPage, end)..<end] {
            try lend(MemoryRowText.line(places.map { values[$0] }), to: row)
        }
        return end - min(chunk.firstPage, end)
    }

    func finish() throws {}
}

/// Rows in PostgreSQL's text COPY format.
enum MemoryRowText {
    static func line(_ values: [String?]) -> [UInt8] {
        let fields = values.map { value in
            guard let value else { return "\\N" }
            return value.unicodeScalars.map { scalar in
                switch scalar {
                case "\\": "\\\\"
                case "\t": "\\t"
                case "\n": "\\n"
                default: String(scalar)
                }
            }.joined()
        }
        return Array((fields.joined(separator: "\t") + "\n").utf8)
    }

    static func rows(_ bytes: [UInt8]) -> [[String?]] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false).map { field in
                    field == "\\N" ? nil : value(field)
                }
            }
    }

    private static func value(_ field: Substring) -> String {
        var text = ""
        var rest = field.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let escaped = rest.popFirst() else {
                text.unicodeScalars.append(scalar)
                continue
            }
            text.unicodeScalars.append(escaped == "t" ? "\t" : escaped == "n" ? "\n" : escaped)
        }
        return text
    }
}
