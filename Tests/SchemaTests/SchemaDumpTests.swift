import Testing

@testable import Schema

@Suite struct SchemaDumpTests {
    private func script(_ text: String, _ type: SchemaObjectType = .table) throws -> SchemaScript {
        try SchemaScript(text: text, file: "schema/" + type.path, type: type)
    }

    @Test func `a dump is split into its objects by kind`() throws {
        let dump = try SchemaDump(text: smallDump)
        #expect(dump.settings.map(\.text).contains("SET check_function_bodies = false;"))
        #expect(dump.objects[.schema]?.count == 1)
        #expect(dump.objects[.function]?.map(\.name) == ["shop.touch()", "shop.total(integer)"])
        #expect(dump.objects[.table]?.map(\.statements.count) == [2, 1])
        #expect(dump.objects[.index]?.count == 1)
        #expect(dump.objects[.trigger]?.count == 1)
        #expect(dump.objects[.sequence] == nil)
    }

    @Test func `a name may contain the separators of a comment line`() throws {
        let dump = try SchemaDump(text: smallDump)
        #expect(dump.objects[.table]?.first?.header?.name == "odd; Type: X")
        #expect(dump.objects[.table]?.first?.header?.type == "TABLE")
    }

    @Test func `files that are read back have the objects of the dump`() throws {
        let dump = try SchemaDump(text: smallDump)
        for (type, text) in dump.fileTexts {
            let read = try script(text, type)
            #expect(read.settings.map(\.text) == dump.settings.map(\.text))
            #expect(read.objects.map(\.header) == dump.objects[type]?.map(\.header))
            #expect(
                read.objects.map { $0.statements.map(\.text) }
                    == dump.objects[type]?.map { $0.statements.map(\.text) })
            #expect(!text.contains("default_table_access_method"))
            #expect(!text.contains("restrict"))
        }
    }

    @Test func `a table of another access method keeps the setting`() throws {
        let text = smallDump.replacingOccurrences(of: "method = heap", with: "method = columns")
        let table = try #require(try SchemaDump(text: text).objects[.table]?.first)
        #expect(table.statements.first?.text == "SET LOCAL default_table_access_method = columns;")
    }

    @Test func `semicolons end statements only outside strings, bodies and comments`() throws {
        let texts = try script(
            #"""
            select 'a;''b', E'c\';d', "e;f" /* ; /* ; */ ; */; -- g;
            select $x$ ; $y$ ; $x$, $1;
            create rule r as on delete to t do instead (select 1; select 2);
            create or replace procedure p() begin atomic select case when true then 1 end; select 2; end;
            select 3
            """#
        ).objects.map(\.statements).joined().map(\.text)
        #expect(texts.count == 5)
        #expect(texts.last == "select 3\n;")
    }

    @Test func `a string without an end is an error with its line`() {
        #expect(throws: SchemaError.unterminated(file: "schema/tables/table.sql", line: 2, what: "a string"))
        {
            try script("select 1;\nselect 'a;\n")
        }
        #expect(
            throws: SchemaError.unterminated(
                file: "schema/tables/table.sql", line: 1, what: "a dollar-quoted body")
        ) {
            try script("select $$ a;\n")
        }
    }

    @Test func `a psql command in a file is refused`() {
        #expect(throws: SchemaError.psqlCommand(file: "schema/tables/table.sql", line: 2)) {
            try script("select 1;\n\\i other.sql\n")
        }
    }

    @Test func `statements added by hand are objects of their own`() throws {
        let read = try script(
            """
            SET search_path = '';
            create table a (x int);
            -- Name: b; Type: TABLE; Schema: s; Owner: -

            CREATE TABLE s.b (x int)
            -- Name: c; Type: TABLE; Schema: s; Owner: -
            CREATE TABLE s.c (x int);
            ALTER TABLE s.c ENABLE ROW LEVEL SECURITY;
            create table d (x int);
            """)
        #expect(read.settings.count == 1)
        #expect(read.objects.map(\.label) == ["create table a", "table s.b", "table s.c", "create table d"])
        #expect(read.objects.map(\.statements.count) == [1, 1, 2, 1])
        #expect(read.objects.map(\.line) == [2, 3, 6, 9])
    }

    @Test func `the newest pg_dump is taken and an older one than the server is refused`() throws {
        let old = PgDump(path: "/a/pg_dump", version: "14.9")
        let new = PgDump(path: "/b/pg_dump", version: "16.1")
        #expect(try PgDump.choose(from: [old, new], serverMajor: 15) == new)
        #expect(throws: SchemaError.pgDumpTooOld(newest: "14.9", serverMajor: 15)) {
            try PgDump.choose(from: [old], serverMajor: 15)
        }
        #expect(throws: SchemaError.pgDumpMissing(serverMajor: 15)) {
            try PgDump.choose(from: [], serverMajor: 15)
        }
        #expect(PgDump.version(in: "pg_dump (PostgreSQL) 15.4 (Debian 15.4-1)\n") == "15.4")
        #expect(PgDump(path: "", version: "17beta1").major == 17)
    }

    @Test func `pg_dump's error is reported without the query that it quotes`() {
        let errors = """
            pg_dump: error: query failed: ERROR:  permission denied for table secret
            pg_dump: detail: Query was: LOCK TABLE public.secret IN ACCESS SHARE MODE

            """
        #expect(PgDump.reason(in: errors) == "permission denied for table secret")
    }
}
