import Records

/// Which tables a database has and which parts the partitioned ones are made of, at one moment.
package struct OriginCatalog: Sendable, Codable, Equatable {
    package struct Part: Sendable, Codable, Equatable {
        package let name: QualifiedName
        /// The file of its rows; another one after TRUNCATE, VACUUM FULL, CLUSTER and most ALTER TABLE.
        package let file: UInt32
        /// `FOR VALUES …`
        package let bound: String
        /// The transaction, or savepoint in one, that made the file, or has changed the table since; nil in what an earlier
        /// version kept.
        package let transaction: UInt32?
        package let oid: UInt32?
        /// By which transactions it was attached, and what it is a part of.
        package let attached: String?
        /// Why no stream carries its rows; nil where one does, and in what an earlier version kept.
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

        /// Whether it is the table it was, and has been a partition all the time. What an earlier version kept does not tell.
        package func isSame(as earlier: Part) -> Bool {
            if let oid, let before = earlier.oid, oid != before { return false }
            if let attached, let before = earlier.attached, attached != before { return false }
            return true
        }
    }

    package struct Entry: Sendable, Codable, Equatable {
        package let oid: UInt32
        /// Empty where the table is not partitioned.
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

    /// Whether these are all streamed parts of a root, and one transaction has changed all of them last.
    package func areAll(_ parts: [Part], of root: QualifiedName) -> Bool {
        guard let first = parts.first?.transaction else { return false }
        return parts.count == tables[root]?.parts.count { $0.file != 0 && $0.unstreamed == nil }
            && parts.allSatisfy { $0.transaction == first }
    }

    /// Puts a part in the place of the one of its name.
    package mutating func put(_ part: Part, of root: QualifiedName) {
        guard let index = tables[root]?.parts.firstIndex(where: { $0.name == part.name }) else { return }
        tables[root]?.parts[index] = part
    }
}

extension OriginCatalog {
    private enum Keys: String, CodingKey { case tables }

    /// Earlier versions stored names and entries by turns.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
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

/// Of when the rows are that stand first in a partition's file.
package enum PartRows: Sendable, Equatable {
    /// Some are of before the last look: the file is another one, and its rows are not.
    case ofBefore
    /// None is, and some are of the transaction that has changed the table last.
    case ofItsOwn
    /// There are none, or of others, or they may not be read.
    case other
}

extension PostgresConnection {
    /// In a transaction of its own, which is left open where it throws.
    ///
    /// - Parameter snapshot: an exported snapshot to look under; nil for the present
    package func originCatalog(inSchemas schemas: [String], under snapshot: String? = nil)
        throws(PostgresError) -> OriginCatalog
    {
        var tables: [QualifiedName: OriginCatalog.Entry] = [:]
        // Both of one snapshot.
        try execute("begin isolation level repeatable read read only", doing: "look at the tables")
        if let snapshot {
            try execute("set transaction snapshot \(quoteLiteral(snapshot))", doing: "look at the tables")
        }
        let found = try query(
            file: PackageResources.list_catalog_sql, [Self.textArray(schemas)], doing: "look at the tables")
        let transactions = try partTransactions(inSchemas: schemas)
        try execute("commit", doing: "look at the tables")
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

    /// Those of the tables that are there and of which a publication does not publish all changes, in name order.
    package func unpublished(of tables: [QualifiedName], in publication: String) throws(PostgresError)
        -> [QualifiedName]
    {
        try query(
            file: PackageResources.list_unpublished_sql,
            [publication, Self.textArray(tables.map(\.quoted))], doing: "look at publication \(publication)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    /// By the parts' oids. None of YugabyteDB, whose rows have no such mark.
    private func partTransactions(inSchemas schemas: [String]) throws(PostgresError) -> [UInt32: (
        changed: UInt32?, attached: String?
    )] {
        guard try !isYugabyteDB() else { return [:] }
        var parts: [UInt32: (changed: UInt32?, attached: String?)] = [:]
        for row in try query(
            file: PackageResources.list_part_transactions_sql, [Self.textArray(schemas)],
            doing: "look at the partitions"
        ).rows {
            guard let oid = row[0].flatMap({ UInt32($0) }) else { continue }
            parts[oid] = (row[1].flatMap { UInt32($0) }, row[2])
        }
        return parts
    }

    /// Transactions below this number have ended. Nil of YugabyteDB, which does not number them so.
    package func oldestTransaction() throws(PostgresError) -> UInt32? {
        guard try !isYugabyteDB() else { return nil }
        let result = try query(
            "select pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) & 4294967295",
            doing: "read the oldest transaction")
        return result.scalar.flatMap { UInt32($0) }
    }

    /// Looks at the rows that stand first in a partition's file. A lock is waited for a moment only; what the role may not
    /// read is not known.
    ///
    /// - Parameters:
    ///   - oldest: rows of transactions below it are of before
    ///   - transaction: the one that may have written them all
    package func rows(ofPart part: QualifiedName, before oldest: UInt32, of transaction: UInt32)
        throws(PostgresError) -> PartRows
    {
        do {
            let found = try execute(
                "set local lock_timeout = '1s'; "
                    + "select bool_or(pg_catalog.age(made) > pg_catalog.age('\(oldest)'::xid)), bool_or(made = '\(transaction)'::xid) "
                    + "from (select r.xmin as made from only \(part.quoted) r limit 1000) r",
                doing: "look at partition \(part)")
            let row = found.rows.first ?? []
            return row.first == "t" ? .ofBefore : row.last == "t" ? .ofItsOwn : .other
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return .other
        }
    }

    /// Whether a transaction has changed a column of a table last.
    package func hasAltered(_ table: QualifiedName, by transaction: UInt32?) throws(PostgresError) -> Bool {
        guard let transaction else { return false }
        return try query(
            "select exists (select from pg_catalog.pg_attribute where attrelid = $1::regclass and attnum > 0 and xmin = $2::xid)",
            [table.quoted, "\(transaction)"], doing: "look at the columns of \(table)"
        ).scalar == "t"
    }

    /// The end of the server's log: all that could be seen before the call was written below it. Nil of YugabyteDB, which
    /// refuses the question.
    package func logEnd() throws(PostgresError) -> LSN? {
        guard try !isYugabyteDB() else { return nil }
        // Where a commit need not wait for the disk it can be seen before it is written out.
        let result = try query(
            "select pg_catalog.pg_current_wal_insert_lsn()::text", doing: "read the log's position")
        return result.scalar.flatMap { LSN($0) }
    }
}
