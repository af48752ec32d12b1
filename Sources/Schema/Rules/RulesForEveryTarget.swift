extension Rule {
    /// The rules for every target: what logical replication cannot carry, and what an import leaves to the
    /// operator.
    static let everyTarget: [Rule] = [
        Rule(
            "NO_PRIMARY_KEY", "Tables without a primary key", category: .caveat,
            reason: "The table has no primary key, so an update or delete of it carries no key.",
            suggestion:
                "Add a primary key, or set REPLICA IDENTITY FULL on the source before the migration begins.",
            search: .table { table, model in
                // An unlogged table is not migrated at all.
                guard table.isCreated, !table.isForeign, !table.isUnlogged, table.parent == nil,
                    table.primaryKey == nil, table.hasDefaultIdentity
                else { return [] }
                return [Match(place: table.place)]
            }),
        Rule(
            "REPLICA_IDENTITY_NOTHING", "Tables with REPLICA IDENTITY NOTHING", category: .caveat,
            reason:
                "The table's replica identity is NOTHING, so updates and deletes of it cannot be streamed.",
            suggestion: "Set its replica identity to DEFAULT if it has a primary key, otherwise to FULL.",
            search: .statement(["AlterTableStmt"]) { node, _ in
                node.commands("AT_ReplicaIdentity").contains {
                    $0.node("def")?.text("identity_type") == "n"
                } ? [.here] : []
            }),
        Rule(
            "UNLOGGED_TABLE", "Unlogged tables", category: .caveat,
            reason:
                "The table is UNLOGGED: its changes are not in the write-ahead log and cannot be streamed.",
            suggestion: "Make it LOGGED on the source, or exclude it from the migration.",
            unless: ["UNLOGGED_TABLES"],
            search: .table { table, _ in table.isUnlogged ? [Match(place: table.place)] : [] }),
        Rule(
            "LARGE_OBJECT_COLUMN", "Columns that may point at large objects", category: .caveat,
            severity: .warning,
            reason: "Column % is of type oid or lo; if it points at large objects, these are not migrated.",
            suggestion: "Keep the contents in a bytea column, or move the large objects by other means.",
            unless: ["UNSUPPORTED_DATATYPE_LARGE_OBJECT"],
            search: .table { table, model in
                table.columns.filter { ["oid", "lo"].contains(model.finalType(of: $0.type).name) }.map {
                    Match(detail: $0.name, place: $0.place)
                }
            }),
        Rule(
            "INHERITED_TABLE", "Table inheritance", category: .caveat, severity: .warning,
            reason: "The table inherits from %; parent and child are migrated as two tables.",
            suggestion:
                "Check that the application does not count on rows of the child in counts of the parent.",
            unless: ["INHERITANCE"],
            search: .table { table, _ in
                table.inherits.map { Match(detail: "\($0)", place: table.place) }
            }),
        Rule(
            "DEFERRABLE_KEY", "Deferrable keys", category: .caveat, severity: .warning,
            reason:
                "The key is DEFERRABLE, so it can be neither a replica identity nor the key of an upsert.",
            suggestion:
                "Drop DEFERRABLE if the application does not need it. A table without another key needs "
                + "REPLICA IDENTITY FULL on the source before the migration begins.",
            unless: ["DEFERRABLE_CONSTRAINTS"],
            search: .table { table, _ in
                table.keys.filter { $0.isDeferrable && $0.kind != .exclusion }.map { key in
                    // Only the primary key is a replica identity by itself.
                    let isIdentity = key.kind == .primary && table.hasDefaultIdentity
                    return Match(
                        place: key.place, constraint: key.name, severity: isIdentity ? .blocking : nil)
                }
            }),
        Rule(
            "NOT_VALID_CONSTRAINT", "Constraints that are NOT VALID", category: .caveat, severity: .info,
            reason:
                "The constraint is NOT VALID; it is created after the snapshot, since old rows may break it.",
            suggestion: "Run import schema with --post-snapshot-import once the snapshot is on the target.",
            search: .statement(["AlterTableStmt"]) { node, _ in
                node.addedConstraints.filter { $0.flag("skip_validation") }.map {
                    Match(offset: $0.location, constraint: $0.text("conname"))
                }
            }),
        Rule(
            "MATERIALIZED_VIEW", "Materialized views", category: .caveat, severity: .info,
            reason: "A materialized view is created empty; its rows are not migrated.",
            suggestion:
                "import schema with --post-snapshot-import fills it; refresh it again before the cutover.",
            search: .statement(["CreateTableAsStmt"]) { node, _ in
                node.text("objtype") == "OBJECT_MATVIEW" ? [.here] : []
            }),
        Rule(
            "UNCATEGORIZED", "Objects without a file of their own", category: .caveat, severity: .info,
            reason: "The object is of a kind that has no file of its own; the import runs it late.",
            suggestion: "Check that the target knows this kind of object.",
            search: .tokens { statement, subject in
                subject.statement.type == .uncategorized && statement.begins(["create"]) ? .here : nil
            }),
    ]
}
