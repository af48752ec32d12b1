extension Rule {
    /// The rules for statements that YugabyteDB refuses as a whole.
    static let statements: [Rule] = [
        Rule(
            "LIKE_ALL", "LIKE … INCLUDING ALL", reason: "YugabyteDB has no LIKE … INCLUDING ALL.",
            suggestion: "Write the columns out.", links: RuleLinks(db: 10697),
            search: .like { ($0.number("options") ?? 0) >= includingAll }),
        Rule(
            "LIKE_CLAUSE", "LIKE", reason: "YugabyteDB has no LIKE in CREATE TABLE.",
            suggestion: "Write the columns out.", links: RuleLinks(db: 1129),
            search: .like { ($0.number("options") ?? 0) < includingAll }),
        Rule(
            "TABLE_WITH_OIDS", "WITH OIDS", reason: "YugabyteDB has no WITH OIDS.",
            suggestion: "Delete the clause.", links: RuleLinks(db: 10273),
            search: .tokens { statement, _ in
                statement.isTable
                    ? statement.place(of: ["with", "oids"]) ?? statement.place(of: ["oids", "="]) : nil
            }),
        alter("ALTER_TABLE_OF", "ALTER TABLE … OF", "AT_AddOf"),
        alter("ALTER_TABLE_NOT_OF", "ALTER TABLE … NOT OF", "AT_DropOf"),
        alter("ALTER_TABLE_SET_STATISTICS", "ALTER COLUMN … SET STATISTICS", "AT_SetStatistics"),
        // pg_dump writes it for an ordinary table, and YugabyteDB makes nothing of it where it takes it.
        Rule(
            "ALTER_TABLE_SET_STORAGE", "ALTER COLUMN … SET STORAGE", severity: .warning,
            reason:
                "YugabyteDB has no use for a column's storage, and refuses the statement up to 2025.1: %.",
            suggestion: "Delete the statement, or import with --leave-out-refused-attributes true.",
            links: RuleLinks(db: 29547),
            search: .statement(["AlterTableStmt"]) { node, _ in
                node.commands("AT_SetStorage").map { Match(detail: $0.text("name") ?? "") }
            }),
        alter("ALTER_TABLE_RESET_COLUMN_ATTRIBUTE", "ALTER COLUMN … RESET", "AT_ResetOptions"),
        alter("ALTER_TABLE_ALTER_CONSTRAINT", "ALTER CONSTRAINT", "AT_AlterConstraint"),
        alter("ALTER_TABLE_SET_WITHOUT_CLUSTER", "SET WITHOUT CLUSTER", "AT_DropCluster"),
        alter("ALTER_TABLE_SET", "ALTER TABLE … SET (…)", "AT_SetRelOptions", on: "OBJECT_TABLE"),
        alter("ALTER_TABLE_RESET", "ALTER TABLE … RESET (…)", "AT_ResetRelOptions", on: "OBJECT_TABLE"),
        alter("ALTER_INDEX_SET", "ALTER INDEX … SET (…)", "AT_SetRelOptions", on: "OBJECT_INDEX"),
        alter("ALTER_TABLE_OPTIONS", "ALTER TABLE … OPTIONS", "AT_GenericOptions"),
        alter("ALTER_TABLE_INHERIT", "ALTER TABLE … INHERIT", "AT_AddInherit"),
        alter("VALIDATE_CONSTRAINT", "VALIDATE CONSTRAINT", "AT_ValidateConstraint"),
        alter(
            "ALTER_TYPE_DROP_ATTRIBUTE", "ALTER TYPE … DROP ATTRIBUTE", "AT_DropColumn", on: "OBJECT_TYPE",
            issue: 1893),
        alter(
            "ALTER_TYPE", "ALTER TYPE of a composite type", "AT_AddColumn", "AT_AlterColumnType",
            on: "OBJECT_TYPE", issue: 1893),
        alter(
            "ALTER_VIEW", "ALTER VIEW", "AT_SetRelOptions", "AT_ResetRelOptions", "AT_ColumnDefault",
            on: "OBJECT_VIEW", issue: 1131),
        Rule(
            "ALTER_TABLE_SET_SCHEMA", "SET SCHEMA", reason: "YugabyteDB has no SET SCHEMA of a table.",
            suggestion: "Create the table in that schema.", links: RuleLinks(db: 3947),
            search: .statement(["AlterObjectSchemaStmt"]) { node, _ in
                node.text("objectType") == "OBJECT_TABLE" ? [.here] : []
            }),
        Rule(
            "CREATE_SCHEMA_WITH_ELEMENTS", "CREATE SCHEMA with elements",
            reason: "YugabyteDB has no elements in CREATE SCHEMA.",
            suggestion: "Make each a statement of its own.",
            links: RuleLinks(db: 10865),
            search: .statement(["CreateSchemaStmt"]) { node, _ in
                node.nodes("schemaElts").isEmpty ? [] : [.here]
            }),
        whole("ALTER_AGGREGATE", "ALTER AGGREGATE", ["alter", "aggregate"], issue: 2717),
        whole("CREATE_ACCESS_METHOD", "CREATE ACCESS METHOD", ["create", "access", "method"], issue: 10693),
        whole("REINDEX", "REINDEX", ["reindex"], issue: 10267),
        whole("ALTER_TABLESPACE", "ALTER TABLESPACE", ["alter", "tablespace"], issue: 1153),
        whole("ALTER_CONVERSION", "ALTER CONVERSION", ["alter", "conversion"], issue: 10866),
        whole(
            "CREATE_CONVERSION", "CREATE CONVERSION", ["create", "conversion"], issue: 10866, impact: .high),
        whole(
            "CREATE_CONVERSION", "CREATE DEFAULT CONVERSION", ["create", "default", "conversion"],
            issue: 10866,
            impact: .high),
        Rule(
            "DROP_MULTIPLE_OBJECTS", "DROP of several objects",
            reason: "YugabyteDB drops one object in a statement.",
            suggestion: "Write one DROP for each object.",
            links: RuleLinks(db: 880),
            search: .statement(["DropStmt"]) { node, _ in
                let kinds: Set = [
                    "OBJECT_COLLATION", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_SEQUENCE",
                    "OBJECT_FOREIGN_TABLE",
                ]
                return kinds.contains(node.text("removeType") ?? "") && node.nodes("objects").count > 1
                    ? [.here] : []
            }),
        Rule(
            "DROP_INDEX_CONCURRENTLY", "DROP INDEX CONCURRENTLY",
            reason: "YugabyteDB has no DROP INDEX CONCURRENTLY.", suggestion: "Delete the word CONCURRENTLY.",
            links: RuleLinks(db: 22717),
            search: .statement(["DropStmt"]) { node, _ in node.flag("concurrent") ? [.here] : [] }),
        Rule(
            "LANGUAGE_C", "Functions in C", reason: "The function is written in C.",
            suggestion: "Install its library on each node of the target, or write it in PL/pgSQL.",
            links: RuleLinks(voyager: 1540),
            search: .statement(["CreateFunctionStmt"]) { node, _ in
                node.option("language")?.node("arg")?.string?.lowercased() == "c" ? [.here] : []
            }),
        Rule(
            "PK_ON_FOREIGN_TABLE", "Primary key on a foreign table",
            reason: "A foreign table takes no primary key.", suggestion: "Delete the constraint.",
            links: RuleLinks(db: 10698),
            search: .table { table, _ in
                guard table.isForeign, let key = table.primaryKey else { return [] }
                return [Match(place: key.place, constraint: key.name)]
            }),
        Rule(
            "FK_ON_FOREIGN_TABLE", "Foreign key on a foreign table",
            reason: "A foreign table takes no foreign key.", suggestion: "Delete the constraint.",
            links: RuleLinks(db: 10699),
            search: .table { table, _ in
                table.isForeign ? table.foreignKeys.map { Match(place: $0.place, constraint: $0.name) } : []
            }),
        Rule(
            "RANGE_OFFSET_FLOAT", "RANGE with an offset of a floating-point type", category: .query,
            severity: .warning, reason: "YugabyteDB takes no floating-point offset of RANGE.",
            suggestion: "Cast the offset to numeric.", links: RuleLinks(db: 10692),
            search: .node(["over", "WindowDef"]) { node, _ in
                [node.node("startOffset"), node.node("endOffset")].contains { offset in
                    offset?.node("typeName")?.texts("names").last?.hasPrefix("float") ?? false
                } ? Match(offset: node.location) : nil
            }),
    ]

    /// The options of LIKE with all bits set, as PostgreSQL has INCLUDING ALL.
    private static let includingAll = Int(Int32.max)

    private static func alter(
        _ id: String, _ title: String, _ subtypes: String..., on object: String? = nil, issue: Int = 1124
    ) -> Rule {
        Rule(
            id, title, reason: "YugabyteDB may refuse \(title): %.", suggestion: "Delete the statement.",
            links: issue == 1124 ? .alterTable : RuleLinks(db: issue),
            search: .statement(["AlterTableStmt"]) { node, _ in
                guard object == nil || node.text("objtype") == object else { return [] }
                return subtypes.flatMap { node.commands($0) }.map { Match(detail: $0.text("name") ?? "") }
            })
    }

    private static func whole(
        _ id: String, _ title: String, _ words: [String], issue: Int, impact: Impact = .low
    ) -> Rule {
        Rule(
            id, title, impact: impact, reason: "YugabyteDB has no \(title).",
            suggestion: "Delete the statement.",
            links: RuleLinks(db: issue),
            search: .tokens { statement, _ in statement.begins(words) ? .here : nil })
    }
}

extension Rule.Search {
    fileprivate static func like(_ applies: @escaping @Sendable (Node) -> Bool) -> Rule.Search {
        .statement(["CreateStmt"]) { node, _ in
            node.nodes("tableElts").filter { $0.kind == "TableLikeClause" && applies($0) }.map {
                Match(offset: $0.node("relation")?.location)
            }
        }
    }
}

extension SQLStatement {
    /// Whether it creates a table, in words alone.
    var isTable: Bool { begins(["create", "table"]) || begins(["create", "unlogged", "table"]) }

    /// The place of these words; nil if they are nowhere outside of strings and comments.
    func place(of words: [String]) -> Match? {
        index(of: words).map { Match(offset: tokens[$0].offset) }
    }
}
