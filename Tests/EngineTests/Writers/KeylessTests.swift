import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Tables without a key: each change carries its whole old row.
    @Suite(.serialized) struct KeylessTests {
        /// The index that finds a row, and how many wide values are read for it.
        private static let tables = """
            create schema ext; create extension citext schema ext;
            create table wide (body text, n int, f float8, note text); alter table wide replica identity full;
            alter table wide alter body set storage external;
            create table indexed (body text, n int, f float8, note text); alter table indexed replica \
            identity full;
            alter table indexed alter body set storage external;
            create index indexed_n on indexed (n, note);
            create table alike (n numeric, c ext.citext, f float8, i interval, b bpchar, j json, jb jsonb, \
            x xml, a numeric[],
                t text); alter table alike replica identity full;
            create index alike_key on alike (n, c);
            create table parts (n int, v ext.citext) partition by list (n);
            create table parts_1 partition of parts for values in (1, null);
            create table parts_2 partition of parts for values in (2); alter table parts replica identity \
            full;
            alter table parts_1 replica identity full; alter table parts_2 replica identity full;
            create schema seen; create table seen.statements (relation name, statement text);
            create function seen.note() returns trigger language plpgsql as $$ begin
                insert into seen.statements values (tg_table_name, current_query()); return null; end $$;
            """
            + ["wide", "indexed"].map {
                """
                create trigger seen after update or delete on \($0) for each statement execute function \
                seen.note();
                alter table \($0) enable always trigger seen;
                """
            }.joined()

        /// Values that are equal but print differently, two of each row, and NULL everywhere.
        private static let alike = """
            insert into alike
            select n, c, f, i, b, j, jb, x, array[n], 't' from (values (1.0, 1), (1.00, 2)) n(n, o1), \
            (values ('a'), ('A')) c(c),
                (values (0::float8), ('-0')) f(f), (values (interval '1 day'), ('24:00')) i(i),
                (values ('b'::bpchar), (null)) b(b), (values (json '{"a": 1}'), ('{"a":1}')) j(j),
                (values (jsonb '1.0'), ('1.00')) jb(jb), (values (xml '<a/>'), ('<a></a>')) x(x), \
                generate_series(1, 2);
            insert into alike (t) values (null), (null), ('t');
            """

        @Test
        func
            `wide rows without a key are found by an index or by narrow columns, and the check names those without one`()
            async throws
        {
            try await withSite(Self.tables) { site in
                let source = try site.connect(.source)
                for (table, rows) in [("wide", 1500), ("indexed", 500)] {
                    // Bodies of one length, so that they differ in their bytes alone; notes that are NULL.
                    try source.execute(
                        "insert into \(table) select repeat(md5(g::text), 1200), g, g / 7.0, case when g % "
                            + "3 = 0 then 'n' end "
                            + "from generate_series(1, \(rows)) g; "
                            + "insert into \(table) select null, null, null, null from generate_series(1, 3)")
                }
                try await site.goLive()
                try site.connect(.target).execute("truncate seen.statements")
                for table in ["wide", "indexed"] {
                    try source.execute(
                        "update \(table) set f = -f where n % 50 = 0; delete from \(table) where n % 50 = 1; "
                            + "delete from \(table) where ctid = (select min(ctid) from \(table) where n "
                            + "is null)"
                    )
                }
                #expect(try await site.differences() == [])
                let target = try site.connect(.target)
                let warnings = try DatabaseChecks.lookups(.target, target, try site.migration.record())
                #expect(warnings.map(\.name) == ["rows of public.parts", "rows of public.wide"])
                #expect(warnings.last?.remedy.hasPrefix(#"create index on "public"."wide" ("n")"#) == true)
                let seen = try target.query("select distinct relation, statement from seen.statements").rows
                #expect(Set(seen.compactMap { $0[0] }) == ["wide", "indexed"])
                try target.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off")
                for row in seen {
                    let statement = row[1] ?? ""
                    let count =
                        statement.split(separator: "$").dropFirst().compactMap { part in
                            Int(String(part.prefix { $0.isNumber }))
                        }.max() ?? 0
                    let nulls = [String](repeating: "null", count: count).joined(separator: ", ")
                    try target.execute("prepare p as \(statement)")
                    let plan = try target.execute("explain execute p (\(nulls))").rows.compactMap { $0[0] }
                    try target.execute("deallocate p")
                    if row[0] == "indexed" {
                        #expect(
                            plan.contains {
                                $0.contains("Index Cond") && $0.contains("n =") || $0.contains("n IS NULL")
                            })
                    }
                    // The server compares in this order.
                    for filter in plan where filter.contains("Filter:") && filter.contains("body") {
                        let body = filter.range(of: "body")
                        for narrow in [" f ", "(f ", " f)"] {
                            if let found = filter.range(of: narrow), let body {
                                #expect(found.lowerBound < body.lowerBound, "\(filter)")
                            }
                        }
                    }
                }
            }
        }

        @Test
        func `among rows that are equal but print differently the right one is changed, there and back`()
            async throws
        {
            try await withSite(Self.tables) { site in
                try site.connect(.source).execute(
                    Self.alike
                        + "insert into parts values (1, 'a'), (1, 'A'), (1, 'A'), (2, 'b'), (null, null), "
                        + "(null, null)"
                )
                try await site.goLive()
                for direction in Direction.allCases {
                    if direction == .reverse {
                        try site.cutover(to: .target)
                        try await site.awaitFallBack()
                    }
                    let origin = try site.connect(direction.origin)
                    // Every fifth row changes, and every seventh is deleted.
                    try origin.execute(
                        """
                        update alike set t = t || 'u' where ctid in (
                            select ctid from (select ctid, row_number() over (order by ctid) r from alike) \
                            s where r % 5 = 0);
                        delete from alike where ctid in (
                            select ctid from (select ctid, row_number() over (order by ctid) r from alike) \
                            s where r % 7 = 0);
                        update parts set n = 2 where ctid = (select max(ctid) from parts_1 where v = \
                        'A'::ext.citext) and n = 1;
                        delete from parts where tableoid = 'parts_1'::regclass
                            and ctid = (select min(ctid) from parts_1 where n is null);
                        insert into parts values (null, null), (1, 'A');
                        """)
                    #expect(try await site.differences(direction) == [])
                }
            }
        }
    }
}
