import Records

/// The rights of a role on a table.
package struct TableRights: Sendable, Equatable {
    package let table: QualifiedName
    package let mayRead: Bool
    /// Whether the role has the owner's rights.
    package let isOwner: Bool

    /// The role that owns the table.
    package let owner: String

    package init(table: QualifiedName, mayRead: Bool, isOwner: Bool, owner: String) {
        self.table = table
        self.mayRead = mayRead
        self.isOwner = isOwner
        self.owner = owner
    }
}

extension PostgresConnection {
    /// Reads the rights on the logged tables and partitions of the schemas.
    package func tableRights(inSchemas schemas: [String]) throws(PostgresError) -> [TableRights] {
        try query(
            file: PackageResources.list_table_rights_sql, [Self.textArray(schemas)],
            doing: "read the rights on the tables"
        ).rows.map { row in
            TableRights(
                table: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""), mayRead: row[2] == "t",
                isOwner: row[3] == "t", owner: row[4] ?? "")
        }
    }
}
