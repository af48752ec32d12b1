extension Rule {
    /// The rules for targets that are PostgreSQL: what a version does not have yet, or has no more.
    static let postgreSQL: [Rule] = [
        since(
            16, "SQL_JSON_SINCE_16", "SQL constructors and predicates of JSON",
            "% is not known to this version.", "Use the functions json_build_object and json_agg.",
            .later(of: [.jsonPredicate, .jsonConstructor])),
        since(
            16, "SQL_JSON_SINCE_16", "SQL constructors and predicates of JSON",
            "% is not known to this version.", "Use the functions json_build_object and json_agg.",
            .call(["json_array", "json_arrayagg", "json_objectagg", "json_object"])),
        since(
            17, "SQL_JSON_SINCE_17", "SQL queries of JSON", "% is not known to this version.",
            "Use the functions of jsonb.", .later(of: [.jsonQuery])),
        since(
            17, "SQL_JSON_SINCE_17", "SQL queries of JSON", "% is not known to this version.",
            "Use the functions of jsonb.",
            .call(["json_exists", "json_query", "json_value", "json_scalar", "json_serialize"])),
        since(
            16, "NUMBER_SINCE_16", "Numbers that are not decimal", "% is not known to this version.",
            "Write the number in decimal.", .later(of: [.nonDecimalNumber])),
        since(
            16, "ANY_VALUE_SINCE_16", "any_value", "% is not known to this version.", "Use min or max.",
            .node(["FuncCall"]) { node, _ in
                node.functionName == "any_value" ? Match(detail: "any_value", offset: node.location) : nil
            }),
        since(
            15, "NULLS_NOT_DISTINCT_SINCE_15", "NULLS NOT DISTINCT", "NULLS NOT DISTINCT is not known.",
            "Delete the clause.",
            .node(["Constraint", "IndexStmt"]) { node, _ in
                node.flag("nulls_not_distinct")
                    ? Match(offset: node.location, constraint: node.text("conname")) : nil
            }),
        since(
            15, "SECURITY_INVOKER_SINCE_15", "Views with security_invoker", "security_invoker is not known.",
            "Delete the option.",
            .statement(["ViewStmt"]) { node, _ in node.option("security_invoker") == nil ? [] : [.here] }),
        since(
            15, "MERGE_SINCE_15", "MERGE", "MERGE is not known.", "Write it as INSERT … ON CONFLICT.",
            .node(["MergeStmt"]) { node, _ in Match(offset: node.node("relation")?.location) }),
        since(
            15, "REGEX_FUNCTIONS_SINCE_15", "Functions on regular expressions",
            "% is not known to this version.",
            "Use regexp_matches.",
            .node(["FuncCall"]) { node, _ in
                ["regexp_count", "regexp_instr", "regexp_like"].contains(node.functionName)
                    ? Match(detail: node.functionName, offset: node.location) : nil
            }),
        since(
            14, "COMPRESSION_SINCE_14", "COMPRESSION of a column", "COMPRESSION is not known: column %.",
            "Delete the clause.",
            .compression()),
        since(
            14, "SQL_BODY_SINCE_14", "SQL bodies of functions", "SQL bodies are not known.",
            "Write the body as a text.",
            .statement(["CreateFunctionStmt"]) { node, _ in node["sql_body"] == nil ? [] : [.here] }),
        since(
            14, "MULTIRANGE_SINCE_14", "Multiranges", "Column % is a multirange.",
            "Store an array of ranges.",
            .table { table, model in
                table.columns.filter {
                    model.containedTypes(of: $0.type).contains { $0.hasSuffix("multirange") }
                }.map { Match(detail: $0.name, place: $0.place) }
            }),
        Rule(
            "LZ4_COMPRESSION", "Compression by lz4", severity: .warning,
            reason: "Column % is compressed by lz4, which a server can be built without.",
            suggestion: "Delete the clause if the target refuses it.",
            // A server that was asked is known.
            search: .compression { method, subject in method == "lz4" && subject.target.offers == nil }),
        Rule(
            "REMOVED_TYPE", "Types that PostgreSQL 12 removed",
            reason: "PostgreSQL 12 removed the type of column %.",
            suggestion: "Store the value as timestamptz or interval.",
            search: .table { table, model in
                table.columns.filter { column in
                    ["abstime", "reltime", "tinterval"].contains(model.finalType(of: column.type).name)
                }.map { Match(detail: $0.name, place: $0.place) }
            }),
        Rule(
            "TABLE_WITH_OIDS", "WITH OIDS", reason: "PostgreSQL 12 removed WITH OIDS.",
            suggestion: "Delete the clause.",
            search: .tokens { statement, _ in
                guard statement.isTable else { return nil }
                return statement.place(of: ["with", "oids"])
            }),
    ]

    /// Makes a rule for what PostgreSQL has from a major version on.
    private static func since(
        _ major: Int, _ id: String, _ title: String, _ reason: String, _ suggestion: String, _ search: Search
    ) -> Rule {
        Rule(
            id, title, reason: "\(reason) PostgreSQL has it from version \(major) on.",
            suggestion: suggestion,
            fixed: FixedReleases(general: ["\(major).0"]), search: search)
    }

    /// The rules for syntax that PostgreSQL 15 does not know, whatever the target.
    static let syntax: [Rule] = [
        Rule(
            "VIRTUAL_GENERATED_COLUMN", "Virtual generated columns", severity: .warning,
            reason:
                "A generated column without STORED is virtual, which PostgreSQL has from version 18 on and "
                + "YugabyteDB has not.",
            suggestion: "Write STORED after its expression in the file, if the target is older than that.",
            search: .later { later, target in
                later.subject == .virtualColumn && target.lacks(later.origin)
                    ? Match(offset: later.offset) : nil
            }),
        Rule(
            "YUGABYTEDB_SYNTAX", "Syntax of YugabyteDB", reason: "Only YugabyteDB knows %.",
            suggestion: "Delete the clause.",
            search: .later { later, target in
                later.origin == .yugabyteDB && target.lacks(later.origin)
                    ? Match(detail: later.name, offset: later.offset) : nil
            }),
        Rule(
            "LATER_POSTGRESQL_SYNTAX", "Syntax of a later PostgreSQL", reason: "The target does not know %.",
            suggestion: "Delete the clause, or upgrade the target.",
            search: .later { later, target in
                guard case .postgreSQL(let major) = later.origin, later.subject == .other,
                    target.lacks(later.origin)
                else { return nil }
                return Match(
                    detail: "\(later.name), which PostgreSQL has from version \(major) on",
                    offset: later.offset)
            }),
    ]

    /// The rule for a statement that cannot be parsed.
    static let unparsed = Rule(
        "UNSUPPORTED_PG_SYNTAX", "Statements that cannot be parsed",
        reason: "The statement cannot be parsed: %.",
        suggestion: "Correct the statement.", links: RuleLinks(voyager: 1625), unless: ["TABLE_WITH_OIDS"],
        search: .tokens { _, subject in
            subject.statement.fault.map { Match(detail: $0.reason, offset: $0.offset) }
        })
}

extension AnalysisTarget {
    /// Whether the target does not know the syntax of this origin.
    func lacks(_ origin: LaterSyntax.Origin) -> Bool {
        switch (self, origin) {
        case (.yugabyteDB, .yugabyteDB): false
        case (.yugabyteDB, .postgreSQL), (.postgreSQL, .yugabyteDB): true
        case (.postgreSQL(let target?, _), .postgreSQL(let major)): target < major
        case (.postgreSQL(nil, _), .postgreSQL): false
        }
    }
}

extension Rule.Search {
    fileprivate static func call(_ names: Set<String>) -> Rule.Search {
        .node(["FuncCall"]) { node, _ in
            guard names.contains(node.functionName), !node.isOlderJSONObject else { return nil }
            return Match(detail: node.functionName.uppercased(), offset: node.location)
        }
    }

    fileprivate static func later(of subjects: Set<LaterSyntax.Subject>) -> Rule.Search {
        .later { later, _ in
            subjects.contains(later.subject) ? Match(detail: later.name, offset: later.offset) : nil
        }
    }
}
