import Records

extension PostgresConnection {
    /// Reads the shapes of all tables of the schemas that could be migrated, in a transaction of its own,
    /// which stays open after an error.
    package func shapes(inSchemas schemas: [String]) throws(PostgresError) -> [QualifiedName: TableShape] {
        var columns: [QualifiedName: [TableShape.Column]] = [:]
        var parts: [QualifiedName: Int] = [:]
        // The search_path decides whether the text of a type has its schema; a session that writes may have
        // the database's own.
        try execute("begin read only; set local search_path = ''", doing: "read the tables' columns")
        let found = try query(
            file: PackageResources.list_shapes_sql, [Self.textArray(schemas)],
            doing: "read the tables' columns")
        try execute("commit", doing: "read the tables' columns")
        for row in found.rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            parts[name] = row[9].flatMap { Int($0) }
            columns[name] = columns[name] ?? []
            guard let column = row[2] else { continue }
            columns[name]?.append(
                TableShape.Column(
                    name: Identifier(column), typeOID: row[3].flatMap { UInt32($0) } ?? 0,
                    typeModifier: row[4].flatMap { Int32($0) } ?? -1, typeText: row[5] ?? "",
                    typeName: row[6] ?? "", isGenerated: row[7] == "t", isKey: row[8] == "t"))
        }
        return Dictionary(
            uniqueKeysWithValues: columns.map {
                ($0.key, TableShape(name: $0.key, columns: $0.value, parts: parts[$0.key] ?? 0))
            })
    }

    /// Returns the name of a built-in type of a relation message.
    package func typeText(oid: UInt32, modifier: Int32) throws(PostgresError) -> String {
        try query(
            "select pg_catalog.format_type($1::oid, $2::int)", [String(oid), String(modifier)],
            doing: "name a type"
        ).scalar ?? "type \(oid)"
    }
}
