import Records
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Differences that need more than one row to be looked at, and their repair.
    @Suite(.serialized) struct RepairTests {
        private static let tables = """
            create table item (id int primary key, name text, c char(3), note text);
            create table part (id int, region text, v text, primary key (id, region))
                partition by list (region);
            create table part_a partition of part for values in ('a');
            create table part_b partition of part for values in ('b');
            create type mood as enum ('sad', 'glad');
            create table feeling (m mood primary key, n int);
            """
        private static let rows = """
            insert into item select n, 'name ' || n, 'c' || n % 10, null from generate_series(1, 20) n;
            insert into part select n, case n % 2 when 0 then 'a' else 'b' end, 'v' || n
                from generate_series(1, 20) n;
            insert into feeling values ('sad', 1), ('glad', 2);
            """

        /// Verifies, and runs the repair. Returns the keys and kinds of the differences.
        private func mend(_ site: Site, _ table: String) async throws -> Set<String> {
            let report = try await site.verify([table])
            for statement in report.repairs { try site.connect(.target).execute(statement) }
            let mended = try await site.verify([table])
            #expect(mended.outcome == .equal && mended.found == [], "\(report.repairs)")
            return Set(
                report.differences.map { "\($0.key.values.joined(separator: ",")) \($0.kind.rawValue)" })
        }

        @Test func `the repair of a key that is there twice keeps the row of the origin`() async throws {
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(Self.rows)
                try await site.goLive()
                #expect(try await site.differences() == [])
                try site.connect(.target).execute(
                    """
                    alter table item drop constraint item_pkey;
                    insert into item values (5, 'wrong', 'c5', null), (6, 'name 6', 'c6', ''),
                        (7, 'name 7', 'c7', null);
                    insert into item values (8, 'other', 'x', 'y'); update item set name = 'no' where id = 8;
                    """)
                #expect(
                    try await mend(site, "item") == ["5 number", "6 number", "7 number", "8 number"])
                #expect(
                    try site.value(
                        .target, "select string_agg(name, ',' order by id) from item where id in (5, 6, 7, 8)"
                    )
                        == "name 5,name 6,name 7,name 8")
            }
        }

        @Test func `a copy of a row in a wrong partition goes, and the one in its partition stays`()
            async throws
        {
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(Self.rows)
                try await site.goLive()
                #expect(try await site.differences() == [])
                // Rows of part_a and one that nobody has, past the server's checks.
                try site.connect(.target).execute(
                    """
                    begin; alter table part detach partition part_b;
                    insert into part_b values (4, 'a', 'v4'), (90, 'a', 'v90'), (6, 'a', 'wrong');
                    delete from part where id = 6;
                    alter table part_b add constraint c check (region is not null and region = 'b') not valid;
                    commit;
                    """)
                try site.connect(.target).execute(
                    "update pg_constraint set convalidated = true where conname = 'c'")
                try site.connect(.target).execute(
                    """
                    begin; alter table part attach partition part_b for values in ('b');
                    alter table part_b drop constraint c; commit;
                    """)
                #expect(
                    try await mend(site, "part") == ["4,a number", "90,a extra", "6,a different"])
            }
        }

        @Test func `an extra key that the origin's type would cut off is found, and no other row is removed`()
            async throws
        {
            try await withSite(
                """
                create table word (w varchar(10) primary key, n int);
                create table price (p numeric(6,2) primary key, n int);
                create table code (c char(3) primary key, n int);
                """
            ) { site in
                try site.connect(.source).execute(
                    """
                    insert into word values ('abcdefghij', 1); insert into price values (1.25, 1);
                    insert into code values ('ab', 1), ('abc', 2);
                    """)
                try await site.goLive()
                #expect(try await site.differences() == [])
                try site.connect(.target).execute(
                    """
                    alter table word alter w type varchar(20); alter table price alter p type numeric;
                    alter table code alter c type char(5);
                    """)
                try site.connect(.target).execute(
                    """
                    insert into word values ('abcdefghijKLMNO', 2); insert into price values (1.254, 2);
                    insert into code values ('abcde', 3);
                    """)
                let report = try await site.verify(["word", "price"])
                #expect(report.found == ["word abcdefghijKLMNO extra", "price 1.254 extra"])
                for statement in report.repairs { try site.connect(.target).execute(statement) }
                #expect(try site.value(.target, "select string_agg(w, ',') from word") == "abcdefghij")
                #expect(try site.value(.target, "select string_agg(p::text, ',') from price") == "1.25")
                let code = try await site.verify(["code"])
                #expect(code.differences.contains { $0.key == RowKey(["abcde"]) && $0.kind == .extra })
            }
        }

        @Test func `many rows are read by their keys only if an index finds them`() async throws {
            try await withSite(Self.tables) { site in
                let side = try site.context().side(.source)
                let reader = side.rowReader(as: "test", meanwhile: {})
                let tables = try side.tables()
                func isQuicker(_ name: Identifier, _ count: Int) throws -> Bool {
                    let table = try #require(tables.first { $0.name.name == name })
                    return try WrittenRows.areQuicker(than: table, count: count, reader)
                }
                #expect(try isQuicker("item", WrittenRows.keysMax + 1))
                #expect(try isQuicker("part", WrittenRows.keysMax + 1))
                #expect(try isQuicker("feeling", WrittenRows.keysMax))
                #expect(try !isQuicker("feeling", WrittenRows.keysMax + 1))
            }
        }

        @Test func `a type without its modifier casts no value to another one`() {
            let names = [
                "character varying(10)": "character varying", "character(5)": "bpchar",
                "character(5)[]": "bpchar[]", "bit(3)": "\"bit\"", "bit varying(3)": "bit varying",
                "timestamp(3) without time zone": "timestamp without time zone",
                "numeric(6,2)": "numeric", "numeric(6,2)[]": "numeric[]", "integer": "integer",
                "interval day to second(3)": "interval", "public.\"odd(1)\"": "public.\"odd(1)\"",
                "public.\"odd(1)\"(2)": "public.\"odd(1)\"",
            ]
            for (type, plain) in names { #expect(KeyTypes.withoutModifier(type) == plain) }
        }
    }
}
