extension Rule {
    /// The rules for queries, wherever they are: in views, functions, defaults, policies and triggers.
    static let queries: [Rule] = systemColumns + constructs

    private static let systemColumns: [Rule] = ["xmin", "xmax", "cmin", "cmax", "ctid"].map {
        systemColumn($0)
    }

    private static let constructs: [Rule] =
        [
            call(
                "ADVISORY_LOCKS", "Advisory locks", advisoryLocks,
                "YugabyteDB has no advisory locks by default: %.", "Lock a row of a table of your own.",
                fixed: FixedReleases(
                    general: ["2025.1.0.0", "2025.2.0.0", "2026.1.0.0"], preview: ["2.25.1.0"],
                    flags: "ysql_yb_enable_advisory_locks"),
                links: RuleLinks(db: 3642, page: "#advisory-locks-is-not-yet-implemented")),
            query(
                "XML_FUNCTIONS", "XML functions", "YugabyteDB has no XML functions: %.",
                "Make the XML in the application.",
                links: RuleLinks(db: 1043, page: "#xml-functions-is-not-yet-supported"),
                kinds: ["XmlExpr", "XmlSerialize", "RangeTableFunc", "FuncCall"]
            ) { node, _ in
                switch node.kind {
                case "XmlExpr", "XmlSerialize": return Match(detail: "XML", offset: node.location)
                case "RangeTableFunc": return Match(detail: "xmltable", offset: node.location)
                default:
                    let name = node.functionName
                    return xmlFunctions.contains(name) ? Match(detail: name, offset: node.location) : nil
                }
            },
            call(
                "REGEX_FUNCTIONS", "Functions on regular expressions",
                ["regexp_count", "regexp_instr", "regexp_like"],
                "YugabyteDB has no % before its releases on PostgreSQL 15.",
                "Use regexp_matches, or upgrade the target.", fixed: .postgreSQL15),
            call(
                "ANY_VALUE_AGGREGATE_FUNCTION", "any_value", ["any_value"], "YugabyteDB has no aggregate %.",
                "Use min or max."),
            call(
                "RANGE_AGGREGATE_FUNCTION", "Aggregates of ranges", ["range_agg", "range_intersect_agg"],
                "YugabyteDB has no aggregate % before its releases on PostgreSQL 15.",
                "Aggregate the bounds, or upgrade the target.", fixed: .postgreSQL15),
            call(
                "JSON_CONSTRUCTOR_FUNCTION", "SQL constructors of JSON",
                ["json_arrayagg", "json_array", "json_objectagg", "json_object"],
                "YugabyteDB has no SQL constructor %.", "Use json_build_array, json_build_object or json_agg."
            ),
            call(
                "JSON_QUERY_FUNCTION", "SQL queries of JSON",
                ["json_exists", "json_query", "json_value", "json_table"],
                "YugabyteDB has no SQL function %.",
                "Use the operators -> and ->>, or the functions of jsonb."),
            Rule(
                "JSON_TYPE_PREDICATE", "IS JSON", category: .query, severity: .warning, impact: .medium,
                reason: "YugabyteDB has no predicate %.",
                suggestion: "Cast the value within an exception block.",
                links: .later,
                search: .later { later, _ in
                    later.subject == .jsonPredicate ? Match(detail: later.name, offset: later.offset) : nil
                }),
            Rule(
                "NON_DECIMAL_INTEGER_LITERAL", "Numbers that are not decimal", category: .query,
                severity: .warning, impact: .medium,
                reason: "YugabyteDB does not read numbers that are not decimal.",
                suggestion: "Write the number in decimal.", links: .later,
                search: .later { later, _ in
                    later.subject == .nonDecimalNumber ? Match(offset: later.offset) : nil
                }),
            query(
                "JSONB_SUBSCRIPTING", "Subscripts of jsonb",
                "YugabyteDB has no subscripts of jsonb before its releases on PostgreSQL 15.",
                "Use the operators -> and ->>.", fixed: .postgreSQL15,
                links: RuleLinks(db: 25575, page: "#jsonb-subscripting"),
                kinds: ["A_Indirection"]
            ) { node, subject in
                guard node.nodes("indirection").contains(where: { $0.kind == "A_Indices" }),
                    let value = node.node("arg"), subject.model.isJSONB(value)
                else { return nil }
                return Match(offset: value.location)
            },
            call(
                "LARGE_OBJECT_FUNCTIONS", "Functions of large objects", largeObjectFunctions,
                "YugabyteDB has no large objects: %.", "Keep the contents in a bytea column.",
                links: RuleLinks(
                    db: 25318, page: "#large-objects-and-its-functions-are-currently-not-supported"),
                alsoTriggers: true),
            query(
                "FETCH_WITH_TIES", "FETCH … WITH TIES", "YugabyteDB has no WITH TIES.",
                "Use rank() in a subquery.", kinds: ["SelectStmt"]
            ) { node, _ in
                node.text("limitOption") == "LIMIT_OPTION_WITH_TIES"
                    ? Match(offset: node.node("limitCount")?.location) : nil
            },
            query(
                "COPY FROM ... WHERE", "COPY FROM … WHERE",
                "YugabyteDB has no WHERE of COPY before its releases on PostgreSQL 15.",
                "Filter the rows afterwards, or upgrade the target.", fixed: .postgreSQL15,
                kinds: ["CopyStmt"]
            ) { node, _ in node.flag("is_from") && node["whereClause"] != nil ? .here : nil },
            query(
                "COPY ... ON_ERROR", "COPY … ON_ERROR", "YugabyteDB has no option ON_ERROR of COPY.",
                "Delete the option.", kinds: ["CopyStmt"]
            ) { node, _ in node.option("on_error").map { Match(offset: $0.location) } },
            query(
                "MERGE_STATEMENT", "MERGE", "YugabyteDB has no MERGE.",
                "Write it as INSERT … ON CONFLICT, or in PL/pgSQL.",
                links: RuleLinks(db: 25574, page: "#merge-command"), kinds: ["MergeStmt"]
            ) { node, _ in Match(offset: node.node("relation")?.location) },
            query(
                "CTE_WITH_MATERIALIZED_CLAUSE", "WITH … MATERIALIZED",
                "YugabyteDB has no MATERIALIZED of WITH before its releases on PostgreSQL 15.",
                "Delete the word, or upgrade the target.", fixed: .postgreSQL15, kinds: ["CommonTableExpr"]
            ) { node, _ in
                node.text("ctematerialized").map { $0 != "CTEMaterializeDefault" } ?? false
                    ? Match(offset: node.location) : nil
            },
            query(
                "LISTEN_NOTIFY", "LISTEN and NOTIFY", "YugabyteDB has no LISTEN and NOTIFY: %.",
                "Poll a table, or use a queue outside of the database.",
                fixed: FixedReleases(
                    early: ["2025.2.3.0", "2026.1.0.0"], flags: "ysql_yb_enable_listen_notify"),
                links: RuleLinks(db: 1872, page: "#events-listen-notify"),
                kinds: ["ListenStmt", "NotifyStmt", "UnlistenStmt", "FuncCall"]
            ) { node, _ in
                switch node.kind {
                case "ListenStmt": Match(detail: "LISTEN")
                case "NotifyStmt": Match(detail: "NOTIFY")
                case "UnlistenStmt": Match(detail: "UNLISTEN")
                default:
                    node.functionName == "pg_notify" ? Match(detail: "pg_notify", offset: node.location) : nil
                }
            },
            query(
                "TWO_PHASE_COMMIT", "Two-phase commit", impact: .high, "YugabyteDB has no two-phase commit.",
                "Commit each transaction by itself.", links: RuleLinks(db: 11084, page: "#two-phase-commit"),
                kinds: ["TransactionStmt"]
            ) { node, _ in
                ["TRANS_STMT_PREPARE", "TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED"]
                    .contains(node.text("kind")) ? .here : nil
            },
            query(
                "WHERE_CURRENT_OF", "WHERE CURRENT OF", impact: .low, "YugabyteDB has no WHERE CURRENT OF.",
                "Find the row by its key.", links: RuleLinks(db: 737), kinds: ["CurrentOfExpr"]
            ) { _, _ in .here },
        ]

    private static func query(
        _ id: String, _ title: String, impact: Impact = .medium, _ reason: String, _ suggestion: String,
        fixed: FixedReleases = .none, links: RuleLinks = .later, kinds: [String],
        finds: @escaping @Sendable (Node, Subject) -> Match?
    ) -> Rule {
        Rule(
            id, title, category: .query, severity: .warning, impact: impact, reason: reason,
            suggestion: suggestion, fixed: fixed, links: links, search: .node(kinds, finds))
    }

    private static func call(
        _ id: String, _ title: String, _ names: Set<String>, _ reason: String, _ suggestion: String,
        fixed: FixedReleases = .none, links: RuleLinks = .later, alsoTriggers: Bool = false
    ) -> Rule {
        query(
            id, title, reason, suggestion, fixed: fixed, links: links,
            kinds: ["FuncCall"] + (alsoTriggers ? ["CreateTrigStmt"] : [])
        ) { node, _ in
            // The function of a trigger comes from an extension, which has a schema of its own.
            let name = node.kind == "CreateTrigStmt" ? node.lastFunctionName : node.functionName
            guard names.contains(name), !node.isOlderJSONObject else { return nil }
            return Match(detail: name, offset: node.location)
        }
    }

    private static func systemColumn(_ column: String) -> Rule {
        query(
            "SYSTEM_COLUMN_\(column.uppercased())", "System column \(column)",
            "YugabyteDB has no system column \(column).", "Keep what it tells in a column of your own.",
            links: RuleLinks(db: 24843, page: "#system-columns-is-not-yet-supported"), kinds: ["ColumnRef"]
        ) { node, _ in
            node.nodes("fields").last?.string == column ? Match(offset: node.location) : nil
        }
    }

    private static let advisoryLocks: Set<String> = [
        "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_unlock", "pg_advisory_unlock_all",
        "pg_advisory_unlock_shared", "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared",
        "pg_try_advisory_lock", "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock",
        "pg_try_advisory_xact_lock_shared",
    ]

    private static let largeObjectFunctions: Set<String> = [
        "lo_create", "lo_creat", "lo_import", "lo_import_with_oid", "lo_export", "lo_open", "lo_write",
        "lo_read",
        "lo_lseek", "lo_lseek64", "lo_tell", "lo_tell64", "lo_truncate", "lo_truncate64", "lo_close",
        "lo_unlink",
        "lo_from_bytea", "lo_put", "lo_get", "lo_manage", "lo_oid", "loread", "lowrite",
    ]

    private static let xmlFunctions: Set<String> = [
        "xmltext", "xmlcomment", "xmlconcat", "xmlelement", "xmlforest", "xmlpi", "xmlroot", "xmlagg", "xml",
        "xmlexists", "xml_is_well_formed", "xml_is_well_formed_document", "xml_is_well_formed_content",
        "xpath",
        "xpath_exists", "xmltable", "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema",
        "cursor_to_xmlschema", "cursor_to_xml", "query_to_xmlschema", "query_to_xml",
        "query_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema",
        "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema", "xmlconcat2",
        "xmlvalidate",
        "xml_in", "xml_out", "xml_recv", "xml_send",
    ]
}

extension Node {
    /// The name of the function of PostgreSQL that it calls; empty if the call names another schema.
    var functionName: String {
        let parts = texts("funcname")
        return parts.count < 2 || parts[0] == "pg_catalog" ? parts.last ?? "" : ""
    }

    /// The name of the function that it calls, whatever its schema.
    var lastFunctionName: String { texts("funcname").last ?? "" }

    /// Whether it calls the function json_object, which is older than the constructor of the same name. What
    /// only the constructor takes is blanked before a call is parsed.
    var isOlderJSONObject: Bool { functionName == "json_object" && !nodes("args").isEmpty }
}

extension SchemaModel {
    /// Whether an expression is of type jsonb, as far as names tell.
    fileprivate func isJSONB(_ value: Node) -> Bool {
        switch value.kind {
        case "ColumnRef": value.nodes("fields").last?.string.map(jsonbColumns.contains) ?? false
        case "TypeCast": value.node("typeName")?.texts("names").last == "jsonb"
        case "FuncCall":
            jsonbFunctions.contains(value.lastFunctionName)
                || Self.functionsOfJSONB.contains(value.functionName)
        case "A_Expr":
            value.texts("name") == ["||"]
                && [value.node("lexpr"), value.node("rexpr")].contains { $0.map(isJSONB) ?? false }
        default: false
        }
    }

    private static let functionsOfJSONB: Set<String> = [
        "jsonb_agg", "jsonb_agg_finalfn", "jsonb_agg_strict", "jsonb_array_element", "jsonb_build_array",
        "jsonb_build_object", "jsonb_concat", "jsonb_delete", "jsonb_delete_path", "jsonb_extract_path",
        "jsonb_in",
        "jsonb_insert", "jsonb_object", "jsonb_object_agg", "jsonb_object_agg_finalfn",
        "jsonb_object_agg_strict",
        "jsonb_object_agg_unique", "jsonb_object_agg_unique_strict", "jsonb_object_field",
        "jsonb_path_query_array",
        "jsonb_path_query_array_tz", "jsonb_path_query_first", "jsonb_path_query_first_tz", "jsonb_recv",
        "jsonb_set",
        "jsonb_set_lax", "jsonb_strip_nulls", "to_jsonb", "ts_headline",
    ]
}
