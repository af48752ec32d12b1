import Records

extension PostgresConnection {
    /// Returns for each table a text about its storage, which DDL changes if it changes rows without the log.
    ///
    /// - Parameter schemas: those of the tables
    package func storage(
        of tables: [QualifiedName], inSchemas schemas: [String], publication: String
    ) throws(PostgresError) -> [QualifiedName: String] {
        // A partition that was away for a while, and is back, has been attached by another transaction.
        let transactions = try partTransactions(inSchemas: schemas)
        let found = try query(
            file: PackageResources.list_storage_sql, [Self.textArray(tables.map(\.quoted)), publication],
            doing: "read where the tables are stored")
        var texts: [QualifiedName: String] = [:]
        for row in found.rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            let attached = row[2].flatMap { UInt32($0) }.flatMap { transactions[$0]?.attached }
            let facts = row.dropFirst(2).map { $0 ?? "" } + [attached ?? ""]
            texts[name, default: ""] += facts.joined(separator: ";") + "\n"
        }
        return texts
    }
}
