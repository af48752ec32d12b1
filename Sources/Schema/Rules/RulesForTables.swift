extension Rule {
    /// The rules for tables, columns and constraints on YugabyteDB.
    static let tables: [Rule] = [
        Rule(
            "STORED_GENERATED_COLUMNS", "Stored generated columns",
            reason: "YugabyteDB has no stored generated columns: %.",
            suggestion: "Fill the column by a trigger.", fixed: .postgreSQL15,
            links: RuleLinks(db: 10695, page: "#generated-always-as-stored-type-column-is-not-supported"),
            search: .table { table, _ in
                table.columns.filter(\.isGenerated).map { Match(detail: $0.name, place: $0.place) }
            }),
        Rule(
            "UNLOGGED_TABLES", "Unlogged tables", reason: "YugabyteDB has no UNLOGGED tables.",
            suggestion: "Delete the word UNLOGGED.",
            fixed: FixedReleases(
                general: ["2024.2.0.0", "2.25.0.0", "2025.1.0.0", "2025.2.0.0", "2026.1.0.0"]),
            links: RuleLinks(db: 1129, page: "#unlogged-table-is-not-supported"),
            search: .table { table, _ in table.isUnlogged ? [Match(place: table.place)] : [] }),
        Rule(
            "INHERITANCE", "Table inheritance", impact: .high,
            reason: "YugabyteDB does not support inheritance from % by default.",
            suggestion: "Make the child a table of its own.",
            fixed: FixedReleases(
                preview: ["2025.1.0.0", "2025.2.0.0", "2026.1.0.0"], flags: "ysql_enable_inheritance"),
            links: RuleLinks(db: 1129, page: "#table-inheritance-is-not-supported"),
            search: .table { table, _ in
                table.inherits.map { Match(detail: "\($0)", place: table.place) }
            }),
        Rule(
            "STORAGE_PARAMETERS", "Storage parameters",
            reason: "YugabyteDB takes no storage parameters on indexes and constraints.",
            suggestion: "Delete the WITH clause.",
            links: RuleLinks(
                db: 23467, page: "#storage-parameters-on-indexes-or-constraints-in-the-source-postgresql"),
            search: .statement(["IndexStmt", "AlterTableStmt"]) { node, _ in
                if node.kind == "IndexStmt" {
                    return node.nodes("options").isEmpty
                        ? [] : [Match(offset: node.nodes("options")[0].location)]
                }
                return node.addedConstraints.filter { !$0.nodes("options").isEmpty }.map {
                    Match(offset: $0.nodes("options")[0].location, constraint: $0.text("conname"))
                }
            }),
        Rule(
            "EXCLUSION_CONSTRAINTS", "Exclusion constraints",
            reason: "YugabyteDB has no exclusion constraints.",
            suggestion: "Drop the constraint and keep its condition in a trigger or in the application.",
            links: RuleLinks(db: 3944, page: "#exclusion-constraints-is-not-supported"),
            search: .table { table, _ in
                table.keys.filter { $0.kind == .exclusion }.map {
                    Match(place: $0.place, constraint: $0.name)
                }
            }),
        Rule(
            "DEFERRABLE_CONSTRAINTS", "Deferrable constraints", impact: .high,
            reason: "YugabyteDB takes DEFERRABLE only on foreign keys.",
            suggestion: "Drop DEFERRABLE and let the application order its writes.",
            links: RuleLinks(
                db: 1709,
                page: "#deferrable-constraint-on-constraints-other-than-foreign-keys-is-not-supported"),
            search: .table { table, _ in
                table.keys.filter(\.isDeferrable).map { Match(place: $0.place, constraint: $0.name) }
            }),
        Rule(
            "FOREIGN_KEY_REFERENCED_PARTITIONED_TABLE", "Foreign key to a partitioned table",
            reason: "The foreign key refers to the partitioned table %.",
            suggestion: "Drop the foreign key, or upgrade the target.", fixed: .postgreSQL15, links: .later,
            search: .table { table, model in
                table.foreignKeys.filter { model.tables[$0.referenced]?.partitioning != nil }.map {
                    Match(detail: "\($0.referenced)", place: $0.place, constraint: $0.name)
                }
            }),
        Rule(
            "UNIQUE_NULLS_NOT_DISTINCT", "UNIQUE NULLS NOT DISTINCT",
            reason: "YugabyteDB has no NULLS NOT DISTINCT before its releases on PostgreSQL 15.",
            suggestion: "Drop the clause, or upgrade the target.", fixed: .postgreSQL15, links: .later,
            search: .node(["Constraint", "IndexStmt"]) { node, _ in
                node.flag("nulls_not_distinct")
                    ? Match(offset: node.location, constraint: node.text("conname")) : nil
            }),
        Rule(
            "COMPRESSION_CLAUSE_IN_TABLE", "COMPRESSION of a column",
            reason: "YugabyteDB has no COMPRESSION clause: column %.", suggestion: "Delete the clause.",
            links: .later,
            search: .compression()),
        Rule(
            "ALTER_TABLE_ADD_PK_ON_PARTITIONED_TABLE", "Primary key added to a partitioned table",
            category: .caveat, reason: "The primary key is added to a partitioned table after its creation.",
            suggestion: "Move the primary key into CREATE TABLE.",
            fixed: FixedReleases(general: [
                "2024.1.0.0", "2024.2.0.0", "2025.1.0.0", "2025.2.0.0", "2026.1.0.0", "2.23.0.0", "2.25.0.0",
            ]),
            links: RuleLinks(
                db: 10074, page: "#adding-primary-key-to-a-partitioned-table-results-in-an-error"),
            search: .statement(["AlterTableStmt"]) { node, subject in
                guard let name = node.node("relation")?.relationName,
                    subject.model.tables[name]?.partitioning != nil
                else { return [] }
                return node.addedConstraints.filter { $0.text("contype") == "CONSTR_PRIMARY" }.map {
                    Match(offset: $0.location, constraint: $0.text("conname"))
                }
            }),
        Rule(
            "EXPRESSION_PARTITION_WITH_PK_UK", "Key of a table that is partitioned by an expression",
            reason: "The table is partitioned by an expression and has a primary key or a unique constraint.",
            suggestion: "Drop the constraint, or partition by columns.",
            links: RuleLinks(
                voyager: 698,
                page: "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/mysql/"
                    + "#tables-partitioned-with-expressions-cannot-contain-primary-unique-keys"),
            search: .table { table, _ in
                guard let partitioning = table.partitioning, partitioning.hasExpression,
                    table.keys.contains(where: { $0.kind != .exclusion })
                else { return [] }
                return [Match(place: partitioning.place)]
            }),
        Rule(
            "MULTI_COLUMN_LIST_PARTITION", "List partitions over several columns",
            reason: "The table is partitioned by a list over more than one column.",
            suggestion: "Partition by one column, or by another method.",
            links: RuleLinks(
                voyager: 699,
                page: "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/mysql/"
                    + "#multi-column-partition-by-list-is-not-supported"),
            search: .table { table, _ in
                guard let partitioning = table.partitioning, partitioning.method == "list",
                    partitioning.keys > 1
                else { return [] }
                return [Match(place: partitioning.place)]
            }),
        Rule(
            "INSUFFICIENT_COLUMNS_IN_PK_FOR_PARTITION", "Primary key without the partition columns",
            reason: "The primary key lacks the partition columns %.",
            suggestion: "Add these columns to the primary key.",
            links: RuleLinks(
                voyager: 578,
                page: "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/oracle/"
                    + "#partition-key-column-not-part-of-primary-key-columns"),
            search: .table { table, _ in
                guard let partitioning = table.partitioning, let key = table.primaryKey else { return [] }
                let missing = partitioning.columns.filter { !key.columns.contains($0) }
                return missing.map { Match(detail: $0, place: key.place, constraint: key.name) }
            }),
        Rule(
            "ALTER_TABLE_SET_COLUMN_ATTRIBUTE", "Attributes of a column",
            reason: "YugabyteDB has no ALTER COLUMN … SET (…): column %.",
            suggestion: "Delete the statement.",
            links: .alterTable, search: .alter("AT_SetOptions")),
        Rule(
            "ALTER_TABLE_CLUSTER_ON", "CLUSTER ON", reason: "YugabyteDB has no ALTER TABLE … CLUSTER ON.",
            suggestion: "Delete the statement.", links: .alterTable, search: .alter("AT_ClusterOn")),
        Rule(
            "ALTER_TABLE_DISABLE_RULE", "DISABLE RULE",
            reason: "YugabyteDB has no ALTER TABLE … DISABLE RULE.",
            suggestion: "Delete the statement and the rule.", links: .alterTable,
            search: .alter("AT_DisableRule")),
        Rule(
            "FOREIGN_TABLE", "Foreign tables", category: .caveat,
            reason: "A foreign table's rows are on another server, %, and are not migrated.",
            suggestion: "Create the foreign server and its user mapping on the target before the import.",
            links: RuleLinks(
                voyager: 1627,
                page: "#foreign-table-in-the-source-database-requires-server-and-user-mapping"),
            search: .statement(["CreateForeignTableStmt"]) { node, subject in
                let server = node.text("servername") ?? ""
                // An export of all schemas has the server, too; one of some schemas has not.
                let isThere =
                    subject.model.servers.contains(server)
                    || subject.target.offers?.servers.contains(server) == true
                return [Match(detail: server, severity: isThere ? .warning : nil)]
            }),
    ]
}

extension RuleLinks {
    /// The links of variants of ALTER TABLE.
    static let alterTable = RuleLinks(
        db: 1124, page: "#unsupported-alter-table-ddl-variants-in-source-schema")
}

extension Rule.Search {
    /// Finds the subcommands of ALTER TABLE of these kinds, each with the name in it.
    static func alter(_ subtypes: String...) -> Rule.Search {
        .statement(["AlterTableStmt"]) { node, _ in
            subtypes.flatMap { node.commands($0) }.map { Match(detail: $0.text("name") ?? "") }
        }
    }
}

extension Node {
    /// The subcommands of an ALTER TABLE of one kind.
    func commands(_ subtype: String) -> [Node] {
        nodes("cmds").filter { $0.text("subtype") == subtype }
    }

    /// The constraints that an ALTER TABLE adds.
    var addedConstraints: [Node] { commands("AT_AddConstraint").compactMap { $0.node("def") } }
}
