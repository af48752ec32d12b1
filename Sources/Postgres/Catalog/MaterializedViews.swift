import Records

extension PostgresConnection {
    /// The statement that fills a materialized view.
    package static func refreshing(_ view: QualifiedName) -> String {
        "refresh materialized view \(view.quoted)"
    }

    /// Lists the materialized views of the schemas, each after those that it reads.
    package func materializedViews(inSchemas schemas: [String]) throws(PostgresError) -> [QualifiedName] {
        try query(
            file: PackageResources.list_materialized_views_sql, [Self.textArray(schemas)],
            doing: "list the materialized views"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }
}
