import Records

/// A trigger, rule or event trigger that also fires in replica sessions: for the rows that Switchback
/// applies, or for its DDL.
package struct AlwaysTrigger: Sendable, Equatable {
    /// The kind of the object that fires.
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

    /// The statement after which it fires only in the application's own sessions.
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
    /// Lists the triggers and rules of the tables, and the event triggers, that fire in replica sessions.
    package func alwaysTriggers(on tables: [QualifiedName]) throws(PostgresError) -> [AlwaysTrigger] {
        try query(
            file: PackageResources.list_always_triggers_sql, [Self.textArray(tables.map(\.quoted))],
            doing: "search for triggers that always fire"
        ).rows.compactMap { row in
            guard let kind = AlwaysTrigger.Kind(rawValue: row[0] ?? "") else { return nil }
            let table = row[2].map { QualifiedName(schema: row[1] ?? "", name: $0) }
            return AlwaysTrigger(kind: kind, table: table, name: row[3] ?? "")
        }
    }
}
