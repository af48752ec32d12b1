import Foundation
import Records
import Testing

@testable import Schema

/// Mechanical changes of the files that mend findings.
@Suite struct FixTests {
    private static let old = AnalysisTarget.yugabyteDB(Release("2024.1.0.0")!)

    @Test(arguments: [
        ("create unlogged table t (a int primary key);", "create table t (a int primary key);"),
        (
            "create index i on t (a) with (fillfactor='70') where a > 1;",
            "create index i on t (a) where a > 1;"
        ),
        (
            "alter table only t\n    add constraint u unique (a, b) deferrable initially deferred;",
            "alter table only t\n    add constraint u unique (a, b);"
        ),
        (
            "create table t (a int primary key, compression text, b text compression pglz not null);",
            "create table t (a int primary key, compression text, b text not null);"
        ),
        ("alter table t cluster on i;", ""),
        ("alter table only t alter column v set compression lz4;", ""),
        (
            "create table t (a int primary key, compression text compression pglz, b text compression lz4);",
            "create table t (a int primary key, compression text, b text);"
        ),
        (
            "create table t (a int primary key, x int, y int, unique (x) deferrable, foreign key (y) "
                + "references u (a) deferrable initially deferred);",
            "create table t (a int primary key, x int, y int, unique (x), foreign key (y) "
                + "references u (a) deferrable initially deferred);"
        ),
        (
            "create table t (a int primary key, x int unique deferrable initially immediate references u (a) "
                + "deferrable initially deferred);",
            "create table t (a int primary key, x int unique references u (a) "
                + "deferrable initially deferred);"
        ),
        (
            "create view v as with c as materialized (select 1) select * from c where not materialized;",
            "create view v as with c as (select 1) select * from c where not materialized;"
        ),
        (
            "create view v as with c as not materialized (select 1) select * from c;",
            "create view v as with c as (select 1) select * from c;"
        ),
    ])
    func `a fix changes the words of its rule alone, and the rule finds nothing more`(
        before: String, after: String
    ) throws {
        let found = analysis(before, target: Self.old)
        let fix = try #require(found.findings.compactMap(\.fix).first)
        #expect(fix.fixedSQL == after)
        let left = analysis(after, target: Self.old).issues.map(\.rule)
        #expect(left.count == found.issues.count - 1)
    }

    @Test func `a statement with several findings is changed once, for all of them`() {
        let found = analysis(
            "create unlogged table t (a int primary key, b text compression pglz);", target: Self.old)
        let fixes = SchemaFixes(found, rules: nil)
        #expect(fixes.fixes.map(\.fixedSQL) == ["create table t (a int primary key, b text);"])
    }

    @Test func `a rule that is disabled is not turned on by a fix`() {
        #expect(
            SchemaFixes(analysis("alter table t disable rule r;", target: Self.old), rules: nil).count == 0)
    }

    @Test(arguments: [
        (
            "REDUNDANT_INDEXES", "create table t (a int primary key); create index i on t (a);",
            [
                "comment on index i is 'x';", "alter table t cluster on i;",
                "alter index i attach partition j;",
            ]
        ),
        (
            "CREATE_CONVERSION", "create conversion c for 'UTF8' to 'LATIN1' from f;",
            [
                "comment on conversion c is 'x';"
            ]
        ),
    ])
    func `an object goes only if no other statement names it`(
        rule: String, object: String, others: [String]
    ) {
        #expect(SchemaFixes(analysis(object, target: Self.old), rules: [rule]).count == 1)
        for other in others {
            let found = analysis("\(object) \(other)", target: Self.old)
            #expect(found.issues.contains { $0.rule == rule }, "\(other)")
            #expect(SchemaFixes(found, rules: [rule]).count == 0, "\(other)")
        }
    }

    @Test func `a file that is not in UTF-8 is refused, and no other file is changed either`() throws {
        try withExportDirectory { files in
            let latin = Array("alter table t cluster on i;\n-- caf".utf8) + [0xE9, 0x0A]
            let clean = Array("create index j on t (a) with (fillfactor = 70);\n".utf8)
            for (type, bytes) in [(SchemaObjectType.table, latin), (.index, clean)] {
                try DurableFile.write("", to: files.path(of: type))
                try Data(bytes).write(to: URL(fileURLWithPath: files.path(of: type)))
            }
            let fixes = SchemaFixes(try analyzeSchema(files: files, target: Self.old), rules: nil)
            #expect(fixes.count == 2)
            #expect(throws: SchemaError.self) { try fixes.check(files) }
            #expect(throws: SchemaError.self) { try fixes.write(files) }
            #expect(try DurableFile.bytes(files.path(of: .table)) == latin)
            #expect(try DurableFile.bytes(files.path(of: .index)) == clean)
        }
    }

    @Test func `a name that no rule has is known as such`() {
        #expect(
            SchemaFixes.unknown(["UNLOGGED_TABEL", "CREATE_CONVERSION", "LZ4_COMPRESSION", "ALL"]) == [
                "ALL", "UNLOGGED_TABEL",
            ])
    }

    @Test func `an ALTER TABLE with other subcommands is left alone`() {
        let found = analysis("alter table t cluster on i, add column b int;", target: Self.old)
        #expect(found.issues.map(\.rule) == ["ALTER_TABLE_CLUSTER_ON"])
        #expect(SchemaFixes(found, rules: nil).count == 0)
    }

    @Test func `all other bytes of a file stay as they were`() throws {
        try withExportDirectory { files in
            let before =
                "\u{FEFF}-- größe\r\nCREATE  UNLOGGED TABLE s.t (a int PRIMARY KEY);  -- mine\r\n\r\n"
                + "create table u (a int primary key);\nalter table u cluster on u_pkey;\n"
                + "create index i on u (a) with (fillfactor = 70)"
            try DurableFile.write(before, to: files.path(of: .table))
            let found = try analyzeSchema(files: files, target: Self.old)
            let fixes = SchemaFixes(found, rules: nil)
            #expect(fixes.count == 3)
            #expect(fixes.diff.contains("-alter table u cluster on u_pkey;"))
            #expect(fixes.diff.contains("+CREATE TABLE s.t (a int PRIMARY KEY);"))
            try fixes.write(files)
            let after = try DurableFile.bytes(files.path(of: .table))
            let wanted =
                "\u{FEFF}-- größe\r\nCREATE TABLE s.t (a int PRIMARY KEY);  -- mine\r\n\r\n"
                + "create table u (a int primary key);\ncreate index i on u (a)"
            #expect(String(decoding: after, as: UTF8.self) == wanted)
        }
    }

    @Test func `only the rules that were named are fixed`() {
        let found = analysis(
            "create unlogged table t (a int primary key); alter table t cluster on i;", target: Self.old)
        let fixes = SchemaFixes(found, rules: ["UNLOGGED_TABLES"])
        #expect(fixes.diff.contains("+create table t (a int primary key);"))
        #expect(fixes.count == 1)
    }

    @Test func `a file that changed after the analysis stays as it is`() throws {
        try withExportDirectory { files in
            try DurableFile.write("alter table t cluster on i;\n", to: files.path(of: .table))
            let fixes = SchemaFixes(try analyzeSchema(files: files, target: Self.old), rules: nil)
            let edited = "-- edited\nalter table t cluster on i;\n"
            try DurableFile.write(edited, to: files.path(of: .table))
            #expect(throws: SchemaError.self) { try fixes.write(files) }
            #expect(try DurableFile.read(files.path(of: .table)) == edited)
        }
    }
}
