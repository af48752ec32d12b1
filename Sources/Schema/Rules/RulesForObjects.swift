extension Rule {
    /// The rules for views, functions, triggers, policies, collations, extensions and databases.
    static let objects: [Rule] = [
        Rule(
            "SECURITY_INVOKER_VIEWS", "Views with security_invoker",
            reason: "YugabyteDB has no security_invoker before its releases on PostgreSQL 15.",
            suggestion: "Delete the option, or upgrade the target.", fixed: .postgreSQL15, links: .later,
            search: .statement(["ViewStmt"]) { node, _ in
                node.option("security_invoker") == nil ? [] : [.here]
            }),
        Rule(
            "VIEW_WITH_CHECK_OPTION", "Views with CHECK OPTION",
            reason: "YugabyteDB has no WITH CHECK OPTION.",
            suggestion: "Check the rows by an INSTEAD OF trigger.",
            links: RuleLinks(db: 22716, page: "#view-with-check-option-is-not-supported"),
            search: .statement(["ViewStmt"]) { node, _ in
                ["LOCAL_CHECK_OPTION", "CASCADED_CHECK_OPTION"].contains(node.text("withCheckOption"))
                    || node.option("check_option") != nil ? [.here] : []
            }),
        Rule(
            "SQL_BODY_IN_FUNCTION", "SQL bodies of functions",
            reason: "YugabyteDB has no SQL bodies before its releases on PostgreSQL 15.",
            suggestion: "Write the body as a text, or upgrade the target.", fixed: .postgreSQL15,
            links: .later,
            search: .statement(["CreateFunctionStmt"]) { node, _ in node["sql_body"] == nil ? [] : [.here] }),
        Rule(
            "CONSTRAINT_TRIGGER", "Constraint triggers", reason: "YugabyteDB has no constraint triggers.",
            suggestion: "Make it an ordinary AFTER trigger if it need not wait for the commit.",
            links: RuleLinks(db: 1709, page: "#constraint-trigger-is-not-supported"),
            search: .statement(["CreateTrigStmt"]) { node, _ in node.flag("isconstraint") ? [.here] : [] }),
        Rule(
            "REFERENCING_CLAUSE_IN_TRIGGER", "Transition tables of triggers",
            reason: "YugabyteDB has no transition tables (REFERENCING) in triggers.",
            suggestion: "Make it a row trigger.",
            links: RuleLinks(db: 1668, page: "#referencing-clause-for-triggers"),
            search: .statement(["CreateTrigStmt"]) { node, _ in
                node.nodes("transitionRels").isEmpty ? [] : [.here]
            }),
        Rule(
            "BEFORE_ROW_TRIGGER_ON_PARTITIONED_TABLE", "BEFORE row triggers on partitioned tables",
            reason: "The BEFORE row trigger is on a partitioned table.",
            suggestion: "Create it on each partition.", fixed: .postgreSQL15,
            links: RuleLinks(db: 24830, page: "#before-row-triggers-on-partitioned-tables"),
            search: .statement(["CreateTrigStmt"]) { node, subject in
                // The bit of BEFORE in PostgreSQL's own trigger.h is 2.
                guard node.flag("row"), (node.number("timing") ?? 0) & 2 != 0,
                    let table = node.node("relation")?.relationName,
                    subject.model.tables[table]?.partitioning != nil
                else { return [] }
                return [Match(offset: node.node("relation")?.location)]
            }),
        Rule(
            "POLICY_WITH_ROLES", "Policies for roles", category: .caveat,
            reason: "The policy is for %, and roles are not migrated.",
            suggestion: "Create these roles on the target before the import.",
            links: RuleLinks(
                voyager: 1655, page: "#policies-on-users-in-source-require-manual-user-creation"),
            search: .statement(["CreatePolicyStmt"]) { node, subject in
                node.nodes("roles").filter { role in
                    role.text("roletype") == "ROLESPEC_CSTRING"
                        && subject.target.offers?.roles.contains(role.text("rolename") ?? "") != true
                }.map { Match(detail: $0.text("rolename") ?? "", offset: $0.location) }
            }),
        Rule(
            "DETERMINISTIC_OPTION_WITH_COLLATION", "The option deterministic of a collation",
            reason: "YugabyteDB has no option deterministic before its releases on PostgreSQL 15.",
            suggestion: "Delete the option, or upgrade the target.", fixed: .postgreSQL15, links: .later,
            search: .collation(isDeterministic: true)),
        Rule(
            "NON_DETERMINISTIC_COLLATION", "Nondeterministic collations",
            reason: "YugabyteDB has no nondeterministic collations.",
            suggestion: "Use a deterministic collation, or citext.", links: .later,
            search: .collation(isDeterministic: false)),
        Rule(
            "UNSUPPORTED_EXTENSION", "Extensions", impact: .high,
            reason: "Extension % is not among those YugabyteDB ships.",
            suggestion: "Drop the extension and what depends on it, or install it on the target.",
            links: RuleLinks(
                voyager: 1538,
                page: "https://docs.yugabyte.com/preview/explore/ysql-language-features/pg-extensions/"),
            search: .statement(["CreateExtensionStmt"]) { node, _ in
                let name = node.text("extname") ?? ""
                return supportedExtensions.contains(name) ? [] : [Match(detail: name)]
            }),
        Rule(
            "DATABASE_OPTIONS_PG15", "Options of CREATE DATABASE", impact: .medium,
            reason: "YugabyteDB does not take the option % of CREATE DATABASE.",
            suggestion: "Delete the option.",
            links: .later,
            search: .databaseOptions([
                "icu_locale", "locale_provider", "locale", "strategy", "collation_version", "oid",
            ])),
        Rule(
            "DATABASE_OPTIONS_PG17", "Options of CREATE DATABASE of PostgreSQL 16 and 17", impact: .medium,
            reason: "YugabyteDB does not take the option % of CREATE DATABASE.",
            suggestion: "Delete the option.",
            links: .later, search: .databaseOptions(["builtin_locale", "icu_rules"])),
    ]

    private static let supportedExtensions: Set<String> = [
        "adminpack", "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink",
        "dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "hll", "hstore", "hypopg",
        "insert_username", "intagg", "intarray", "isn", "lo", "ltree", "moddatetime", "orafce", "pageinspect",
        "pg_buffercache", "pg_cron", "pg_freespacemap", "pg_hint_plan", "pg_prewarm", "pg_stat_monitor",
        "pg_stat_statements", "pg_trgm", "pg_visibility", "pgaudit", "pgcrypto", "pgrowlocks", "pgstattuple",
        "plpgsql", "postgres_fdw", "refint", "seg", "sslinfo", "tablefunc", "tcn", "timetravel",
        "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "yb_pg_metrics", "yb_test_extension",
    ]
}

extension Rule.Search {
    fileprivate static func collation(isDeterministic: Bool) -> Rule.Search {
        .statement(["DefineStmt"]) { node, _ in
            guard node.text("kind") == "OBJECT_COLLATION", let option = node.option("deterministic") else {
                return []
            }
            let value = option.node("arg")?.string?.lowercased() ?? "true"
            let isOn = !["false", "off", "0", "no", "f"].contains(value)
            return isOn == isDeterministic ? [Match(offset: option.location)] : []
        }
    }

    fileprivate static func databaseOptions(_ names: Set<String>) -> Rule.Search {
        .statement(["CreatedbStmt"]) { node, _ in
            node.nodes("options").compactMap { option in
                guard let name = option.text("defname"), names.contains(name) else { return nil }
                return Match(detail: name, offset: option.location)
            }
        }
    }
}
