import Foundation
import GRDB
import Records

/// Contents of a chunk's file.
package struct ChunkContents: Sendable, Equatable {
    /// The columns in the order of their values in a line.
    package let columns: [Identifier]
    package let rows: Int64
    package let bytes: Int64
    package let crc32c: UInt32

    package init(columns: [Identifier], rows: Int64, bytes: Int64, crc32c: UInt32) {
        self.columns = columns
        self.rows = rows
        self.bytes = bytes
        self.crc32c = crc32c
    }
}

/// A chunk: a range of pages of one table that is copied in one transaction.
package struct StoredChunk: Sendable, Equatable {
    package let table: QualifiedName
    package let generation: Int
    package let number: Int
    package let leaf: QualifiedName
    package let firstPage: Int
    /// Exclusive; nil for the last chunk, which has all pages from `firstPage` on.
    package let endPage: Int?
    package let rows: Int64?
    /// Relative to the export directory; nil if the rows were copied without a file.
    package let filePath: String?
    /// Nil if there is no file, or an earlier version wrote it.
    package let contents: ChunkContents?
    package let isExported: Bool
    package let isImported: Bool

    package init(
        table: QualifiedName, generation: Int, number: Int, leaf: QualifiedName, firstPage: Int,
        endPage: Int?,
        rows: Int64? = nil, filePath: String? = nil, contents: ChunkContents? = nil, isExported: Bool = false,
        isImported: Bool = false
    ) {
        self.table = table
        self.generation = generation
        self.number = number
        self.leaf = leaf
        self.firstPage = firstPage
        self.endPage = endPage
        self.rows = rows
        self.filePath = filePath
        self.contents = contents
        self.isExported = isExported
        self.isImported = isImported
    }
}

extension Journal {
    /// Begins the copy of a table again: the next generation with its chunks, under the snapshot at
    /// `snapshotLSN`.
    package func planCopy(
        of table: QualifiedName, generation: Int, snapshotLSN: LogPosition, chunks: [StoredChunk]
    )
        throws
    {
        try write("plan the copy of \(table)") { database in
            try database.execute(
                sql: "delete from chunk where schema_name = ? and table_name = ?",
                arguments: [table.schema.text, table.name.text])
            for chunk in chunks {
                try database.execute(
                    sql: """
                        insert into chunk
                            (schema_name, table_name, generation, chunk_no, leaf_json, first_page, end_page)
                        values (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        table.schema.text, table.name.text, generation, chunk.number,
                        String(decoding: try JSONEncoder().encode(chunk.leaf), as: UTF8.self),
                        chunk.firstPage,
                        chunk.endPage,
                    ])
            }
            try database.execute(
                sql: """
                    update migrated_table
                       set generation = ?, snapshot_lsn = ?, exported_rows = 0, is_exported = 0,
                           imported_rows = 0, is_imported = 0
                     where schema_name = ? and table_name = ?
                    """,
                arguments: [
                    generation, Int64(bitPattern: snapshotLSN.number), table.schema.text, table.name.text,
                ])
        }
    }

    package func chunks() throws -> [StoredChunk] {
        try read("read the chunks") { database in
            try Row.fetchAll(
                database, sql: "select * from chunk order by schema_name, table_name, generation, chunk_no"
            ).map { row in
                StoredChunk(
                    table: QualifiedName(
                        schema: row["schema_name"] as String, name: row["table_name"] as String),
                    generation: row["generation"], number: row["chunk_no"],
                    leaf: try JSONDecoder().decode(
                        QualifiedName.self, from: Data((row["leaf_json"] as String).utf8)),
                    firstPage: row["first_page"], endPage: row["end_page"], rows: row["rows"],
                    filePath: row["file_path"], contents: try Self.contents(row),
                    isExported: row["is_exported"], isImported: row["is_imported"]
                )
            }
        }
    }

    private static func contents(_ row: Row) throws -> ChunkContents? {
        guard let columns = row["columns_json"] as String?, let rows = row["rows"] as Int64?,
            let bytes = row["file_bytes"] as Int64?, let crc32c = row["file_crc32c"] as Int64?
        else { return nil }
        return ChunkContents(
            columns: try JSONDecoder().decode([Identifier].self, from: Data(columns.utf8)), rows: rows,
            bytes: bytes, crc32c: UInt32(truncatingIfNeeded: crc32c))
    }

    /// Notes a chunk as exported to a file.
    package func chunkExported(_ chunk: StoredChunk, _ contents: ChunkContents, filePath: String) throws {
        try write("note an exported chunk") { database in
            let columns = String(decoding: try JSONEncoder().encode(contents.columns), as: UTF8.self)
            try database.execute(
                sql: """
                    update chunk set rows = ?, file_path = ?, columns_json = ?, file_bytes = ?,
                           file_crc32c = ?, is_exported = 1, is_imported = 0
                     where schema_name = ? and table_name = ? and generation = ? and chunk_no = ?
                    """,
                arguments: [
                    contents.rows, filePath, columns, contents.bytes, Int64(contents.crc32c),
                    chunk.table.schema.text, chunk.table.name.text, chunk.generation, chunk.number,
                ])
            try Self.foldChunks(of: chunk.table, database)
        }
    }

    /// Notes a chunk as exported; also as imported, if its rows were copied without a file.
    package func chunkExported(_ chunk: StoredChunk, rows: Int64, filePath: String?, imported: Bool) throws {
        try write("note an exported chunk") { database in
            try database.execute(
                sql: """
                    update chunk set rows = ?, file_path = ?, is_exported = 1, is_imported = ?
                     where schema_name = ? and table_name = ? and generation = ? and chunk_no = ?
                    """,
                arguments: [
                    rows, filePath, imported, chunk.table.schema.text, chunk.table.name.text,
                    chunk.generation,
                    chunk.number,
                ])
            try Self.foldChunks(of: chunk.table, database)
        }
    }

    package func chunkImported(_ chunk: StoredChunk) throws {
        try write("note an imported chunk") { database in
            try database.execute(
                sql: """
                    update chunk set is_imported = 1
                     where schema_name = ? and table_name = ? and generation = ? and chunk_no = ?
                    """,
                arguments: [chunk.table.schema.text, chunk.table.name.text, chunk.generation, chunk.number])
            try Self.foldChunks(of: chunk.table, database)
        }
    }

    private static func foldChunks(of table: QualifiedName, _ database: Database) throws {
        try database.execute(
            sql: """
                update migrated_table as t
                   set exported_rows = c.exported, imported_rows = c.imported,
                       is_exported = c.all_exported, is_imported = c.all_imported
                  from (select coalesce(sum(rows) filter (where is_exported), 0) exported,
                               coalesce(sum(rows) filter (where is_imported), 0) imported,
                               min(is_exported) all_exported, min(is_imported) all_imported
                          from chunk where schema_name = ?1 and table_name = ?2) c
                 where t.schema_name = ?1 and t.table_name = ?2
                """, arguments: [table.schema.text, table.name.text])
    }
}
