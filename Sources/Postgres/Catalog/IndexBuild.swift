import Records

/// How far the build of an index is, by `pg_stat_progress_create_index`.
package struct IndexBuild: Sendable, Equatable {
    /// The index, or its table while the index has no entry that others see.
    package let relation: String
    package let phase: String
    /// Blocks of the table while it is scanned, else rows.
    package let done: Int64
    /// Nil if the server does not tell it.
    package let total: Int64?
    package let countsBlocks: Bool
}

extension PostgresConnection {
    /// Reads how far the index build of a session is; nil if it builds none.
    package func indexBuild(ofProcess processID: Int) throws(PostgresError) -> IndexBuild? {
        try query(
            file: PackageResources.read_index_build_sql, [String(processID)],
            doing: "read how far an index build is"
        ).rows.first.map { row in
            IndexBuild(
                relation: row[0] ?? "", phase: row[1] ?? "", done: row[2].flatMap { Int64($0) } ?? 0,
                total: row[3].flatMap { Int64($0) }, countsBlocks: row[4] == "true")
        }
    }
}
