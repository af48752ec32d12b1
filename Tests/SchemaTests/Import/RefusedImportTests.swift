import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Schema

/// Files with something that the target refuses, or has already, in another way.
@Suite(.serialized) struct RefusedImportTests {
    /// Imports this text as the tables' file, in one pass or the other.
    private func importing(
        _ text: String, as type: SchemaObjectType = .table, after sql: String = "",
        options: SchemaImportOptions = SchemaImportOptions(),
        _ body: (TestCluster, SchemaFiles, SchemaImportResult?, SchemaError?, [String]) throws -> Void
    ) throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                if !sql.isEmpty { try cluster.run(sql, in: "postgres") }
                try DurableFile.write(text, to: files.path(of: type))
                var lines: [String] = []
                do {
                    let result = try importSchema(
                        access: cluster.access(database: "postgres"), files: files, options: options
                    ) { lines.append($0) }
                    try body(cluster, files, result, nil, lines)
                } catch let error as SchemaError {
                    try body(cluster, files, nil, error, lines)
                }
            }
        }
    }

    private let refusedOption = """
        create table t (id int primary key, a text collate "C")
            with (fillfactor = 50, no_such_option = 1);
        create view v as select id from t;
        """

    @Test func `an attribute that the target refuses is named as that attribute, with its line`() throws {
        try importing("\n" + refusedOption) { _, _, _, error, _ in
            guard case .object(_, _, let line, let state, _, let hint, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(line == 2 && state == "22023")
            #expect(hint?.contains("refuses WITH (no_such_option=1); --leave-out") == true, "\(hint ?? "")")
        }
    }

    @Test func `an object is created without the refused attribute if the operator says so`() throws {
        let options = SchemaImportOptions(leaveOutRefusedAttributes: true)
        try importing(refusedOption, options: options) { cluster, _, result, error, lines in
            #expect(error == nil && result?.leftOut == 1)
            #expect(
                lines.contains { $0.hasPrefix("create table t: created without WITH (no_such_option=1) (") },
                "\(lines)")
            let found = try cluster.value(
                "select array_to_string(reloptions, ',') || (select count(*) from v) from pg_class "
                    + "where relname = 't'", in: "postgres")
            #expect(found == "fillfactor=500")
        }
    }

    @Test func `two refused attributes are both found, and the others stay`() throws {
        let text = #"""
            create table t (a text collate "no_such", b text collate "C", c text collate "no_such") using no_method
                tablespace pg_default;
            """#
        let options = SchemaImportOptions(leaveOutRefusedAttributes: true)
        try importing(text, options: options) { cluster, _, result, error, lines in
            #expect(error == nil && result?.leftOut == 2, "\(lines) \(String(describing: error))")
            let found = try cluster.value(
                "select string_agg(collname, ',' order by attnum) from pg_attribute a join pg_collation c "
                    + "on c.oid = attcollation where attrelid = 't'::regclass and attnum > 0", in: "postgres")
            #expect(found == "default,C,default")
        }
    }

    @Test func `a refused statement after the table leaves the table, and is kept alone`() throws {
        let text = """
            -- Name: t; Type: TABLE; Schema: public; Owner: -

            create table public.t (id int primary key, a text);

            alter table public.t set (no_such_option = 1);

            alter table public.t alter a set statistics 200;
            """
        let options = SchemaImportOptions(continueOnError: true)
        try importing(text, options: options) { cluster, files, result, error, lines in
            #expect(error == nil && result?.failures.map(\.line) == [5], "\(lines)")
            let failed = try DurableFile.read(files.failed)
            #expect(failed.contains("no_such_option") && !failed.contains("create table"))
            #expect(failed.contains("Line :5"))
            let statistics = try cluster.value(
                "select attstattarget from pg_attribute where attrelid = 't'::regclass and attname = 'a'",
                in: "postgres")
            #expect(statistics == "200")
        }
    }

    @Test func `what exists is compared, and its differences are told`() throws {
        let text = """
            create table t (id bigint, name varchar(20), at date);
            create table u (id int);
            create view v as select 1 as one;
            create function f(a int) returns int language sql as 'select 1';
            create type e as enum ('a', 'b');
            create sequence s increment 5;
            """
        let there = """
            create table t (id int, name character varying(20), more int); create table u (id integer);
            create view v as select 2 as one; create function f(a int) returns int language sql as 'select 2';
            create type e as enum ('b', 'a'); create sequence s increment 5;
            """
        let options = SchemaImportOptions(ignoreExist: true)
        try importing(text, after: there, options: options) { _, _, result, error, lines in
            #expect(error == nil && result?.differing == 4 && result?.existed == 6, "\(lines)")
            let table =
                "create table t: exists, and differs: column at is missing there; column id is integer "
                + "there and bigint in the file; column more is not in the file"
            #expect(lines.contains(table), "\(lines)")
            #expect(
                lines.contains("create view v as select 1: exists, and differs: its query is another one"),
                "\(lines)")
            #expect(lines.contains("create table u: exists"))
            #expect(lines.contains("create sequence s increment 5: exists"), "\(lines)")
        }
    }

    @Test func `an index whose build has failed is dropped and built again`() throws {
        let there = """
            create table t (a int); create index i on t (a); create index j on t (a);
            update pg_index set indisvalid = false where indexrelid in ('i'::regclass, 'j'::regclass);
            """
        let text = "create index i on t (a);\ncreate index concurrently if not exists j on t (a);\n"
        let options = SchemaImportOptions(postSnapshotImport: true)
        try importing(text, as: .index, after: there, options: options) { cluster, _, result, error, lines in
            #expect(error == nil && result?.failures.isEmpty == true, "\(String(describing: error))")
            #expect(
                lines.filter { $0.hasSuffix("was not valid, and was dropped and built again") }.count == 2,
                "\(lines)")
            let valid = try cluster.value(
                "select count(*) from pg_index where indisvalid and indrelid = 't'::regclass", in: "postgres")
            #expect(valid == "2")
        }
    }

    @Test func `a chain of views in the wrong order needs no second attempt`() throws {
        let views = (0..<300).reversed().map { number in
            number == 0
                ? "create view public.v0 as select 1 as n;"
                : "create view public.v\(number) as select n from public.v\(number - 1);"
        }
        let script = try SchemaScript(
            text: views.joined(separator: "\n"), file: "schema/views/view.sql", type: .view)
        let plan = ImportPlan(scripts: [script], options: SchemaImportOptions(), targetIsYugabyteDB: false)
        #expect(plan.steps.first?.statements.first?.text.contains("v0 as select 1") == true)
        #expect(plan.steps.last?.statements.first?.text.contains("v299 as") == true)
    }

    @Test func `what no statement cures is reported with file, line and code, and the rest is created`()
        throws
    {
        let text = """
            create table a (id int references missing);
            create cast (int as text) with function no_such(int);
            create table b (k text);
            """
        let options = SchemaImportOptions(continueOnError: true)
        try importing(text, as: .uncategorized, options: options) { cluster, _, result, _, lines in
            #expect(result?.failures.map(\.sqlState) == ["42P01", "42883"], "\(lines)")
            #expect(result?.failures.map(\.line) == [1, 2])
            #expect(
                lines.contains { $0.contains("(schema/uncategorized.sql, line 2)") && $0.contains("42883") })
            let found = try cluster.value("select count(*) from b", in: "postgres")
            #expect(found == "0")
        }
    }

    // MARK: Files

    @Test func `Windows line ends and a byte-order mark change nothing`() throws {
        let text =
            "\u{feff}-- Name: t; Type: TABLE; Schema: public; Owner: -\r\n\r\n"
            + "create table public.t (\r\n  a text default 'x\r\ny'\r\n);\r\n\r\n"
            + "-- Name: u; Type: TABLE; Schema: public; Owner: -\r\n\r\n"
            + "create table public.u (b int);\r\n"
        try importing(text) { cluster, _, result, error, lines in
            #expect(error == nil && result?.created == 2)
            #expect(lines == ["table public.t", "table public.u"])
            let found = try cluster.value("select count(*) from public.u", in: "postgres")
            #expect(found == "0")
        }
    }

    @Test func `bytes that are no text are refused with their line, and nothing is run`() throws {
        for (bytes, reason) in [([0x00], "NUL byte"), ([0xE9, 0x27], "not in UTF-8")] as [([UInt8], String)] {
            try withCluster { cluster in
                try withExportDirectory { files in
                    let head = Array("create table t (a int);\ncreate table u (a text default '".utf8)
                    try DurableFile.write("", to: files.path(of: .table))
                    try Data(head + bytes + Array("');\n".utf8)).write(
                        to: URL(fileURLWithPath: files.path(of: .table)))
                    do {
                        _ = try importSchema(
                            access: cluster.access(database: "postgres"), files: files,
                            options: SchemaImportOptions()
                        ) { _ in }
                        Issue.record("\(reason) was taken")
                    } catch let error as SchemaError {
                        #expect(error.description.contains("line 2") && error.description.contains(reason))
                    }
                    #expect(try cluster.value("select to_regclass('t') is null", in: "postgres") == "t")
                }
            }
        }
    }

    @Test func `a statement of two million bytes is run as any other`() throws {
        let body = String(repeating: "-- a line of a comment\n", count: 100_000)
        let text =
            "create function f() returns int language sql as $$\n\(body) select 7 $$;\ncreate table t ();\n"
        try importing(text, as: .function) { cluster, _, _, error, _ in
            #expect(error == nil)
            let found = try cluster.value("select f() + (select count(*) from t)", in: "postgres")
            #expect(found == "7")
        }
    }

    @Test func `a role without rights on the target is told what it lacks`() throws {
        try withCluster { cluster in
            try withExportDirectory { files in
                try cluster.run("create role guest login", in: "postgres")
                try DurableFile.write("create table public.t (a int);", to: files.path(of: .table))
                var parameters = cluster.access(database: "postgres").parameters
                parameters.user = "guest"
                do {
                    _ = try importSchema(
                        access: DatabaseAccess(parameters: parameters, password: nil), files: files,
                        options: SchemaImportOptions()
                    ) { _ in }
                    Issue.record("a guest created a table")
                } catch let error as SchemaError {
                    #expect(error.description.contains("permission denied for schema public"))
                    #expect(error.description.contains("schema/tables/table.sql, line 1"))
                }
                parameters.port = 1
                do {
                    _ = try importSchema(
                        access: DatabaseAccess(parameters: parameters, password: nil), files: files,
                        options: SchemaImportOptions()
                    ) { _ in }
                    Issue.record("nobody listens there")
                } catch let error as SchemaError {
                    #expect(error.description.contains("refused"), "\(error.description)")
                }
            }
        }
    }
}

/// The attributes that a statement can do without.
@Suite struct RefusableAttributeTests {
    private func statement(_ sql: String) throws -> SQLStatement {
        try #require(try SchemaScript(text: sql, file: "f", type: .table).objects.first?.statements.first)
    }

    @Test(arguments: [
        ("create table t (a text compression lz4, b int)", "create table t (a text , b int);"),
        ("create table t (a int) with (x = 1)", "create table t (a int)  ;"),
        ("create unlogged table t (a int) tablespace fast", "create unlogged table t (a int)  ;"),
        (
            "create index i on t (a) with (fillfactor = 70) where a > 1",
            "create index i on t (a)  where a > 1;"
        ),
        (
            "alter table t add constraint u unique (a) with (fillfactor = 70)",
            "alter table t add constraint u unique (a)  ;"
        ),
    ])
    func `a statement without its attributes is the rest of it`(_ sql: String, _ rest: String) throws {
        let statement = try statement(sql)
        let all = RefusableAttribute.attributes(of: statement).flatMap(\.self)
        #expect(!all.isEmpty)
        let shorter = RefusableAttribute.statement(statement, without: all)
        let words = { (text: String) in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        #expect(
            words(shorter?.text ?? "").replacing(" ;", with: ";") == words(rest).replacing(" ;", with: ";"))
    }

    @Test(arguments: [
        "create view v with (security_barrier) as select a collate \"C\" from t",
        "alter table t add column a int", "alter table t set (x = 1), drop column b",
        "create function f() returns int language sql as 'select 1'",
    ])
    func `what changes the meaning is no such attribute`(_ sql: String) throws {
        #expect(RefusableAttribute.attributes(of: try statement(sql)).isEmpty)
    }
}
