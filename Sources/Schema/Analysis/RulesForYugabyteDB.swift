import Records

extension SchemaRule {
    /// The rules for what YugabyteDB refuses or does otherwise, by its own list of unsupported features.
    static let yugabyteDB: [SchemaRule] = [
        SchemaRule(
            "EXCLUSION_CONSTRAINT", .blocking, "YugabyteDB has no exclusion constraints.",
            "Drop the constraint and keep the rule in a trigger or in the application."
        ) { $0.statement.hasExclusionConstraint },
        SchemaRule(
            "DEFERRABLE_CONSTRAINT", .blocking,
            "YugabyteDB takes DEFERRABLE only on foreign keys.",
            "Drop DEFERRABLE and let the application order its writes."
        ) { $0.statement.hasDeferrableKey },
        SchemaRule(
            "INHERITED_TABLE", .blocking, "YugabyteDB does not support inheritance from % by default.",
            "Make the child a table of its own, or turn on ysql_enable_inheritance if the release has it."
        ) { $0.statement.inheritedTable },
        SchemaRule(
            "INDEX_METHOD", .blocking, "YugabyteDB has no % indexes.",
            "Use a btree or GIN index, or drop the index."
        ) { subject in
            subject.statement.indexMethod.flatMap { ["gist", "spgist", "brin"].contains($0) ? $0 : nil }
        },
        SchemaRule(
            "MULTI_COLUMN_GIN_INDEX", .blocking, "YugabyteDB takes a GIN index on one column only.",
            "Make one index for each column."
        ) { $0.statement.indexMethod == "gin" && $0.statement.indexKeyCount > 1 },
        SchemaRule(
            "STORAGE_PARAMETERS", .blocking,
            "YugabyteDB takes no storage parameters on indexes and constraints.",
            "Delete the WITH clause."
        ) { subject in
            (subject.statement.createdIndex != nil || subject.statement.begins(["alter", "table"]))
                && subject.statement.contains(["with", "("], depth: 0)
        },
        SchemaRule(
            "CONSTRAINT_TRIGGER", .blocking, "YugabyteDB has no constraint triggers.",
            "Make it an ordinary AFTER trigger if it need not wait for the commit."
        ) { $0.statement.begins(["create", "constraint", "trigger"]) },
        SchemaRule(
            "REFERENCING_CLAUSE", .blocking, "YugabyteDB has no transition tables (REFERENCING) in triggers.",
            "Make it a row trigger."
        ) { $0.statement.isTrigger && $0.statement.contains(["referencing"], depth: 0) },
        SchemaRule(
            "UNSUPPORTED_TYPE", .blocking, "YugabyteDB does not support the type of column %.",
            "Store the value in another type, for example text or bytea."
        ) { subject in
            subject.statement.columnTypes.first { unsupportedTypes.contains($0.type) }
                .map { "\($0.column) (\($0.type))" }
        },
        SchemaRule(
            "UNSUPPORTED_EXTENSION", .blocking, "Extension % is not among those YugabyteDB ships.",
            "Drop the extension and what depends on it, or install it on the target."
        ) { subject in
            guard subject.statement.begins(["create", "extension"]) else { return nil }
            let at = subject.statement.contains(["if", "not", "exists"]) ? 5 : 2
            guard let name = subject.statement.name(at: at)?.parts.first else { return nil }
            return supportedExtensions.contains(name) ? nil : name
        },
        SchemaRule(
            "MULTI_COLUMN_LIST_PARTITION", .blocking,
            "The table is partitioned by a list over more than one column.",
            "Partition by one column, or by another method."
        ) { subject in
            guard let list = subject.statement.index(of: ["partition", "by", "list", "("], depth: 0) else {
                return false
            }
            return subject.statement.itemCount(ofParenthesisAt: list + 3) > 1
        },
        SchemaRule(
            "CLUSTER_ON", .blocking, "YugabyteDB has no ALTER TABLE … CLUSTER ON.", "Delete the statement."
        ) { $0.statement.begins(["alter", "table"]) && $0.statement.contains(["cluster", "on"], depth: 0) },
        SchemaRule(
            "DISABLE_RULE", .blocking, "YugabyteDB has no ALTER TABLE … DISABLE RULE.",
            "Delete the statement and the rule."
        ) {
            $0.statement.begins(["alter", "table"]) && $0.statement.contains(["disable", "rule"], depth: 0)
        },
        SchemaRule(
            "NON_DETERMINISTIC_COLLATION", .blocking, "YugabyteDB has no nondeterministic collations.",
            "Use a deterministic collation, or citext."
        ) { subject in
            subject.statement.begins(["create", "collation"])
                && subject.statement.contains(["deterministic", "=", "false"])
        },
    ]

    private static let unsupportedTypes: Set<String> = [
        "xml", "xid", "geometry", "geography", "box2d", "box3d", "topogeometry", "raster", "pg_lsn",
        "txid_snapshot", "lo",
    ]

    private static let supportedExtensions: Set<String> = [
        "adminpack", "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink",
        "dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "hll", "hstore", "hypopg",
        "insert_username", "intagg", "intarray", "isn", "lo", "ltree", "moddatetime", "orafce", "pageinspect",
        "pg_buffercache", "pg_cron", "pg_freespacemap", "pg_hint_plan", "pg_prewarm", "pg_stat_monitor",
        "pg_stat_statements", "pg_trgm", "pg_visibility", "pgaudit", "pgcrypto", "pgrowlocks", "pgstattuple",
        "plpgsql", "postgres_fdw", "refint", "seg", "sslinfo", "tablefunc", "tcn", "timetravel",
        "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp",
    ]
}

extension SQLStatement {
    fileprivate var hasExclusionConstraint: Bool {
        guard isTable || begins(["alter", "table"]) else { return false }
        // "exclude" may be a column's name. It counts only where a constraint can begin.
        return tokens.indices.contains { at in
            guard tokens[at].isKeyword("exclude"), at > 1, at + 1 < tokens.count else { return false }
            let named = tokens[at - 2].isKeyword("constraint") && tokens[at - 1].isName
            return (named || tokens[at - 1].isKeyword("add") || tokens[at - 1].isKeyword(","))
                && (tokens[at + 1].isKeyword("using") || tokens[at + 1].isKeyword("("))
        }
    }

    fileprivate var indexKeyCount: Int {
        guard let open = tokens.firstIndex(where: { $0.isKeyword("(") && $0.depth == 0 }) else { return 0 }
        return itemCount(ofParenthesisAt: open)
    }

    /// Counts the items between commas in the parentheses that open at this token.
    fileprivate func itemCount(ofParenthesisAt open: Int) -> Int {
        let inside = tokens[open].depth + 1
        let items = tokens[(open + 1)...].prefix { $0.depth >= inside }
        return items.isEmpty ? 0 : 1 + items.count { $0.depth == inside && $0.isKeyword(",") }
    }
}
