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

        package init(
            name: QualifiedName, file: UInt32, bound: String = "",
            transaction: UInt32? = nil
        ) {
            self.name = name
            self.file = file
            self.bound = bound
            self.transaction = transaction
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

    /// Whether one transaction has made, or changed last, all parts of a root.
    package func isOfOneTransaction(_ root: QualifiedName) -> Bool {
        guard let parts = tables[root]?.parts, let first = parts.first?.transaction else { return false }
        return parts.allSatisfy { $0.transaction == first }
    }

    /// Puts a part in the place of the one of its name.
    package mutating func put(_ part: Part, of root: QualifiedName) {
        guard let index = tables[root]?.parts.firstIndex(where: { $0.name == part.name }) else { return }
        tables[root]?.parts[index] = part
    }
}

extension PostgresConnection {
    package func originCatalog(inSchemas schemas: [String]) throws(PostgresError) -> OriginCatalog {
        var tables: [QualifiedName: OriginCatalog.Entry] = [:]
        for row in try query(
            file: PackageResources.list_catalog_sql, [Self.textArray(schemas)], doing: "look at the tables"
        ).rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            var entry = tables[name] ?? OriginCatalog.Entry(oid: row[2].flatMap { UInt32($0) } ?? 0)
            if let schema = row[3], let part = row[4] {
                entry.parts.append(
                    OriginCatalog.Part(
                        name: QualifiedName(schema: schema, name: part),
                        file: row[5].flatMap { UInt32($0) } ?? 0, bound: row[6] ?? "",
                        transaction: row[7].flatMap { UInt32($0) }))
            }
            tables[name] = entry
        }
        return OriginCatalog(tables: tables)
    }

    /// Transactions below this number have ended. Nil of YugabyteDB, which does not number them so.
    package func oldestTransaction() throws(PostgresError) -> UInt32? {
        guard try !isYugabyteDB() else { return nil }
        let result = try query(
            "select pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) & 4294967295",
            doing: "read the oldest transaction")
        return result.scalar.flatMap { UInt32($0) }
    }

    /// Whether a partition with a new file was rewritten with its rows: by ALTER TABLE, or it holds rows of transactions below
    /// a number, among those that stand first in the file.
    package func isRewritten(_ part: QualifiedName, rowsBelow transaction: UInt32) throws(PostgresError)
        -> Bool
    {
        let isAltered = try query(
            file: PackageResources.is_altered_sql, [part.quoted], doing: "look at partition \(part)")
        guard isAltered.scalar != "t" else { return true }
        let result = try query(
            "select exists (select from (select r.xmin as made from only \(part.quoted) r limit 1000) r "
                + "where pg_catalog.age(made) > pg_catalog.age($1::xid))", ["\(transaction)"],
            doing: "look at partition \(part)")
        return result.scalar == "t"
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
