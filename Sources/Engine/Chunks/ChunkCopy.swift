import Foundation
import Journal
import Postgres
import Records

/// The copy of one chunk: from the source to the target, from the source to a file, or from a file to the
/// target.
struct ChunkCopy: Sendable {
    let context: RoleContext
    let queue: ChunkQueue
    let tables: [QualifiedName: Table]
    let uuid: String
    /// Number of each table in the list of the migration.
    private let numbers: [QualifiedName: Int]

    /// Bytes written to a file between two checks of the free disk space.
    private static let spaceCheckBytes = 1 << 20
    private static let spacePollMicroseconds: UInt32 = 200_000

    init(context: RoleContext, queue: ChunkQueue, tables: [QualifiedName: Table], uuid: String) {
        self.context = context
        self.queue = queue
        self.tables = tables
        self.uuid = uuid
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
    func copy(
        _ chunk: StoredChunk, _ reader: borrowing PostgresConnection,
        to writer: borrowing PostgresConnection
    ) throws {
        let table = try table(chunk)
        try writer.execute("begin", doing: "copy \(chunk.table)")
        try writer.lockMetadataForCopy(migration: uuid)
        let into = "copy into \(chunk.table)"
        try writer.startCopyIn(ChunkSQL.copyIn(chunk.table, columns: table.sentColumns), doing: into)
        try readRows(of: chunk, table, reader) { row in
            try queue.check(context.stop)
            try writer.putCopyData(row, doing: into)
        }
        let rows = try writer.endCopyIn(doing: into)
        try checkUnchanged(chunk, reader)
        let isNew = try writer.noteChunk(
            migration: uuid, file: ChunkSQL.fileName(chunk), number: chunk.number, table: chunk.table,
            rows: rows)
        // The chunk may be noted already: a commit can take effect although its answer was an error, as
        // between nodes of YugabyteDB.
        try writer.execute(isNew ? "commit" : "rollback", doing: "copy \(chunk.table)")
        try context.journal.chunkExported(chunk, rows: Int64(rows), filePath: nil, imported: true)
    }

    /// Lends the rows of a chunk. A partition that was dropped since the snapshot does not exist under a
    /// later one.
    @discardableResult
    private func readRows(
        of chunk: StoredChunk, _ table: Table, _ reader: borrowing PostgresConnection,
        _ row: (RawSpan) throws -> Void
    ) throws -> Int {
        do {
            return try reader.copyOut(
                ChunkSQL.copyOut(chunk, columns: table.sentColumns), doing: "copy out of \(chunk.leaf)",
                row: row)
        } catch let error as PostgresError where error.sqlState == "42P01" && chunk.leaf != chunk.table {
            throw TableRewritten(table: chunk.table)
        }
    }

    /// Throws if the table has another file than under the snapshot. The copy keeps its lock to the end of
    /// the transaction, so the file cannot change later.
    private func checkUnchanged(_ chunk: StoredChunk, _ reader: borrowing PostgresConnection)
        throws
    {
        let isSame = try reader.query(
            // A partitioned table without partitions has no file.
            "select c.relfilenode = coalesce(pg_catalog.pg_relation_filenode(c.oid), 0) from "
                + "pg_catalog.pg_class c "
                + "where c.oid = $1::regclass", [chunk.leaf.quoted],
            doing: "read the file number of \(chunk.leaf)")
        guard isSame.scalar == "t" else { throw TableRewritten(table: chunk.table) }
    }

    /// Copies a chunk from the source to a file.
    func export(_ chunk: StoredChunk, _ reader: borrowing PostgresConnection) throws {
        let table = try table(chunk)
        let path = ChunkFileName.path(chunk, tableNumber: numbers[chunk.table] ?? 0)
        try awaitRoom()
        let file = try ChunkFile(creating: context.exportDirectory + "/" + path)
        var uncheckedBytes = 0
        let rows = try readRows(of: chunk, table, reader) { row in
            try queue.check(context.stop)
            try file.append(row)
            uncheckedBytes += row.byteCount
            if uncheckedBytes >= Self.spaceCheckBytes {
                uncheckedBytes = 0
                try awaitRoom()
            }
        }
        try checkUnchanged(chunk, reader)
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
    func importFile(_ chunk: StoredChunk, _ writer: borrowing PostgresConnection) throws {
        let table = try table(chunk)
        guard let path = chunk.filePath else {
            throw RequestRefused("chunk \(chunk.number) of \(chunk.table) has no file")
        }
        try writer.execute("begin", doing: "import \(chunk.table)")
        try writer.lockMetadataForCopy(migration: uuid)
        let isNew = try writer.noteChunk(
            migration: uuid, file: ChunkSQL.fileName(chunk), number: chunk.number, table: chunk.table,
            rows: Int(chunk.rows ?? 0))
        if isNew {
            try prove(chunk, table, at: path)
            let into = "copy \(path) into \(chunk.table)"
            try writer.startCopyIn(ChunkSQL.copyIn(chunk.table, columns: table.sentColumns), doing: into)
            try ChunkFile.read(context.exportDirectory + "/" + path) { part in
                try queue.check(context.stop)
                try writer.putCopyData(part, doing: into)
            }
            let rows = try writer.endCopyIn(doing: into)
            guard Int64(rows) == chunk.rows else {
                throw RequestRefused(
                    "\(path) contains \(rows) rows, \(chunk.rows ?? 0) were exported to it; the file was "
                        + "changed: begin again with `export data from source --start-clean true`")
            }
        }
        try writer.execute("commit", doing: "import \(chunk.table)")
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
