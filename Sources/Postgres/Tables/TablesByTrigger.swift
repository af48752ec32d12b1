import Records

/// Queries for tables with or without a trigger, such as the one that fences a table.
extension PostgresConnection {
    /// Lists those of the tables and of their partitions that have no trigger of this name, roots first.
    package func tables(_ tables: [QualifiedName], withoutTrigger name: String) throws(PostgresError)
        -> [QualifiedName]
    {
        try query(
            file: PackageResources.list_unfenced_tables_sql, [Self.textArray(tables.map(\.quoted)), name],
            doing: "search for tables without trigger \(name)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    /// Lists the tables and partitions that have a trigger of this name.
    package func tables(withTrigger name: String) throws(PostgresError) -> [QualifiedName] {
        try query(
            "select n.nspname, c.relname from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = "
                + "t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace where t.tgname = $1 "
                + "order by 1, 2",
            [name],
            doing: "search for tables with trigger \(name)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }
}
