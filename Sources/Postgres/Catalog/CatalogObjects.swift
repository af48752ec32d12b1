import Records

extension PostgresConnection {
    /// Lists the objects of the tables, their partitions and the schemas' views that both databases must
    /// have. The session must have an empty search_path, so that names are printed with their schemas.
    ///
    /// The triggers that partitions have from their parents are among them, with their `parent`.
    package func objects(ofTables tables: [QualifiedName], inSchemas schemas: [String])
        throws(PostgresError) -> [CatalogObject]
    {
        let isYugabyteDB = try isYugabyteDB()
        return try query(
            file: PackageResources.list_objects_sql,
            [Self.textArray(tables.map(\.quoted)), Self.textArray(schemas)],
            doing: "list indexes, constraints, triggers, views and defaults"
        ).rows.compactMap { row in
            guard let kind = CatalogObject.Kind(rawValue: row[0] ?? "") else { return nil }
            let definition = row[4] ?? ""
            return CatalogObject(
                kind: kind, table: QualifiedName(schema: row[1] ?? "", name: row[2] ?? ""),
                name: row[3] ?? "",
                definition: isYugabyteDB ? kind.definitionWithoutTablets(definition) : definition,
                statement: row[5] ?? "",
                parent: row[7].map { QualifiedName(schema: row[6] ?? "", name: $0) })
        }
    }
}

extension CatalogObject.Kind {
    /// Returns the definition of an index or constraint as PostgreSQL prints it. YugabyteDB's own kind of
    /// index, `lsm`, stands for a B-tree, and `HASH` and `ASC` say how rows are spread over tablets.
    package func definitionWithoutTablets(_ definition: String) -> String {
        switch self {
        case .index, .constraint:
            definition.replacing(" USING lsm ", with: " USING btree ").replacing(" HASH", with: "")
                .replacing(" ASC", with: "")
        case .notNull, .trigger, .rule, .view, .defaultValue: definition
        }
    }
}
