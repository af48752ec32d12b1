import Foundation
import Journal
import Postgres
import Records

/// A table was emptied or rewritten after the snapshot was taken and before its copy began. That is not undone for older
/// snapshots: the copy found no rows, or not those of the snapshot, and has to be made under a later one.
struct TableRewritten: Error, CustomStringConvertible {
    let table: QualifiedName

    var description: String {
        "\(table) was truncated, rewritten, or lost a partition before its copy began; it is copied again under a later snapshot"
    }
}

/// The exported snapshot is gone: the connection that kept it was lost. The copy begins again under a later one.
struct SnapshotLost: Error, CustomStringConvertible {
    let cause: PostgresError

    var description: String { "the snapshot is gone with the connection that kept it: \(cause)" }
}

/// One lane of the copy: a thread with a connection to read and one to write, or a file on either end.
actor CopyJob {
    private nonisolated let thread: SessionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    /// After as much written to a file it is seen whether the disk has room for more.
    private static let lookBytes = 1 << 20
    private static let roomMicroseconds: UInt32 = 200_000
    private static let pauseMicroseconds: UInt32 = 20_000

    private let number: Int
    private let context: RoleContext
    private let tables: [QualifiedName: Table]
    /// By the place in the list of the tables.
    private let numbers: [QualifiedName: Int]
    private let uuid: String

    init(number: Int, context: RoleContext, tables: [QualifiedName: Table], uuid: String) {
        thread = SessionThread(name: "copy \(number)")
        self.number = number
        self.context = context
        self.tables = tables
        numbers = Dictionary(
            uniqueKeysWithValues: tables.keys.sorted().enumerated().map { ($0.element, $0.offset + 1) })
        self.uuid = uuid
    }

    /// Reads chunks under an exported snapshot, straight to the target where `toTarget`, else to files under `data/`.
    ///
    /// The snapshot lives on another connection. So a chunk whose statement was cancelled, say, is copied again under the
    /// same one.
    func export(_ queue: ChunkQueue, snapshot: String, toTarget: Bool) throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        var work = LaneWork()
        while true {
            do {
                let reader = try reader(of: snapshot)
                if toTarget {
                    let writer = try writer()
                    try goThrough(queue, &work) { try copyThrough($0, reader, writer, queue) }
                } else {
                    try goThrough(queue, &work) { try copyToFile($0, reader, queue) }
                }
                try reader.execute("commit", doing: "end the snapshot")
                return
            } catch {
                do { try pause(after: error, &patience, queue, done: work.done) } catch {
                    queue.close(because: error)
                    throw error
                }
            }
        }
    }

    /// The chunk a lane is at, and how many it has copied.
    private struct LaneWork {
        var chunk: StoredChunk?
        var done: UInt64 = 0
    }

    private func goThrough(_ queue: ChunkQueue, _ work: inout LaneWork, _ copy: (StoredChunk) throws -> Void)
        throws
    {
        while let chunk = work.chunk ?? queue.next() {
            work.chunk = chunk
            try copy(chunk)
            work.chunk = nil
            work.done += 1
            queue.noteRetry(lane: number, nil)
        }
    }

    /// Waits where the chunk may be copied again under the same snapshot; throws where not.
    private func pause(
        after error: any Error, _ patience: inout Patience, _ queue: ChunkQueue, done: UInt64
    ) throws {
        switch condition(of: error) {
        // Where a server was lost its snapshots were, too.
        case .connectionLost, .snapshotGone, .final: throw error
        case .conflict, .cancelled, .readOnly, .outOfResources, .inputOutput, .inUse: break
        }
        switch patience.judge(error, progress: done) {
        case .over(let error): throw error
        case .again(let milliseconds, let isFirst):
            queue.noteRetry(lane: number, "\(error)")
            if isFirst { context.log(.warning, "capture", "\(error); the chunk is copied again") }
            let until = monotonicSeconds() + Double(milliseconds) / 1000
            while monotonicSeconds() < until {
                try queue.check(context.stop)
                usleep(Self.pauseMicroseconds)
            }
        }
    }

    private func reader(of snapshot: String) throws -> PostgresConnection {
        let reader = try context.connect(.source, as: "snapshot")
        try reader.execute("begin isolation level repeatable read read only", doing: "begin the snapshot")
        do {
            try reader.execute(
                "set transaction snapshot \(quoteLiteral(snapshot))", doing: "take the snapshot")
        } catch {
            guard error.condition.isPassing else { throw SnapshotLost(cause: error) }
            throw error
        }
        return reader
    }

    private func writer() throws -> PostgresConnection {
        let writer = try context.connectWriter(.target, as: "snapshot")
        try writer.becomeReplica()
        return writer
    }

    /// Writes exported chunk files to the target.
    func importFiles(_ queue: ChunkQueue) throws {
        do {
            let writer = try writer()
            while let chunk = queue.next() { try copyFromFile(chunk, writer, queue) }
        } catch {
            queue.close(because: error)
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
        // A commit may take effect although its answer was an error, as between nodes of YugabyteDB: the rows are there then.
        try writer.execute(isNew ? "commit" : "rollback", doing: "copy \(chunk.table)")
        try context.journal.chunkExported(chunk, rows: Int64(rows), filePath: nil, imported: true)
    }

    /// Lends the rows of a chunk. A leaf that was dropped since the snapshot is none of the table's under a later one.
    @discardableResult
    private nonisolated func readRows(
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

    /// Sees that the copy has read the file the snapshot knows. The copy's lock stays to the end of the transaction, so
    /// that it cannot change later.
    private nonisolated func checkUnchanged(_ chunk: StoredChunk, _ reader: borrowing PostgresConnection)
        throws
    {
        let isSame = try reader.query(
            // A partitioned table without partitions has no file.
            "select c.relfilenode = coalesce(pg_catalog.pg_relation_filenode(c.oid), 0) from pg_catalog.pg_class c "
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
        let rows = try readRows(of: chunk, table, reader) { row in
            try queue.check(context.stop)
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
            try queue.check(context.stop)
            usleep(Self.roomMicroseconds)
        }
    }

    private nonisolated func copyFromFile(
        _ chunk: StoredChunk, _ writer: borrowing PostgresConnection, _ queue: ChunkQueue
    ) throws {
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
