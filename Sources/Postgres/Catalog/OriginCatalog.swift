import Records

/// The tables of a database and the parts of the partitioned ones, at one moment.
package struct OriginCatalog: Sendable, Codable, Equatable {
    /// A partition that has rows, at any depth below its root.
    package struct Part: Sendable, Codable, Equatable {
        package let name: QualifiedName
        /// File number of its rows; it changes with TRUNCATE, VACUUM FULL, CLUSTER and most ALTER TABLE.
        package let file: UInt32
        /// `FOR VALUES …`
        package let bound: String
        /// The transaction or subtransaction that created the file, or has changed the table since; nil in
        /// documents of earlier versions.
        package let transaction: UInt32?
        package let oid: UInt32?
        /// The transactions that attached it and its parents.
        package let attached: String?
        /// Why no stream carries its rows; nil if one does, and in documents of earlier versions.
        package let unstreamed: UnstreamedPartition.Kind?

        package init(
            name: QualifiedName, file: UInt32, bound: String = "",
            transaction: UInt32? = nil, oid: UInt32? = nil, attached: String? = nil,
            unstreamed: UnstreamedPartition.Kind? = nil
        ) {
            self.name = name
            self.file = file
            self.bound = bound
            self.transaction = transaction
            self.oid = oid
            self.attached = attached
            self.unstreamed = unstreamed
        }

        /// Whether it is the same table as before and was a partition all the time. True if a document of an
        /// earlier version lacks the facts.
        package func isSame(as earlier: Part) -> Bool {
            if let oid, let before = earlier.oid, oid != before { return false }
            if let attached, let before = earlier.attached, attached != before { return false }
            return true
        }
    }

    /// A table with its parts.
    package struct Entry: Sendable, Codable, Equatable {
        package let oid: UInt32
        /// Empty if the table is not partitioned.
        package var parts: [Part]

        package init(oid: UInt32, parts: [Part] = []) {
            self.oid = oid
            self.parts = parts
        }
    }

    package var tables: [QualifiedName: Entry]

    package init(tables: [QualifiedName: Entry]) { self.tables = tables }

    package func part(_ name: QualifiedName, of root: QualifiedName) -> Part? {
        tables[root]?.parts.first { $0.name == name }
    }

    /// Whether these are all streamed parts of a root, and the same transaction has changed each of them
    /// last.
    package func areAll(_ parts: [Part], of root: QualifiedName) -> Bool {
        guard let first = parts.first?.transaction else { return false }
        return parts.count == tables[root]?.parts.count { $0.file != 0 && $0.unstreamed == nil }
            && parts.allSatisfy { $0.transaction == first }
    }

    /// Replaces the part of the same name.
    package mutating func put(_ part: Part, of root: QualifiedName) {
        guard let index = tables[root]?.parts.firstIndex(where: { $0.name == part.name }) else { return }
        tables[root]?.parts[index] = part
    }
}

extension OriginCatalog {
    private enum Keys: String, CodingKey { case tables }

    /// Reads also the form of earlier versions: an array of alternating names and entries.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        // An error here means that the document has the form of today; decoding it throws its own errors.
        guard var pairs = try? container.nestedUnkeyedContainer(forKey: .tables) else {
            self.init(tables: try container.decode([QualifiedName: Entry].self, forKey: .tables))
            return
        }
        var tables: [QualifiedName: Entry] = [:]
        while !pairs.isAtEnd {
            let name = try pairs.decode(QualifiedName.self)
            tables[name] = try pairs.decode(Entry.self)
        }
        self.init(tables: tables)
    }
}

/// The age of the first rows in a partition's file.
package enum PartRows: Sendable, Equatable {
    /// Some are older than the last check: the file is new, and its rows are not.
    case ofBefore
    /// No row is older than the last check, and some are of the transaction that has changed the table last.
    case ofItsOwn
    /// There are none, or they are of other transactions, or the role may not read them.
    case other
}

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
    package func unpublished(of tables: [QualifiedName], in publication: String) throws(PostgresError)
        -> [QualifiedName]
    {
        try query(
            file: PackageResources.list_unpublished_sql,
            [publication, Self.textArray(tables.map(\.quoted))], doing: "read publication \(publication)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    /// Reads the last transactions of the parts, by their OIDs. Empty on YugabyteDB, whose rows have no
    /// transaction number.
    private func partTransactions(inSchemas schemas: [String]) throws(PostgresError) -> [UInt32: (
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
        return result.scalar.flatMap { LSN($0) }
    }
}
