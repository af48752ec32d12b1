import Records

/// A trigger, rule or event trigger that fires for replicas too: for the rows Switchback applies, or for its DDL.
package struct AlwaysTrigger: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case trigger
        case rule
        case eventTrigger = "event trigger"
    }

    package let kind: Kind
    /// Nil for an event trigger.
    package let table: QualifiedName?
    package let name: String

    /// `trigger audit on public.orders`
    package var words: String { "\(kind.rawValue) \(Identifier(name))" + (table.map { " on \($0)" } ?? "") }

    /// The statement that has it fire for the application's own sessions only.
    package var remedy: String {
        switch kind {
        case .trigger, .rule:
            "alter table \(table?.quoted ?? "") enable \(kind.rawValue) \(quoteIdentifier(name))"
        case .eventTrigger: "alter event trigger \(quoteIdentifier(name)) enable"
        }
    }

    package init(kind: Kind, table: QualifiedName?, name: String) {
        self.kind = kind
        self.table = table
        self.name = name
    }
}

extension PostgresConnection {
    /// Those of the tables and of their partitions that have no trigger of this name, roots first.
    package func tables(_ tables: [QualifiedName], withoutTrigger name: String) throws(PostgresError)
        -> [QualifiedName]
    {
        try query(
            file: PackageResources.list_unfenced_tables_sql, [Self.textArray(tables.map(\.quoted)), name],
            doing: "look for tables without trigger \(name)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    /// The tables and partitions that have a trigger of this name.
    package func tables(withTrigger name: String) throws(PostgresError) -> [QualifiedName] {
        try query(
            "select n.nspname, c.relname from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid "
                + "join pg_catalog.pg_namespace n on n.oid = c.relnamespace where t.tgname = $1 order by 1, 2",
            [name],
            doing: "look for tables with trigger \(name)"
        ).rows.map { QualifiedName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    package func alwaysTriggers(on tables: [QualifiedName]) throws(PostgresError) -> [AlwaysTrigger] {
        try query(
            file: PackageResources.list_always_triggers_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "look for triggers that always fire"
        ).rows.compactMap { row in
            guard let kind = AlwaysTrigger.Kind(rawValue: row[0] ?? "") else { return nil }
            let table = row[2].map { QualifiedName(schema: row[1] ?? "", name: $0) }
            return AlwaysTrigger(kind: kind, table: table, name: row[3] ?? "")
        }
    }
}
