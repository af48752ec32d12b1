import Foundation
import Journal
import Postgres
import Records
import Synchronization

/// The chunks that wait for a lane; any lane takes the next one.
final class ChunkQueue: Sendable {
    private let waiting: Mutex<[StoredChunk]>
    private let closed = Atomic<Bool>(false)

    init(_ chunks: [StoredChunk]) {
        waiting = Mutex(Array(chunks.reversed()))
    }

    func next() -> StoredChunk? { waiting.withLock { $0.popLast() } }

    /// No lane takes another one; used when one of them failed.
    func close() {
        closed.store(true, ordering: .releasing)
        waiting.withLock { $0 = [] }
    }

    /// The chunks under way are of no use any more either.
    var isClosed: Bool { closed.load(ordering: .acquiring) }
}

/// A table was emptied or rewritten after the snapshot was taken and before its copy began. That is not undone for older
/// snapshots: the copy found no rows, or not those of the snapshot, and has to be made under a later one.
struct TableRewritten: Error, CustomStringConvertible {
    let table: QualifiedName

    var description: String {
        "\(table) was truncated or rewritten before its copy began; it is copied again under a later snapshot"
    }
}

/// One lane of the copy: a thread with a connection to read and one to write, or a file on either end.
actor ChunkLane {
    private nonisolated let thread: SessionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    /// After as much written to a file it is seen whether the disk has room for more.
    private static let lookBytes = 1 << 20
    private static let roomMicroseconds: UInt32 = 200_000

    private let context: RoleContext
    private let tables: [QualifiedName: Table]
    /// By the place in the list of the tables.
    private let numbers: [QualifiedName: Int]
    private let uuid: String

    init(number: Int, context: RoleContext, tables: [QualifiedName: Table], uuid: String) {
        thread = SessionThread(name: "copy \(number)")
        self.context = context
        self.tables = tables
        numbers = Dictionary(
            uniqueKeysWithValues: tables.keys.sorted().enumerated().map { ($0.element, $0.offset + 1) })
        self.uuid = uuid
    }

    /// Reads chunks under an exported snapshot, straight to the target where `toTarget`, else to files under `data/`.
    func export(_ queue: ChunkQueue, snapshot: String, toTarget: Bool) throws {
        do {
            let reader = try context.connect(.source, as: "snapshot")
            try reader.execute("begin isolation level repeatable read read only", doing: "begin the snapshot")
            try reader.execute(
                "set transaction snapshot \(quoteLiteral(snapshot))", doing: "take the snapshot")
            if toTarget {
                let writer = try context.connectWriter(.target, as: "snapshot")
                try writer.becomeReplica()
                while let chunk = queue.next() { try copyThrough(chunk, reader, writer, queue) }
            } else {
                while let chunk = queue.next() { try copyToFile(chunk, reader, queue) }
            }
            try reader.execute("commit", doing: "end the snapshot")
        } catch {
            queue.close()
            throw error
        }
    }

    /// Writes exported chunk files to the target.
    func importFiles(_ queue: ChunkQueue) throws {
        do {
            let writer = try context.connectWriter(.target, as: "snapshot")
            try writer.becomeReplica()
            while let chunk = queue.next() { try copyFromFile(chunk, writer) }
        } catch {
            queue.close()
            throw error
        }
    }

    private nonisolated func table(_ chunk: StoredChunk) throws -> Table {
        guard let table = tables[chunk.table] else {
            throw RequestRefused("table \(chunk.table) is not in the table list")
        }
        return table
    }

    private nonisolated func copyThrough(
        _ chunk: StoredChunk, _ reader: borrowing PostgresConnection, _ writer: borrowing PostgresConnection,
        _ queue: ChunkQueue
    ) throws {
        let table = try table(chunk)
        try writer.execute("begin", doing: "copy \(chunk.table)")
        try writer.holdCopy(migration: uuid)
        try writer.startCopyIn(ChunkSQL.copyIn(chunk.table, columns: table.sentColumns))
        try reader.copyOut(ChunkSQL.copyOut(chunk, columns: table.sentColumns)) { row in
            if context.stop.isRequested || queue.isClosed { throw CancellationError() }
            try writer.putCopyData(row)
        }
        let rows = try writer.endCopyIn()
        try checkUnchanged(chunk, reader)
        _ = try writer.noteChunk(
            migration: uuid, file: ChunkSQL.fileName(chunk), number: chunk.number, table: chunk.table,
            rows: rows)
        try writer.execute("commit", doing: "copy \(chunk.table)")
        try context.journal.chunkExported(chunk, rows: Int64(rows), filePath: nil, imported: true)
    }

    /// Sees that the copy has read the file the snapshot knows. The copy's lock stays to the end of the transaction, so
    /// that it cannot change later.
    private nonisolated func checkUnchanged(_ chunk: StoredChunk, _ reader: borrowing PostgresConnection)
        throws
    {
        let isSame = try reader.query(
            "select c.relfilenode = pg_catalog.pg_relation_filenode(c.oid) from pg_catalog.pg_class c "
                + "where c.oid = $1::regclass", [chunk.leaf.quoted],
            doing: "look at the file of \(chunk.leaf)")
        guard isSame.scalar == "t" else { throw TableRewritten(table: chunk.table) }
    }

    private nonisolated func copyToFile(
        _ chunk: StoredChunk, _ reader: borrowing PostgresConnection, _ queue: ChunkQueue
    ) throws {
        let table = try table(chunk)
        let path = ChunkFileName.path(chunk, tableNumber: numbers[chunk.table] ?? 0)
        try awaitRoom(queue)
        let file = try ChunkFile(creating: context.exportDirectory + "/" + path)
        var unlookedBytes = 0
        let rows = try reader.copyOut(ChunkSQL.copyOut(chunk, columns: table.sentColumns)) { row in
            if context.stop.isRequested || queue.isClosed { throw CancellationError() }
            try file.append(row)
            unlookedBytes += row.byteCount
            if unlookedBytes >= Self.lookBytes {
                unlookedBytes = 0
                try awaitRoom(queue)
            }
        }
        try checkUnchanged(chunk, reader)
        try file.finish()
        let contents = ChunkContents(
            columns: table.sentColumns.map(\.name), rows: Int64(rows), bytes: file.tally.bytes,
            crc32c: file.tally.crc32c)
        try context.journal.chunkExported(chunk, contents, filePath: path)
    }

    /// Holds this lane while the disk is nearly full; `SnapshotExport` says so meanwhile.
    private nonisolated func awaitRoom(_ queue: ChunkQueue) throws {
        while try context.record().diskLimits.shortage(context.exportDirectory) != nil {
            if context.stop.isRequested || queue.isClosed { throw CancellationError() }
            usleep(Self.roomMicroseconds)
        }
    }

    private nonisolated func copyFromFile(_ chunk: StoredChunk, _ writer: borrowing PostgresConnection) throws
    {
        let table = try table(chunk)
        guard let path = chunk.filePath else {
            throw RequestRefused("chunk \(chunk.number) of \(chunk.table) has no file")
        }
        try writer.execute("begin", doing: "import \(chunk.table)")
        try writer.holdCopy(migration: uuid)
        let isNew = try writer.noteChunk(
            migration: uuid, file: ChunkSQL.fileName(chunk), number: chunk.number, table: chunk.table,
            rows: Int(chunk.rows ?? 0))
        if isNew {
            try prove(chunk, table, at: path)
            try writer.startCopyIn(ChunkSQL.copyIn(chunk.table, columns: table.sentColumns))
            try ChunkFile.read(context.exportDirectory + "/" + path) { part in
                if context.stop.isRequested { throw CancellationError() }
                try writer.putCopyData(part)
            }
            let rows = try writer.endCopyIn()
            guard Int64(rows) == chunk.rows else {
                throw RequestRefused(
                    "\(path) holds \(rows) rows, \(chunk.rows ?? 0) were exported to it; the file was changed: begin again with "
                        + "`export data from source --start-clean true`")
            }
        }
        try writer.execute("commit", doing: "import \(chunk.table)")
        try context.journal.chunkImported(chunk)
    }

    /// Throws where the file is not the one that was written for the chunk. It reads the file before the copy does, so that the
    /// server never sees rows of another table.
    private nonisolated func prove(_ chunk: StoredChunk, _ table: Table, at path: String) throws {
        guard chunk.contents != nil else { return }
        var found = ChunkFile.Tally()
        try ChunkFile.read(context.exportDirectory + "/" + path) { part in
            if context.stop.isRequested { throw CancellationError() }
            found.add(part)
        }
        let refusal = try ChunkProof.refusal(
            of: chunk, found: found, columns: table.sentColumns.map(\.name),
            among: context.journal.chunks)
        if let refusal { throw RequestRefused(refusal) }
    }
}
