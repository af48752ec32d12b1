import Records

extension PostgresConnection {
    /// Lists which tables of the schemas refer to which tables by foreign keys, in name order.
    package func references(inSchemas schemas: [String]) throws(PostgresError) -> [TableReference] {
        try query(
            file: PackageResources.list_references_sql, [Self.textArray(schemas)],
            doing: "list the foreign keys of the tables"
        ).rows.map { row in
            TableReference(
                child: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""),
                parent: QualifiedName(schema: row[2] ?? "", name: row[3] ?? ""))
        }
    }
}
