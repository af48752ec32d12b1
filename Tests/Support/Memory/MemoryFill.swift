import Engine
import Journal
import Records

/// The preparation of a memory server for the rows of a snapshot.
final class MemoryFillStart: FillStartSession {
    private let destination: MemoryDestination

    init(_ destination: MemoryDestination) { self.destination = destination }

    private var server: MemoryServer { destination.server }
    var place: String { server.place }

    func suppressTriggers(on tables: [QualifiedName]) throws {}
    func createMetadata() throws { try destination.createMetadata() }

    func otherMigration() throws -> String? {
        let uuid = try destination.context.record().uuid
        return server.with { $0.migrations.keys.first { $0 != uuid } }
    }

    func tables(inSchemas schemas: [String]) throws -> [Table] {
        server.allTables.filter { schemas.contains($0.name.schema.text) }
    }

    func unloggedTables(among names: [QualifiedName]) throws -> [QualifiedName] { [] }

    func tablesFilledByOthers(among tables: [Table]) throws -> [QualifiedName] {
        let uuid = try destination.context.record().uuid
        return server.with { state in
            let chunks = state.migrations[uuid]?.chunks ?? []
            return tables.map(\.name).filter { name in
                state.tables[name]?.sorted.isEmpty == false && !chunks.contains { $0.table == name }
            }
        }
    }

    func hasChunks(of table: QualifiedName) throws -> Bool {
        let uuid = try destination.context.record().uuid
        return server.with { $0.migrations[uuid]?.chunks.contains { $0.table == table } ?? false }
    }

    func hasOlderChunks(than chunk: StoredChunk) throws -> Bool {
        let uuid = try destination.context.record().uuid
        return server.with { state in
            state.migrations[uuid]?.chunks.contains {
                $0.table == chunk.table && $0.generation != chunk.generation
            } ?? false
        }
    }

    func clear(_ table: QualifiedName) throws {
        let uuid = try destination.context.record().uuid
        server.with { state in
            state.tables[table]?.clear()
            let chunks = state.migrations[uuid]?.chunks ?? []
            state.migrations[uuid]?.chunks = chunks.filter { $0.table != table }
        }
    }
}

/// A chunk that a memory server has taken.
struct MemoryChunk: Hashable, Sendable {
    let table: QualifiedName
    let generation: Int
    let number: Int

    init(_ chunk: StoredChunk) {
        table = chunk.table
        generation = chunk.generation
        number = chunk.number
    }
}

/// The writer of a snapshot's rows to a memory server.
final class MemorySnapshotWriter: SnapshotWriter {
    private let server: MemoryServer
    private let uuid: String

    init(_ server: MemoryServer, uuid: String) {
        self.server = server
        self.uuid = uuid
    }

    func copy(
        _ chunk: StoredChunk, columns: [Column], rows: (_ put: (RawSpan) throws -> Void) throws -> Void
    ) throws -> Int {
        let found = try gather(rows)
        try write(found, chunk)
        return found.count
    }

    func importFile(
        _ chunk: StoredChunk, columns: [Column], from path: String, prove: () throws -> Void,
        rows: (_ put: (RawSpan) throws -> Void) throws -> Void, check: (_ rows: Int) throws -> Void
    ) throws {
        let uuid = uuid
        guard !server.with({ $0.migrations[uuid]?.chunks.contains(MemoryChunk(chunk)) ?? false }) else {
            return
        }
        try prove()
        let found = try gather(rows)
        try check(found.count)
        try write(found, chunk)
    }

    private func gather(_ rows: (_ put: (RawSpan) throws -> Void) throws -> Void) rethrows -> [[String?]] {
        var bytes: [UInt8] = []
        // Sound: the bytes are copied within the call.
        try rows { part in unsafe part.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) } }
        return MemoryRowText.rows(bytes)
    }

    /// Writes the rows and the note of the chunk in one step, unless it is noted already.
    private func write(_ rows: [[String?]], _ chunk: StoredChunk) throws {
        let uuid = uuid
        try server.with { state in
            guard state.migrations[uuid]?.chunks.contains(MemoryChunk(chunk)) == false else { return }
            try state.apply(rows.map { .insert(chunk.table, $0) })
            state.migrations[uuid]?.chunks.insert(MemoryChunk(chunk))
        }
    }
}
