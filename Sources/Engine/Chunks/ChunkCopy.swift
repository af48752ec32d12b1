import Foundation
import Journal
import Records

/// The copy of one chunk: from the source to the target, from the source to a file, or from a file to the
/// target.
struct ChunkCopy: Sendable {
    let context: RoleContext
    let queue: ChunkQueue
    let tables: [QualifiedName: Table]
    /// Number of each table in the list of the migration.
    private let numbers: [QualifiedName: Int]

    /// Bytes written to a file between two checks of the free disk space.
    private static let spaceCheckBytes = 1 << 20
    private static let spacePollMicroseconds: UInt32 = 200_000

    init(context: RoleContext, queue: ChunkQueue, tables: [QualifiedName: Table]) {
        self.context = context
        self.queue = queue
        self.tables = tables
        numbers = Dictionary(
            uniqueKeysWithValues: tables.keys.sorted().enumerated().map { ($0.element, $0.offset + 1) })
    }

    private func table(_ chunk: StoredChunk) throws -> Table {
        guard let table = tables[chunk.table] else {
            throw RequestRefused("table \(chunk.table) is not in the table list")
        }
        return table
    }

    /// Copies a chunk from the source to the target, in one transaction there.
    func copy(_ chunk: StoredChunk, _ reader: any SnapshotReader, to writer: any SnapshotWriter) throws {
        let columns = try table(chunk).sentColumns
        let rows = try writer.copy(chunk, columns: columns) { put in
            _ = try reader.read(chunk, columns: columns) { row in
                try queue.check(context.stop)
                try put(row)
            }
        }
        try context.journal.chunkExported(chunk, rows: Int64(rows), filePath: nil, imported: true)
    }

    /// Copies a chunk from the source to a file.
    func export(_ chunk: StoredChunk, _ reader: any SnapshotReader) throws {
        let table = try table(chunk)
        let path = ChunkFileName.path(chunk, tableNumber: numbers[chunk.table] ?? 0)
        try awaitRoom()
        let file = try ChunkFile(creating: context.exportDirectory + "/" + path)
        var uncheckedBytes = 0
        let rows = try reader.read(chunk, columns: table.sentColumns) { row in
            try queue.check(context.stop)
            try file.append(row)
            uncheckedBytes += row.byteCount
            if uncheckedBytes >= Self.spaceCheckBytes {
                uncheckedBytes = 0
                try awaitRoom()
            }
        }
        try file.finish()
        let contents = ChunkContents(
            columns: table.sentColumns.map(\.name), rows: Int64(rows), bytes: file.tally.bytes,
            crc32c: file.tally.crc32c)
        try context.journal.chunkExported(chunk, contents, filePath: path)
    }

    /// Waits while the disk is nearly full; `SnapshotExport` shows it meanwhile.
    private func awaitRoom() throws {
        while try context.record().diskLimits.shortage(context.exportDirectory) != nil {
            try queue.check(context.stop)
            usleep(Self.spacePollMicroseconds)
        }
    }

    /// Copies a chunk from its file to the target, in one transaction there.
    func importFile(_ chunk: StoredChunk, _ writer: any SnapshotWriter) throws {
        let table = try table(chunk)
        guard let path = chunk.filePath else {
            throw RequestRefused("chunk \(chunk.number) of \(chunk.table) has no file")
        }
        try writer.importFile(chunk, columns: table.sentColumns, from: path) {
            try prove(chunk, table, at: path)
        } rows: { put in
            try ChunkFile.read(context.exportDirectory + "/" + path) { part in
                try queue.check(context.stop)
                try put(part)
            }
        } check: { rows in
            guard Int64(rows) == chunk.rows else {
                throw RequestRefused(
                    "\(path) contains \(rows) rows, \(chunk.rows ?? 0) were exported to it; the file was "
                        + "changed: begin again with `export data from source --start-clean true`")
            }
        }
        try context.journal.chunkImported(chunk)
    }

    /// Throws if the file is not the one that was written for the chunk. It reads the file before the copy
    /// does, so the server never gets rows of another table.
    private func prove(_ chunk: StoredChunk, _ table: Table, at path: String) throws {
        guard chunk.contents != nil else {
            if let refusal = ChunkProof.refusalOfShared(path, by: try context.journal.chunks()) {
                throw RequestRefused(refusal)
            }
            return
        }
        var found = ChunkFile.Tally()
        try ChunkFile.read(context.exportDirectory + "/" + path) { part in
            try context.stop.check()
            found.add(part)
        }
        let refusal = try ChunkProof.refusal(
            of: chunk, found: found, columns: table.sentColumns.map(\.name),
            among: context.journal.chunks)
        if let refusal { throw RequestRefused(refusal) }
    }
}
