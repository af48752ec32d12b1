import Records

extension PostgresConnection {
    /// Lists the objects of this database that are not carried, ordered by kind.
    ///
    /// - Parameters:
    ///   - owner: the role that will own the objects on the target
    ///   - tables: those that are migrated
    package func uncarriedObjects(inSchemas schemas: [String], owner: String, tables: [QualifiedName])
        throws(PostgresError) -> [UncarriedObject]
    {
        let list = Self.textArray(schemas)
        let found = try query(
            file: PackageResources.list_not_carried_sql, [list, owner], doing: "list what is not carried")
        let outside = try query(
            file: PackageResources.list_outside_sql, [list, Self.textArray(tables.map(\.quoted))],
            doing: "list what is outside the migration")
        return (found.rows + outside.rows).compactMap { row in
            row[0].flatMap(UncarriedObject.Kind.init(rawValue:)).map {
                UncarriedObject($0, row[1] ?? "", detail: row[2] ?? "")
            }
        }
    }
}
