import Records

extension PostgresConnection {
    /// Lists the triggers and rules of the tables, and the event triggers, that fire in replica sessions.
    package func alwaysTriggers(on tables: [QualifiedName]) throws(PostgresError) -> [AlwaysTrigger] {
        try query(
            file: PackageResources.list_always_triggers_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "search for triggers that always fire"
        ).rows.compactMap { row in
            guard let kind = AlwaysTrigger.Kind(rawValue: row[0] ?? "") else { return nil }
            let table = row[2].map { QualifiedName(schema: row[1] ?? "", name: $0) }
            return AlwaysTrigger(
                kind: kind, table: table, name: row[3] ?? "", isOfReplicasOnly: row[4] == "R")
        }
    }
}
