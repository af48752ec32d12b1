import Journal
import Records

/// The plan of the copy: which tables, in which chunks.
package enum SnapshotPlan {
    /// Pages of a chunk: 32 MiB, so that a lost chunk costs little and a transaction stays short.
    static let chunkPagesMax = 4096

    /// Returns the tables that the operator's globs choose, in name order.
    package static func choose(_ tables: [Table], globs: [String], excluded: [String]) -> [Table] {
        let (wanted, unwanted) = (TableListMatcher(globs), TableListMatcher(excluded))
        return tables.filter { table in
            (globs.isEmpty || wanted.matches(table.name)) && !unwanted.matches(table.name)
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
