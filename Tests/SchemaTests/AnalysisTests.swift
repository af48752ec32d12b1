import Foundation
import Records
import Testing

@testable import Schema

@Suite struct AnalysisTests {
    private func rules(_ sql: String, _ type: SchemaObjectType = .table, yugabyteDB: Bool = true) throws
        -> [String]
    {
        let script = try SchemaScript(text: sql, file: "schema/" + type.path, type: type)
        return schemaIssues(in: [script], targetIsYugabyteDB: yugabyteDB).map(\.rule)
    }

    @Test(arguments: [
        ("create table t (a int);", "NO_PRIMARY_KEY"),
        ("create unlogged table t (a int primary key);", "UNLOGGED_TABLE"),
        ("create table t (a int primary key, b oid);", "LARGE_OBJECT_COLUMN"),
        ("create table t (a int primary key) inherits (u);", "INHERITED_TABLE"),
        ("alter table only t add constraint c exclude using gist (a with =);", "EXCLUSION_CONSTRAINT"),
        ("create table t (a int primary key, exclude using gist (a with =));", "EXCLUSION_CONSTRAINT"),
        (
            "alter table only t add constraint c unique (a) deferrable initially deferred;",
            "DEFERRABLE_CONSTRAINT"
        ),
        ("create index i on t using gist (a);", "INDEX_METHOD"),
        ("create index i on t using brin (a);", "INDEX_METHOD"),
        ("create index i on t using gin (a, b);", "MULTI_COLUMN_GIN_INDEX"),
        ("create index i on t using btree (a) with (fillfactor='70');", "STORAGE_PARAMETERS"),
        (
            "create constraint trigger g after insert on t for each row execute function f();",
            "CONSTRAINT_TRIGGER"
        ),
        ("create materialized view v as select 1 with no data;", "MATERIALIZED_VIEW"),
        ("alter table t add constraint c check (a > 0) not valid;", "NOT_VALID_CONSTRAINT"),
        ("create table t (a int primary key, b xml);", "UNSUPPORTED_TYPE"),
        ("create extension if not exists postgis with schema public;", "UNSUPPORTED_EXTENSION"),
        (
            "create table t (a int, b int, primary key (a, b)) partition by list (a, b);",
            "MULTI_COLUMN_LIST_PARTITION"
        ),
        ("alter table t replica identity nothing;", "REPLICA_IDENTITY_NOTHING"),
        (
            "create table t (a int primary key, b int generated always as ((a + (1))) stored, c int "
                + "generated always as (a), d int);",
            "VIRTUAL_GENERATED_COLUMN"
        ),
        ("create policy p on t to clerk using (true);", "POLICY_WITH_ROLES"),
        (
            "create collation c (provider = icu, locale = 'x', deterministic = false);",
            "NON_DETERMINISTIC_COLLATION"
        ),
    ])
    func `a rule finds its subject`(sql: String, rule: String) throws {
        #expect(try rules(sql).contains(rule))
    }

    @Test(arguments: [
        "create table t (a int primary key, exclude int, note text default 'using gist unlogged');",
        "create table t (a int); alter table only t add constraint k primary key (a);",
        "create table t (a int); alter table only t replica identity full;",
        "create table t (a int not null, b text, constraint c check (b <> 'deferrable'), primary key (a));",
        "alter table only t add constraint f foreign key (a) references u(a) deferrable;",
        "create index i on t using gin (a);",
        "create function f() returns int language sql as $$ create unlogged table t (a int) $$;",
        "create extension if not exists \"uuid-ossp\" with schema public;",
        "create table t1 partition of t for values in (1);",
        "create table t (a int primary key, geometry text, oid int);",
        "create table t (a int primary key, b int generated always as ((a + (1)) * 2) stored not null);",
        "create table t (a int generated always as identity (start with 2) primary key);",
    ])
    func `no rule finds what only resembles its subject`(sql: String) throws {
        #expect(try rules(sql) == [])
    }

    @Test func `PostgreSQL takes what only YugabyteDB refuses`() throws {
        #expect(try rules("create index i on t using gist (a);", .index, yugabyteDB: false) == [])
    }

    @Test func `the report says the same in every format`() throws {
        try withExportDirectory { files in
            try DurableFile.write(
                "-- Name: a<b; Type: TABLE; Schema: s; Owner: -\n\nCREATE UNLOGGED TABLE s.\"a<b\" (x "
                    + "int);\n",
                to: files.path(of: .table))
            let issues = try analyzeSchema(files: files, targetIsYugabyteDB: false)
            #expect(issues.map(\.severity) == [.blocking, .warning])
            #expect(issues.first?.object == "s.a<b")
            #expect(issues.first?.line == 3)
            let paths = try writeReport(issues, formats: SchemaReportFormat.allCases, files: files)
            #expect(paths.count == 4)
            for path in paths { #expect(try DurableFile.read(path).contains("UNLOGGED_TABLE")) }
            #expect(try DurableFile.read(files.report(format: .html)).contains("s.a&lt;b"))
            struct Report: Decodable {
                let issues: [SchemaIssue]
            }
            let json = Data(try DurableFile.read(files.report(format: .json)).utf8)
            #expect(try JSONDecoder().decode(Report.self, from: json).issues == issues)
        }
    }

    @Test func `an analysis without an export says what to do`() throws {
        try withExportDirectory { files in
            #expect(throws: SchemaError.notExported(directory: files.exportDirectory)) {
                try analyzeSchema(files: files, targetIsYugabyteDB: true)
            }
        }
    }
}
