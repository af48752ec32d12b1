import Foundation
import Records
import Testing

@testable import Schema

/// What the analysis sees in a schema as a whole: places, partitions, bodies, and files that are not whole.
@Suite struct AnalysisTests {
    private func issue(_ rule: String, in sql: String, target: AnalysisTarget = .latestYugabyteDB) throws
        -> SchemaIssue
    {
        try #require(analysis(sql, target: target).issues.first { $0.rule == rule })
    }

    @Test(arguments: [
        "create table t (a int primary key, exclude int, note text default 'using gist unlogged');",
        "create table t (a int); alter table only t add constraint k primary key (a);",
        "create table t (a int); alter table only t replica identity full;",
        "create table t (a int not null, b text, constraint c check (b <> 'deferrable'), primary key (a));",
        "create index i on t using gin (a);",
        "create function f() returns int language sql as $$ create unlogged table t (a int) $$;",
        "create extension if not exists \"uuid-ossp\" with schema public;",
        "create table t1 partition of t for values in (1);",
        "create table t (a int primary key, geometry text, oid int);",
        "create table t (a int primary key, b int generated always as ((a + (1)) * 2) stored not null);",
        "create table t (a int generated always as identity (start with 2) primary key);",
        "alter table only h attach partition h0 for values with (modulus 2, remainder 0);",
    ])
    func `no rule finds what only resembles its subject`(sql: String) {
        #expect(analysis(sql).issues == [])
    }

    @Test(arguments: [
        "create table t (a int, b int, primary key (a hash, b asc));",
        "create table t (a int, b int, c int, primary key ((a, b) hash, c desc)) split into 4 tablets;",
        "create table t (a int primary key) split at values ((1), (2));",
        "create table t (a int primary key) with (colocation = false);",
        "create index nonconcurrently i on t (a hash) split into 2 tablets;",
        "create index i on t ((a, b) hash, c asc);",
        "create unique index i on t (a hash) include (b) tablegroup g;",
        "create tablegroup g;",
        "create table t (a int); alter table t replica identity change; alter table t add primary key (a);",
    ])
    func `syntax of YugabyteDB is accepted`(sql: String) {
        #expect(analysis(sql).issues == [])
    }

    @Test func `a statement that cannot be parsed is named at its line and column, and the rest is analysed`()
        throws
    {
        let sql = """
            create table t (id int primary key);
            -- a comment
              create table "größe" (a int primary kex);
            create unlogged table u (a int primary key);
            """
        let fault = try issue("UNSUPPORTED_PG_SYNTAX", in: sql)
        #expect(fault.line == 3)
        #expect(fault.column == 39)
        #expect(fault.reason.contains("kex"))
        #expect(try issue("UNLOGGED_TABLE", in: sql).line == 4)
    }

    @Test func `a missing parenthesis does not hide the next statement`() {
        let found = analysis(
            "create unlogged table t (id int primary key;\ncreate unlogged table u (a int primary key);")
        #expect(found.issues.map(\.rule) == ["UNSUPPORTED_PG_SYNTAX", "UNLOGGED_TABLE"])
        #expect(found.issues.map(\.line) == [1, 2])
    }

    @Test func `a string without an end is a finding, and what comes before it is analysed`() {
        let found = analysis("create unlogged table u (a int primary key);\ncomment on table u is 'no end;")
        #expect(found.issues.map(\.rule) == ["UNSUPPORTED_PG_SYNTAX", "UNLOGGED_TABLE"])
        #expect(found.issues.first?.line == 2)
    }

    @Test func `a query in a function is found at its own line`() throws {
        let sql = """
            create function f() returns int language plpgsql as $$
            declare
              r record;
            begin
              for r in select 1 loop
                perform pg_notify('a', 'b');
              end loop;
              return (select xmin from t);
            end $$;
            """
        #expect(try issue("LISTEN_NOTIFY", in: sql).line == 6)
        let column = try issue("SYSTEM_COLUMN_XMIN", in: sql)
        #expect(column.line == 8)
        #expect(column.column == 18)
        #expect(column.objectType == "FUNCTION")
        #expect(column.object == "f")
    }

    @Test(arguments: [
        "alter table t alter a set default pg_advisory_xact_lock(1);",
        "create table t (a int primary key, b text default pg_advisory_lock(1));",
        "create policy p on t using (pg_try_advisory_lock(1));",
        "create trigger g after update on t for row when (pg_try_advisory_lock(1)) execute function f()",
        "do $$ begin perform pg_advisory_lock(1); end $$;",
        "create procedure p() language sql as 'select pg_advisory_lock(1)';",
        "create procedure f() language plpgsql as 'declare n int := pg_advisory_lock(1); begin end'",
        "create function f() returns int begin atomic select pg_advisory_lock(1); end;",
        "create materialized view v as select pg_advisory_lock(1);",
        "create rule r as on insert to t do also select pg_advisory_lock(1);",
    ])
    func `a query is found wherever a statement has one`(sql: String) throws {
        let target = AnalysisTarget.yugabyteDB(try #require(Release("2024.2.0.0")))
        #expect(analysis(sql, target: target).issues.contains { $0.rule == "ADVISORY_LOCKS" })
    }

    @Test(arguments: [
        "perform pg_advisory_lock(1)", "n := pg_advisory_lock(1)", "return query select pg_advisory_lock(1)",
        "for r in select pg_advisory_lock(1) loop null; end loop", "execute 'select pg_advisory_lock(1)'",
        "if pg_try_advisory_lock(1) then null; end if", "if a then perform pg_advisory_lock(1); end if",
        "insert into t values (pg_advisory_lock(1))", "while pg_try_advisory_lock(1) loop null; end loop",
    ])
    func `queries are found in a body that only the server can parse`(line: String) throws {
        let sql = """
            create function f() returns table (a int) language plpgsql as $$
            begin
              return next;
              \(line);
            end $$;
            """
        let target = AnalysisTarget.yugabyteDB(try #require(Release("2024.2.0.0")))
        let issues = analysis(sql, target: target).issues.filter { $0.rule == "ADVISORY_LOCKS" }
        #expect(issues.map(\.line) == [4])
    }

    @Test func `a cause is one finding with all its columns`() {
        let found = analysis("create table t (a int primary key, b xml, c int, d xml[]);").issues
        #expect(found.map(\.reason) == ["YugabyteDB does not support the type xml of column b, d."])
    }

    @Test func `a type within a composite type is found, with the type that has it`() throws {
        let sql = "create type c as (a int, b xml); create table t (a int primary key, x c);"
        #expect(try issue("UNSUPPORTED_DATATYPE_XML", in: sql).reason.contains("x (within c)"))
    }

    @Test func `partitions are reported once, with their root`() {
        let found = analysis(
            """
            create table p (a int, b xml) partition by hash (a);
            create table p0 (a int, b xml);
            alter table only p attach partition p0 for values with (modulus 2, remainder 0);
            create table p1 partition of p for values with (modulus 2, remainder 1);
            """)
        #expect(found.issues.map(\.object) == ["p", "p"])
        #expect(Set(found.issues.map(\.rule)) == ["NO_PRIMARY_KEY", "UNSUPPORTED_DATATYPE_XML"])
    }

    @Test func `inheritance and deferrable keys are each reported once`() {
        let found = analysis("create table t (a int primary key deferrable) inherits (u);").issues.map(\.rule)
        #expect(found == ["INHERITANCE", "DEFERRABLE_CONSTRAINTS"])
    }

    @Test func `all roles of a policy are named`() throws {
        let found = try issue(
            "POLICY_WITH_ROLES", in: "create policy p on t to clerk, public, boss using (true);")
        #expect(found.reason.contains("clerk, boss"))
        #expect(found.object == "p ON t")
    }

    @Test func `what a later PostgreSQL added is announced for an older target`() {
        let sql = "create table t (a int primary key, b int generated always as (a + 1) virtual);"
        #expect(
            analysis(sql, target: .postgreSQL(major: 15)).issues.map(\.rule) == ["VIRTUAL_GENERATED_COLUMN"])
        #expect(analysis(sql, target: .postgreSQL(major: 18)).issues == [])
    }

    @Test(arguments: [
        "create table t (a int primary key, b int constraint n not null no inherit, c int);",
        "create table t (a int primary key, b int, constraint n not null b);",
        "create table t (a int primary key, b int, not null b no inherit, c int not null default 3);",
        "alter table only t add constraint n not null b not valid;",
        "create table t (a int primary key, v daterange, foreign key (a, period v) "
            + "references s.u (a, period w));",
        "create function f() returns void begin atomic merge into t using s on t.a = s.a when not matched "
            + "by source then delete; merge into t using s on t.a = s.a when not matched by target then "
            + "do nothing returning merge_action(); select 1; end;",
        "create function f() returns void language plpgsql as $$ begin merge into t using s on t.a = s.a "
            + "when matched then do nothing when not matched by source and t.b > 1 then update set b = 0; "
            + "end $$;",
        "create function f() returns setof int language sql as 'with m as (merge into t using s on "
            + "t.a = s.a when matched then delete returning t.a) select a from m';",
    ])
    func `syntax of PostgreSQL 17 and 18 is known to a target that has it, and missed in an older one`(
        sql: String
    ) {
        let found = { (major: Int) in
            analysis(sql, target: .postgreSQL(major: major)).issues.filter { $0.severity != .info }
                .map(\.rule)
        }
        #expect(found(18) == [])
        #expect(found(16) == ["LATER_POSTGRESQL_SYNTAX"])
    }

    @Test func `a column may be called period`() {
        let sql = "create table t (a int primary key, period int, b int generated always as (a) virtual);"
        #expect(analysis(sql, target: .postgreSQL(major: 18)).issues == [])
        #expect(
            analysis(sql, target: .postgreSQL(major: 17)).issues.map(\.rule) == ["VIRTUAL_GENERATED_COLUMN"])
    }

    @Test(arguments: [
        "c cursor (n int) for select ctid, pg_notify('a', case when x then 'b' else 'c' end) from t;",
        "c no scroll cursor (n int) is select pg_notify('a', 'b') from t where ctid = x;",
        "c cursor (n int) for select 1; begin open c(1); null; "
            + "open d for select pg_notify('a', 'b') from t where ctid = x;",
        "c cursor (n int) for select 1; begin open d for execute 'select ctid, pg_notify(1, 2) from t';",
    ])
    func `the query of a cursor is found, also if only the server can parse the body`(line: String) {
        let end = line.contains("begin") ? "end" : "begin null; end"
        for declared in [line, line.replacing("(n int) ", with: "")] {
            let sql =
                "create function f() returns void language plpgsql as $$ declare x text; d refcursor; "
                + "\(declared) \(end) $$;"
            let rules = Set(analysis(sql).issues.map(\.rule))
            #expect(rules == ["LISTEN_NOTIFY", "SYSTEM_COLUMN_CTID"], "\(declared)")
        }
    }

    @Test func `a query that RETURN QUERY EXECUTE runs is found`() {
        let sql =
            "create function f() returns setof tid language plpgsql as $$ begin "
            + "return query execute 'select ctid from t'; end $$;"
        #expect(analysis(sql).issues.map(\.rule) == ["SYSTEM_COLUMN_CTID"])
    }

    @Test func `ten thousand statements are analysed within the tests' patience`() {
        let many = (0..<2_500).map { number in
            """
            create table s.t\(number) (id bigint not null, a text default 'x'::text, b timestamptz, c numeric(10,2));
            alter table only s.t\(number) add constraint t\(number)_pkey primary key (id);
            create index t\(number)_a on s.t\(number) using btree (a, b);
            create view s.v\(number) as select id, a, count(*) over (partition by a) from s.t\(number) where b > now();

            """
        }.joined()
        let found = analysis(many)
        #expect(found.issues.isEmpty)
        #expect(found.objects.map(\.names.count) == [2_500, 2_500, 2_500])
    }
}

/// Files of the schema as editors and other programs leave them.
@Suite struct AnalysedFileTests {
    private func write(_ bytes: [UInt8], _ type: SchemaObjectType, _ files: SchemaFiles) throws {
        let path = files.path(of: type)
        try DurableFile.createDirectory((path as NSString).deletingLastPathComponent)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func `a byte-order mark and Windows line ends hide nothing`() throws {
        try withExportDirectory { files in
            let text =
                "\u{FEFF}create unlogged table t (a int primary key);\r\ncreate table u (b\r\nint);\r\n"
            try write(Array(text.utf8), .table, files)
            let issues = try analyzeSchema(files: files, target: .postgreSQL(major: 15)).issues
            #expect(issues.map(\.rule) == ["UNLOGGED_TABLE", "NO_PRIMARY_KEY"])
            #expect(issues.map(\.line) == [1, 2])
            #expect(try SchemaScript(text: text, file: "f", type: .table).objects.count == 2)
        }
    }

    @Test func `a file in Latin-1 is a finding at its line, and an import refuses it`() throws {
        try withExportDirectory { files in
            let text = Array("create table t (a int primary key);\n-- Gr".utf8) + [0xF6, 0xDF, 0x65, 0x0A]
            try write(text, .table, files)
            let issues = try analyzeSchema(files: files, target: .latestYugabyteDB).issues
            #expect(issues.map(\.rule) == ["UNSUPPORTED_PG_SYNTAX"])
            #expect(issues.first?.line == 2)
            #expect(throws: SchemaError.self) { try files.scripts() }
        }
    }

    @Test func `a NUL byte is named with its place`() throws {
        try withExportDirectory { files in
            try write(Array("create table t (\0a int);\n".utf8), .table, files)
            let issue = try #require(
                try analyzeSchema(files: files, target: .latestYugabyteDB).issues.first)
            #expect(issue.reason.contains("NUL"))
            #expect(issue.column == 17)
        }
    }

    @Test func `an expression that is nested without end is a finding and no crash`() {
        let deep = String(repeating: "(", count: 200_000) + "1" + String(repeating: ")", count: 200_000)
        let found = analysis("create view v as select \(deep); create unlogged table u (a int primary key);")
        #expect(found.issues.map(\.rule) == ["UNSUPPORTED_PG_SYNTAX", "UNLOGGED_TABLE"])
    }

    @Test func `an analysis without an export says what to do`() throws {
        try withExportDirectory { files in
            #expect(throws: SchemaError.notExported(directory: files.exportDirectory)) {
                try analyzeSchema(files: files, target: .latestYugabyteDB)
            }
        }
    }
}
