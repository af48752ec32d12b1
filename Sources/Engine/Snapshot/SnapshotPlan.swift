import Journal
import Records

/// The plan of the copy: which tables, in which chunks.
package enum SnapshotPlan {
    /// Pages of a chunk: 32 MiB, so that a lost chunk costs little and a transaction stays short.
    static let chunkPagesMax = 4096

    /// Returns the tables that the operator's globs choose, in name order.
    package static func choose(_ tables: [Table], globs: [String], excluded: [String]) -> [Table] {
        tables.filter { table in
            (globs.isEmpty || globs.contains { matches($0, table.name) })
                && !excluded.contains { matches($0, table.name) }
        }
    }

    static func matches(_ glob: String, _ name: QualifiedName) -> Bool { NamePattern(glob).matches(name) }

    /// Returns the relations that are copied for a table. A partitioned table without partitions is copied as
    /// itself, and has no rows.
    static func leaves(of table: Table) -> [QualifiedName] {
        table.leaves.isEmpty ? [table.name] : table.leaves
    }

    /// Divides a table into chunks; `pages` has the pages of each leaf, in the table's order. Every leaf has
    /// at least one chunk. Its last chunk has no end, so that rows beyond the measured size are also copied.
    static func chunks(of table: Table, generation: Int, pages: [Int]) -> [StoredChunk] {
        var chunks: [StoredChunk] = []
        for (leaf, count) in zip(leaves(of: table), pages) {
            let parts = max(1, (count + chunkPagesMax - 1) / chunkPagesMax)
            for part in 0..<parts {
                chunks.append(
                    StoredChunk(
                        table: table.name, generation: generation, number: chunks.count, leaf: leaf,
                        firstPage: part * chunkPagesMax,
                        endPage: part == parts - 1 ? nil : (part + 1) * chunkPagesMax))
            }
        }
        return chunks
    }
}

/// The COPY statements of a chunk.
enum ChunkSQL {
    /// Returns the statement that reads a chunk's rows. Servers from PostgreSQL 14 on read only the pages of
    /// a ctid range.
    static func copyOut(_ chunk: StoredChunk, columns: [Column]) -> String {
        let list = columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        var conditions: [String] = []
        if chunk.firstPage > 0 { conditions.append("ctid >= '(\(chunk.firstPage),0)'::tid") }
        if let end = chunk.endPage { conditions.append("ctid < '(\(end),0)'::tid") }
        let filter = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
        return "copy (select \(list) from only \(chunk.leaf.quoted)\(filter)) to stdout"
    }

    /// Returns the statement that writes rows of a table.
    static func copyIn(_ table: QualifiedName, columns: [Column]) -> String {
        // A table may have no column that travels; an empty list is no SQL.
        let list =
            columns.isEmpty ? "" : " (\(columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")))"
        return "copy \(table.quoted)\(list) from stdin"
    }

    /// The file name in a chunk's progress row, as earlier versions wrote it. It need not be unique: the row
    /// has schema and table in columns of their own.
    static func fileName(_ chunk: StoredChunk) -> String {
        "\(chunk.table.schema.text).\(chunk.table.name.text)#\(chunk.generation)"
    }
}
