import Records

extension PostgresConnection {
    /// Whether a partition has rows that were written before it was attached: no publication sent them. Reads
    /// the first rows of its file, because the earliest are there. Waits for a lock at most 1 s.
    ///
    /// Nil if that is unknown: rows of YugabyteDB have no transaction number, and the role may lack the right
    /// to read them.
    package func hasRowsFromBeforeAttachment(_ part: QualifiedName) throws(PostgresError) -> Bool? {
        guard try !isYugabyteDB() else { return nil }
        let conditions = try query(
            file: PackageResources.list_attachments_sql, [part.quoted], doing: "read partition \(part)"
        ).rows.compactMap { row -> String? in
            guard let transaction = row[0].flatMap({ UInt32($0) }),
                let command = row[1].flatMap({ UInt32($0) })
            else { return nil }
            let earlierCommand = "made = '\(transaction)'::xid and command < \(command)"
            // A partition that one transaction created and attached has no rows of earlier transactions,
            // whatever their numbers.
            return row[2] == "t"
                ? earlierCommand
                : "\(earlierCommand) or pg_catalog.age(made) > pg_catalog.age('\(transaction)'::xid)"
        }
        guard !conditions.isEmpty else { return false }
        do {
            return try execute(
                "set local lock_timeout = '1s'; select exists (select from (select r.xmin as made, "
                    + "r.cmin::text::bigint as command from only \(part.quoted) r limit 1000) r where "
                    + "\(conditions.joined(separator: " or ")))",
                doing: "read partition \(part)"
            ).scalar == "t"
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return nil
        }
    }
}
