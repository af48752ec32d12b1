import Records

extension SchemaRule {
    /// The rules for every target: what logical replication cannot carry, and what an import leaves to the
    /// operator.
    static let everyTarget: [SchemaRule] = [
        SchemaRule(
            "NO_PRIMARY_KEY", .warning,
            "The table has no primary key, so an update or delete of it carries no key.",
            "Add a primary key, or set REPLICA IDENTITY FULL on the source before the migration begins."
        ) { subject in
            guard subject.statement.isTable, !subject.statement.contains(["partition", "of"], depth: 0),
                let table = subject.statement.tableName
            else { return false }
            return !subject.schema.tablesWithPrimaryKey.contains(table)
                && !subject.schema.tablesWithReplicaIdentity.contains(table)
        },
        SchemaRule(
            "REPLICA_IDENTITY_NOTHING", .blocking,
            "The table's replica identity is NOTHING, so updates and deletes of it cannot be streamed.",
            "Set its replica identity to DEFAULT if it has a primary key, otherwise to FULL."
        ) { $0.statement.contains(["replica", "identity", "nothing"], depth: 0) },
        SchemaRule(
            "UNLOGGED_TABLE", .blocking,
            "The table is UNLOGGED: its changes are not in the write-ahead log and cannot be streamed.",
            "Make it LOGGED on the source, or exclude it from the migration."
        ) { $0.statement.begins(["create", "unlogged", "table"]) },
        SchemaRule(
            "LARGE_OBJECT_COLUMN", .warning,
            "Column % is of type oid or lo; if it points at large objects, these are not migrated.",
            "Keep the contents in a bytea column, or move the large objects by other means."
        ) { subject in
            subject.statement.columnTypes.first { ["oid", "lo"].contains($0.type) }?.column
        },
        SchemaRule(
            "INHERITANCE", .warning,
            "The table inherits from %; parent and child are migrated as two tables.",
            "Check that the application does not count on rows of the child in counts of the parent."
        ) { $0.statement.inheritedTable },
        SchemaRule(
            "DEFERRABLE_KEY", .warning,
            "The key is DEFERRABLE, so it can be neither a replica identity nor the key of an upsert.",
            "Drop DEFERRABLE if the application does not need it."
        ) { $0.statement.hasDeferrableKey },
        SchemaRule(
            "VIRTUAL_GENERATED_COLUMN", .warning,
            "A generated column without STORED is virtual, which PostgreSQL has from version 18 on and "
                + "YugabyteDB has not.",
            "Write STORED after its expression in the file, if the target is older than that."
        ) { $0.statement.hasVirtualColumn },
        SchemaRule(
            "FOREIGN_TABLE", .warning,
            "A foreign table's rows are on another server and are not migrated.",
            "Create the foreign server and its user mapping on the target before the import."
        ) { $0.statement.begins(["create", "foreign", "table"]) },
        SchemaRule(
            "POLICY_WITH_ROLES", .warning,
            "The policy is for role %, and roles are not migrated.",
            "Create the role on the target before the import."
        ) { subject in
            guard subject.statement.begins(["create", "policy"]),
                let to = subject.statement.index(of: ["to"], depth: 0),
                let role = subject.statement.name(at: to + 1)?.parts.first,
                !["public", "current_user", "session_user", "current_role"].contains(role)
            else { return nil }
            return role
        },
        SchemaRule(
            "NOT_VALID_CONSTRAINT", .info,
            "The constraint is NOT VALID; it is created after the snapshot, since old rows may break it.",
            "Run import schema with --post-snapshot-import once the snapshot is on the target."
        ) { $0.statement.isNotValidConstraint },
        SchemaRule(
            "MATERIALIZED_VIEW", .info,
            "A materialized view is created empty; its rows are not migrated.",
            "import schema with --post-snapshot-import fills it; refresh it again before the cutover."
        ) { $0.statement.begins(["create", "materialized", "view"]) },
        SchemaRule(
            "UNCATEGORIZED", .info,
            "The object is of a kind that has no file of its own; the import runs it late.",
            "Check that the target knows this kind of object."
        ) { $0.type == .uncategorized && $0.statement.begins(["create"]) },
    ]
}

extension SQLStatement {
    var isTable: Bool {
        begins(["create", "table"]) || begins(["create", "unlogged", "table"])
    }

    var inheritedTable: String? {
        guard isTable, let inherits = index(of: ["inherits", "("], depth: 0) else { return nil }
        return name(at: inherits + 2)?.parts.joined(separator: ".")
    }

    /// Whether a column is GENERATED ALWAYS AS (…) without the word STORED.
    fileprivate var hasVirtualColumn: Bool {
        guard isTable || begins(["alter", "table"]) else { return false }
        let generated = ["generated", "always", "as", "("]
        var from = 0
        while let at = index(of: generated, from: from) {
            from = at + generated.count
            let depth = tokens[from - 1].depth
            guard let end = tokens[from...].firstIndex(where: { $0.depth == depth }) else { return false }
            if !tokens.indices.contains(end + 1) || !tokens[end + 1].isKeyword("stored") { return true }
        }
        return false
    }

    /// Whether a primary key or unique constraint here, not a foreign key, is DEFERRABLE.
    var hasDeferrableKey: Bool {
        guard begins(["alter", "table"]) || isTable, contains(["deferrable"]) else { return false }
        var inKey = false
        for (at, token) in tokens.enumerated() {
            if token.isKeyword("unique") || token.isKeyword("primary") { inKey = true }
            if token.isKeyword("references") || token.isKeyword("foreign")
                || token.isKeyword(",") && token.depth < 2
            {
                inKey = false
            }
            if inKey, token.isKeyword("deferrable"), at == 0 || !tokens[at - 1].isKeyword("not") {
                return true
            }
        }
        return false
    }
}
