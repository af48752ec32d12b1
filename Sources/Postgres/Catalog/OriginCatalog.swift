import Records

/// Which tables a database has and which parts the partitioned ones are made of, at one moment.
package struct OriginCatalog: Sendable, Codable, Equatable {
    package struct Part: Sendable, Codable, Equatable {
        package let name: QualifiedName
        /// The file of its rows; another one after TRUNCATE, VACUUM FULL, CLUSTER and most ALTER TABLE.
        package let file: UInt32
        /// Never vacuumed or analysed since the file was made: as after TRUNCATE.
        package let isFresh: Bool
        /// `FOR VALUES …`
        package let bound: String

        package init(name: QualifiedName, file: UInt32, isFresh: Bool = false, bound: String = "") {
            self.name = name
            self.file = file
            self.isFresh = isFresh
            self.bound = bound
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
                        file: row[5].flatMap { UInt32($0) } ?? 0, isFresh: row[6] == "t", bound: row[7] ?? "")
                )
            }
            tables[name] = entry
        }
        return OriginCatalog(tables: tables)
    }

    package func currentLSN() throws(PostgresError) -> LSN {
        let result = try query(
            "select pg_catalog.pg_current_wal_lsn()::text", doing: "read the log's position")
        return result.scalar.flatMap { LSN($0) } ?? .zero
    }
}
