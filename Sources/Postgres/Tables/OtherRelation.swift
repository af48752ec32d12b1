import Records

/// A relation of the schemas that is not migrated as a table.
package struct OtherRelation: Sendable, Equatable {
    /// The kind of relation, which is why it is not migrated as a table.
    package enum Kind: Sendable, Equatable {
        case unlogged
        case foreign
        /// A member of an extension, which creates its rows.
        case `extension`
        case partition(of: QualifiedName)
        case view
        case materializedView
        case sequence
    }

    package let name: QualifiedName
    package let kind: Kind

    package init(name: QualifiedName, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

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
