import Engine
import Journal
import Postgres
import Records

/// A connection that writes chunks, each in one transaction with its row in the metadata.
final class ChunkWriter: SnapshotWriter {
    private let connection: PostgresConnection
    private let uuid: String

    init(_ connection: consuming PostgresConnection, migration uuid: String) {
        self.connection = connection
        self.uuid = uuid
    }

    func copy(
        _ chunk: StoredChunk, columns: [Column],
        rows: (_ put: (RawSpan) throws -> Void) throws -> Void
    ) throws -> Int {
        try connection.execute("begin", doing: "copy \(chunk.table)")
        try connection.lockMetadataForCopy(migration: uuid)
        let count = try copyIn(chunk, columns, doing: "copy into \(chunk.table)", rows)
        // The chunk may be noted already: a commit can take effect although its answer was an error, as
        // between nodes of YugabyteDB.
        let isNew = try note(chunk, rows: count)
        try connection.execute(isNew ? "commit" : "rollback", doing: "copy \(chunk.table)")
        return count
    }

    func importFile(
        _ chunk: StoredChunk, columns: [Column], from path: String, prove: () throws -> Void,
        rows: (_ put: (RawSpan) throws -> Void) throws -> Void, check: (_ rows: Int) throws -> Void
    ) throws {
        try connection.execute("begin", doing: "import \(chunk.table)")
        try connection.lockMetadataForCopy(migration: uuid)
        if try note(chunk, rows: Int(chunk.rows ?? 0)) {
            try prove()
            try check(try copyIn(chunk, columns, doing: "copy \(path) into \(chunk.table)", rows))
        }
        try connection.execute("commit", doing: "import \(chunk.table)")
    }

    private func copyIn(
        _ chunk: StoredChunk, _ columns: [Column], doing: String,
        _ rows: (_ put: (RawSpan) throws -> Void) throws -> Void
    ) throws -> Int {
        try connection.startCopyIn(ChunkSQL.copyIn(chunk.table, columns: columns), doing: doing)
        try rows { bytes in try connection.putCopyData(bytes, doing: doing) }
        return try connection.endCopyIn(doing: doing)
    }

    /// Returns false if the chunk is noted already.
    private func note(_ chunk: StoredChunk, rows: Int) throws -> Bool {
        try connection.noteChunk(
            migration: uuid, file: ChunkSQL.fileName(chunk), number: chunk.number, table: chunk.table,
            rows: rows)
    }
}
