import Records

// What the schema analysis of a simulated migration finds.
extension FakeMigration {
    package static let findings = [
        finding(
            "UNLOGGED_TABLES", .blocking, "TABLE", "public.session", "Unlogged tables",
            reason: "The table is unlogged, so its changes are not in the stream.",
            suggestion: "Make it a logged table, or leave it out of the migration.",
            file: "schema/tables/table.sql", line: 118, column: 17,
            (
                "CREATE UNLOGGED TABLE ", "public.session",
                " (\n    id bigint NOT NULL,\n    seen timestamptz\n);"
            ),
            links: ["https://docs.yugabyte.com/preview/known-issues/#unlogged-tables"],
            diff: [
                "@@ schema/tables/table.sql, line 118 @@", "-CREATE UNLOGGED TABLE public.session (",
                "+CREATE TABLE public.session (",
            ]),
        finding(
            "UNSUPPORTED_DATATYPE", .blocking, "TABLE", "sales.order_line", "Data types",
            reason: "The target does not have the type of column shape: geometry(Point,4326).",
            suggestion: "Install the extension postgis on the target, or change the type.",
            file: "schema/tables/table.sql", line: 142, column: 11,
            (
                "CREATE TABLE sales.order_line (\n    id bigint NOT NULL,\n    order_id bigint NOT NULL,\n"
                    + "    quantity integer DEFAULT 1 NOT NULL,\n    shape ",
                "public.geometry(Point", ",4326),\n    note text\n);"
            ),
            links: ["https://github.com/yugabyte/yugabyte-db/issues/11323"]),
        finding(
            "INDEX_METHOD", .warning, "INDEX", "sales.order_line_shape", "Index methods",
            reason: "GiST index: it is created as a B-tree, which does not answer the same questions.",
            suggestion: "Leave it out, or use a B-tree index.",
            file: "schema/tables/INDEXES_table.sql", line: 7, column: 49,
            ("CREATE INDEX order_line_shape ON sales.order_line USING ", "gist", " (shape);")),
        finding(
            "UNLOGGED_TABLES", .warning, "TABLE", "public.cart", "Unlogged tables",
            reason: "The table is unlogged.", suggestion: "Make it a logged table.",
            file: "schema/tables/table.sql", line: 160, column: 17,
            ("CREATE UNLOGGED TABLE ", "public.cart", " (id bigint);"),
            diff: [
                "@@ schema/tables/table.sql, line 160 @@", "-CREATE UNLOGGED TABLE public.cart (id bigint);",
                "+CREATE TABLE public.cart (id bigint);",
            ]),
        finding(
            "SEQUENCE_CACHE", .info, "SEQUENCE", "sales.invoice_id_seq", "Caches of sequences",
            reason: "The sequence keeps 1 value in its cache, so each nextval is a write.",
            suggestion: "Raise the cache on the target.", file: "schema/sequences/sequence.sql", line: 12,
            column: 5, ("CREATE SEQUENCE sales.invoice_id_seq\n    START WITH 1\n    ", "CACHE", " 1;")),
    ]

    /// An analysis that has found these.
    package static let analysis = ReviewedAnalysis(
        at: 1_700_000_000, target: "PostgreSQL 15", objects: 214, findings: findings)

    private static func finding(
        _ rule: String, _ severity: SchemaIssue.Severity, _ type: String, _ object: String, _ title: String,
        reason: String, suggestion: String, file: String, line: Int, column: Int,
        _ statement: (String, String, String), links: [String] = [], diff: [String] = []
    ) -> ReviewedFinding {
        ReviewedFinding(
            SchemaIssue(
                rule: rule, severity: severity, objectType: type, object: object, reason: reason,
                suggestion: suggestion, file: file, line: line, column: column),
            title: title,
            statement: StatementExcerpt(
                before: statement.0, mark: statement.1, after: statement.2,
                firstLine: line - statement.0.count { $0 == "\n" }), links: links, diff: diff)
    }
}
