import Records

extension PostgresConnection {
    /// Reads the catalog in a transaction of its own, which stays open after an error.
    ///
    /// - Parameter snapshot: an exported snapshot to read under; nil for the present
    package func originCatalog(inSchemas schemas: [String], under snapshot: String? = nil)
        throws(PostgresError) -> OriginCatalog
    {
        var tables: [QualifiedName: OriginCatalog.Entry] = [:]
        // Both queries read one snapshot.
        try execute("begin isolation level repeatable read read only", doing: "read the list of tables")
        if let snapshot {
            try execute(
                "set transaction snapshot \(quoteLiteral(snapshot))", doing: "read the list of tables")
        }
        let found = try query(
            file: PackageResources.list_catalog_sql, [Self.textArray(schemas)],
            doing: "read the list of tables")
        let transactions = try partTransactions(inSchemas: schemas)
        try execute("commit", doing: "read the list of tables")
        for row in found.rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            var entry = tables[name] ?? OriginCatalog.Entry(oid: row[2].flatMap { UInt32($0) } ?? 0)
            if let schema = row[3], let part = row[4] {
                let oid = row[7].flatMap { UInt32($0) }
                let last = oid.flatMap { transactions[$0] }
                entry.parts.append(
                    OriginCatalog.Part(
                        name: QualifiedName(schema: schema, name: part),
                        file: row[5].flatMap { UInt32($0) } ?? 0, bound: row[6] ?? "",
                        transaction: last?.changed, oid: oid, attached: last?.attached,
                        unstreamed: row[8].flatMap(UnstreamedPartition.Kind.init(rawValue:))))
            }
            tables[name] = entry
        }
        return OriginCatalog(tables: tables)
    }

    /// Lists those of the tables that exist and whose changes a publication does not publish completely, in
    /// name order.
    ///
    /// - Parameter listsLeaves: whether the publication lists partitions in place of their roots
    package func unpublished(
        of tables: [QualifiedName], in publication: String, listingLeaves listsLeaves: Bool = false
    ) throws(PostgresError) -> [QualifiedName] {
        try query(
            file: listsLeaves
                ? PackageResources.list_unpublished_leaves_sql : PackageResources.list_unpublished_sql,
            [publication, Self.textArray(tables.map(\.quoted))], doing: "read publication \(publication)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    /// Reads the last transactions of the parts, by their OIDs. Empty on YugabyteDB, whose rows have no
    /// transaction number.
    func partTransactions(inSchemas schemas: [String]) throws(PostgresError) -> [UInt32: (
        changed: UInt32?, attached: String?
    )] {
        guard try !isYugabyteDB() else { return [:] }
        var parts: [UInt32: (changed: UInt32?, attached: String?)] = [:]
        for row in try query(
            file: PackageResources.list_part_transactions_sql, [Self.textArray(schemas)],
            doing: "read the partitions"
        ).rows {
            guard let oid = row[0].flatMap({ UInt32($0) }) else { continue }
            parts[oid] = (row[1].flatMap { UInt32($0) }, row[2])
        }
        return parts
    }

    /// Returns the number below which all transactions have ended. Nil on YugabyteDB, which has no such
    /// numbers.
    package func oldestTransaction() throws(PostgresError) -> UInt32? {
        guard try !isYugabyteDB() else { return nil }
        let result = try query(
            "select pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) & 4294967295",
            doing: "read the oldest transaction")
        return result.scalar.flatMap { UInt32($0) }
    }

    /// Reads the first rows in a partition's file. Waits for a lock at most 1 s.
    ///
    /// - Parameters:
    ///   - oldest: rows of transactions below it are old
    ///   - transaction: the one that may have written all rows
    package func rows(ofPart part: QualifiedName, before oldest: UInt32, of transaction: UInt32)
        throws(PostgresError) -> PartRows
    {
        do {
            let found = try execute(
                "set local lock_timeout = '1s'; select bool_or(pg_catalog.age(made) > "
                    + "pg_catalog.age('\(oldest)'::xid)), bool_or(made = '\(transaction)'::xid) from (select "
                    + "r.xmin as made from only \(part.quoted) r limit 1000) r",
                doing: "read partition \(part)")
            let row = found.rows.first ?? []
            return row.first == "t" ? .ofBefore : row.last == "t" ? .ofItsOwn : .other
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return .other
        }
    }

    /// Whether this transaction was the last to change some column of a table.
    package func hasAltered(_ table: QualifiedName, by transaction: UInt32?) throws(PostgresError) -> Bool {
        guard let transaction else { return false }
        return try query(
            "select exists (select from pg_catalog.pg_attribute where attrelid = $1::regclass and attnum > 0 "
                + "and xmin = $2::xid)",
            [table.quoted, "\(transaction)"], doing: "read the columns of \(table)"
        ).scalar == "t"
    }

    /// Returns the end of the server's WAL: everything visible before the call was written below it. Nil on
    /// YugabyteDB, which refuses the function.
    package func logEnd() throws(PostgresError) -> LSN? {
        guard try !isYugabyteDB() else { return nil }
        // The insert position: with synchronous_commit off, a commit is visible before its WAL is written
        // out.
        let result = try query(
            "select pg_catalog.pg_current_wal_insert_lsn()::text", doing: "read the log's position")
        return result.scalar.flatMap { LSN(lsn: $0) }
    }
}
