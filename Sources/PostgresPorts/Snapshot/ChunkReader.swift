import Engine
import Journal
import Postgres
import Records

/// A connection whose transaction sees the rows of an exported snapshot. Another connection keeps the
/// snapshot, so it outlives this one.
final class ChunkReader: SnapshotReader {
    private let connection: PostgresConnection

    init(_ connection: consuming PostgresConnection) { self.connection = connection }

    func read(_ chunk: StoredChunk, columns: [Column], row: (RawSpan) throws -> Void) throws -> Int {
        let rows = try copyOut(chunk, columns, row)
        try checkUnchanged(chunk)
        return rows
    }

    /// Lends the rows of a chunk. A partition that was dropped since the snapshot does not exist under a
    /// later one.
    private func copyOut(_ chunk: StoredChunk, _ columns: [Column], _ row: (RawSpan) throws -> Void) throws
        -> Int
    {
        do {
            return try connection.copyOut(
                ChunkSQL.copyOut(chunk, columns: columns), doing: "copy out of \(chunk.leaf)", row: row)
        } catch let error as PostgresError where error.sqlState == "42P01" && chunk.leaf != chunk.table {
            throw TableRewritten(table: chunk.table)
        }
    }

    /// Throws if the table has another file than under the snapshot. The copy keeps its lock to the end of
    /// the transaction, so the file cannot change later.
    private func checkUnchanged(_ chunk: StoredChunk) throws {
        let isSame = try connection.query(
            // A partitioned table without partitions has no file.
            "select c.relfilenode = coalesce(pg_catalog.pg_relation_filenode(c.oid), 0) from "
                + "pg_catalog.pg_class c "
                + "where c.oid = $1::regclass", [chunk.leaf.quoted],
            doing: "read the file number of \(chunk.leaf)")
        guard isSame.scalar == "t" else { throw TableRewritten(table: chunk.table) }
    }

    func finish() throws { try connection.execute("commit", doing: "end the snapshot") }
}
