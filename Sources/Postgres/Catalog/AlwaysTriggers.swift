/// A trigger or rule that fires for the rows a replica session writes.
package struct AlwaysTrigger: Sendable, Equatable {
    /// `trigger audit on public.orders`
    package let words: String
    /// The statement that has it fire for the application's own rows only.
    package let remedy: String
}

extension PostgresConnection {
    /// The triggers and rules of the schemas' tables that fire in a replica session.
    package func alwaysTriggers(inSchemas schemas: [String]) throws(PostgresError) -> [AlwaysTrigger] {
        try query(
            file: PackageResources.list_always_triggers_sql, [Self.textArray(schemas)],
            doing: "look for triggers that fire for replicated rows"
        ).rows.map { AlwaysTrigger(words: $0[0] ?? "", remedy: $0[1] ?? "") }
    }
}
