import Journal
import Records

/// Which tables are copied and in which chunks. Values in, values out.
enum SnapshotPlan {
    /// A chunk holds about as many pages: 32 MiB, so that a lost one costs little and a transaction stays short.
    static let chunkPagesMax = 4096

    /// The tables of the catalog that the operator's globs choose, in name order.
    static func choose(_ tables: [Table], globs: [String], excluded: [String]) -> [Table] {
        tables.filter { table in
            (globs.isEmpty || globs.contains { matches($0, table.name) })
                && !excluded.contains { matches($0, table.name) }
        }
    }

    static func matches(_ glob: String, _ name: QualifiedName) -> Bool { NamePattern(glob).matches(name) }

    /// What is copied of a table, part by part. A partitioned table without partitions is copied as itself, and has no rows.
    static func leaves(of table: Table) -> [QualifiedName] {
        table.leaves.isEmpty ? [table.name] : table.leaves
    }

    /// Cuts a table into chunks; `pages` are those of each leaf, in the table's order. Every leaf has at least one
    /// chunk and its last one is open-ended, so that rows beyond the measured size are copied too.
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
    /// Reads a chunk's rows; from PostgreSQL 14 on a ctid range is read without passing over the rest.
    static func copyOut(_ chunk: StoredChunk, columns: [Column]) -> String {
        let list = columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")
        var conditions: [String] = []
        if chunk.firstPage > 0 { conditions.append("ctid >= '(\(chunk.firstPage),0)'::tid") }
        if let end = chunk.endPage { conditions.append("ctid < '(\(end),0)'::tid") }
        let filter = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
        return "copy (select \(list) from only \(chunk.leaf.quoted)\(filter)) to stdout"
    }

    static func copyIn(_ table: QualifiedName, columns: [Column]) -> String {
        // A table may have no column that travels; an empty list is no SQL.
        let list =
            columns.isEmpty ? "" : " (\(columns.map { quoteIdentifier($0.name) }.joined(separator: ", ")))"
        return "copy \(table.quoted)\(list) from stdin"
    }

    /// What the progress row of a chunk is filed under. The row has the schema and the table in columns of their own, so that this name
    /// need not tell tables apart; it is what earlier versions wrote.
    static func fileName(_ chunk: StoredChunk) -> String {
        "\(chunk.table.schema.text).\(chunk.table.name.text)#\(chunk.generation)"
    }
}
