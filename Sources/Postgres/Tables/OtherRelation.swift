import Records

extension PostgresConnection {
    /// Lists the relations of the schemas that are not migrated as tables, in name order.
    package func otherRelations(inSchemas schemas: [String]) throws(PostgresError) -> [OtherRelation] {
        try query(
            file: PackageResources.list_other_relations_sql, [Self.textArray(schemas)],
            doing: "list the other relations"
        ).rows.map { row in
            let kind: OtherRelation.Kind =
                switch row[2] {
                case "partition":
                    .partition(of: QualifiedName(schema: row[3] ?? "", name: row[4] ?? ""))
                case "unlogged": .unlogged
                case "foreign": .foreign
                case "extension": .extension
                case "materialized view": .materializedView
                case "sequence": .sequence
                default: .view
                }
            return OtherRelation(name: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""), kind: kind)
        }
    }

    /// Lists those of the tables that exist and are unlogged.
    package func unloggedTables(among names: [QualifiedName]) throws(PostgresError) -> [QualifiedName] {
        let wanted = Set(names)
        return try otherRelations(inSchemas: Set(names.map(\.schema)).sorted().map(\.text))
            .filter { $0.kind == .unlogged && wanted.contains($0.name) }.map(\.name)
    }

    /// Lists the tables, and leaves of tables, in which row-level security hides rows from this session's
    /// role.
    package func filteredTables(among tables: [Table]) throws(PostgresError) -> [QualifiedName] {
        let names = Set(tables.map(\.name) + tables.flatMap(\.leaves)).sorted()
        return try query(
            file: PackageResources.list_filtered_tables_sql, [Self.textArray(names.map(\.quoted))],
            doing: "search for row-level security"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }
}
