import Demo
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Migrations of values and constraints that depend on the settings of a session.
    @Suite(.serialized) struct SettingsMigrationTests {
        private static let namesAndTexts = """
            create schema b; create table b.t (id int); create table public.t (id int primary key);
            create function b.f(int) returns int language sql as 'select 1';
            create function public.f(int) returns int language sql as 'select 2';
            create type b.kind as enum ('x'); create type public.kind as enum ('x');
            create table objects (id int primary key, c regclass, p regprocedure, y regtype, n \
            regnamespace, o regoperator,
                g regconfig, cs regclass[]);
            create table texts (id int primary key, t text, x xml, bo bool, ch "char", ca char(3), na name);
            create table loose (c regclass, t text, x xml); alter table loose replica identity full;
            """

        private static func namesAndTexts(_ k: Int) -> String {
            """
            insert into objects values (\(k), 'b.t', 'b.f(int)', 'b.kind', 'b', '+(int,int)', 'english', \
            '{b.t,public.t}'),
                (\(k + 1), 'public.t', 'public.f(int)', 'public.kind', 'public', '=(text,text)', 'simple', \
                '{b.t}');
            insert into texts values (\(k), 'é', '<?xml version="1.0"?><a>é</a>', true, 'c', 'é', 'é'),
                (\(k + 1), E'\\n', E'\\n<a/>', false, '', '', '');
            insert into loose values ('b.t', 'é\(k)', E'\\n<b/>'), ('public.t', 'é\(k)', '<?xml version="1.0"?><b/>');
            update loose set t = t || 'ü' where c = 'b.t'::regclass; update objects set c = 'b.t' where id = \(k + 1);
            """
        }

        @Test func `names of objects, XML and text of another encoding arrive unchanged and are compared`()
            async throws
        {
            let latin1 = "encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'"
            try await withSite(Self.namesAndTexts, options: [.source: latin1]) { site in
                // A session that prints and reads names under the defaults takes one for the other.
                try site.connect(.source).execute("alter database \(site.name) set search_path = b, public")
                try site.connect(.source).execute(
                    Self.namesAndTexts(1).replacing("into ", with: "into public.")
                        .replacing("update ", with: "update public."))
                try await site.goLive()
                #expect(try site.compare() == [])
                #expect(try site.value(.target, "select c from objects where id = 1") == "b.t")
                try site.connect(.source).execute(
                    Self.namesAndTexts(11).replacing("into ", with: "into public.")
                        .replacing("update ", with: "update public."))
                #expect(try await site.differences() == [])
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
                try site.connect(.target).execute(Self.namesAndTexts(21))
                #expect(try await site.differences(.reverse) == [])
                // A name that became another one is a difference.
                let loser = try PostgresConnection(
                    try site.cluster(.source).access(database: site.name), applicationName: "test")
                try loser.execute("update public.objects set c = 'public.t' where id = 1")
                #expect(try site.compare().contains { $0.contains("public.objects") })
                try loser.execute("update public.objects set c = 'b.t' where id = 1")
                try site.cutover(to: .source)
                try await site.awaitPhase(.complete)
                #expect(try site.compare() == [])
            }
        }

        @Test func `an XML value that was printed is compared without the line ends that printing drops`()
            async throws
        {
            try await withSite("create table page (id int primary key, x xml)") { site in
                try site.connect(.source).execute(
                    "insert into page values (1, E'\\n\\n\\n<a/>'), (2, null), (3, '<b/>')")
                try site.connect(.target).execute(
                    "insert into page values (1, E'\\n\\n<a/>'), (2, null), (3, '<b/>')")
                let sums = try Side.allCases.map { side in
                    let connection = try PostgresConnection(
                        try site.access(side), applicationName: "switchback test")
                    return try TableChecksums.read(
                        connection, tables: try connection.tables(inSchemas: ["public"]), meanwhile: {})
                }
                #expect(TableChecksums.differences(sums[0], sums[1]) == [])
                try site.connect(.target).execute("update page set x = '<c/>' where id = 3")
                let connection = try PostgresConnection(
                    try site.access(.target), applicationName: "switchback test")
                let changed = try TableChecksums.read(
                    connection, tables: try connection.tables(inSchemas: ["public"]), meanwhile: {})
                #expect(TableChecksums.differences(sums[0], changed).count == 1)
            }
        }

        @Test func `a table has the same shape under every search_path`() async throws {
            try await withSite(
                "create type mood as enum ('sad'); create table feeling (id int primary key, m mood)"
            ) { site in
                let reading = try PostgresConnection(
                    try site.access(.source), applicationName: "switchback test")
                let plain = try site.connect(.source)
                try plain.execute("set search_path = public")
                #expect(try plain.shapes(inSchemas: ["public"]) == reading.shapes(inSchemas: ["public"]))
            }
        }

        @Test func `a table without columns has a shape`() async throws {
            try await withSite("create table bare ()") { site in
                let connection = try PostgresConnection(
                    try site.access(.source), applicationName: "switchback test")
                #expect(try connection.shapes(inSchemas: ["public"])["public.bare"]?.columns == [])
            }
        }

        private static let constrained = """
            create schema app;
            create function app.known(text) returns boolean language sql immutable as $$ select $1 <> '' $$;
            create function app.allowed(t text) returns boolean language plpgsql immutable as $$ begin \
            return known(t); end $$;
            create domain app.morning as timestamptz check (extract(hour from value) between 8 and 12);
            create table visits (id int primary key, at timestamptz check (extract(hour from at) between 8 \
            and 18),
                d timestamptz check (d::date::text ~ '^[0-9]{2}[.][0-9]{2}[.][0-9]{4}$'), m app.morning,
                i interval check (i::text ~ '^[-+]?[0-9]+ '), kind text check (app.allowed(kind)));
            create table loose (at timestamptz, d date, i interval, b bytea); alter table loose replica \
            identity full;
            """

        private static func constrained(_ k: Int) -> String {
            """
            insert into visits select g, '2024-02-29 18:30+05:30', '2024-02-29 18:30+05:30', '2024-02-29 \
            12:10+05:30',
                '-1 day -2 hours', 'k' from generate_series(\(k), \(k + 3)) g;
            update visits set at = at - interval '9 hours', kind = 'l' where id = \(k); delete from visits where id = \(k + 1);
            insert into loose values ('2024-02-29 18:30+05:30', '2024-02-29', '-1 mons +2 days \
            -03:04:05.6', '\\x00ff'),
                ('infinity', '-infinity', '-1 days', ''), ('0044-03-15 12:00+00 BC', '0044-03-15 BC', \
                '-00:00:01', null);
            update loose set b = '\\x27' where isfinite(at) and b is not null; delete from loose where not \
            isfinite(at);
            update loose set at = at + interval '1 hour' where b is null;
            """
        }

        @Test(arguments: ApplyMode.both)
        func
            `rows whose constraints depend on the database's settings are written under those, there and back`(
                mode: ApplyMode
            ) async throws
        {
            try await withSite(Self.constrained) { site in
                for setting in [
                    "TimeZone = 'Asia/Kolkata'", "DateStyle = 'German, DMY'", "IntervalStyle = sql_standard",
                    "search_path = app, public",
                ] {
                    for side in Side.allCases {
                        try site.connect(side).execute("alter database \(site.name) set \(setting)")
                    }
                }
                try site.connect(.source).execute(Self.constrained(1))
                try await site.goLive(mode)
                #expect(try site.compare() == [])
                try site.connect(.source).execute(Self.constrained(11))
                #expect(try await site.differences() == [])
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
                try site.connect(.target).execute(Self.constrained(21))
                #expect(try await site.differences(.reverse) == [])
                let said = try site.migration.events(after: 0, limit: 1000).map(\.message).filter {
                    $0.contains("the database's own settings")
                }
                #expect(said.count == 2, "once for each side")
                #expect(said.allSatisfy { $0.contains("constraint visits_at_check of public.visits") })
            }
        }

        @Test
        func
            `a target whose own settings differ where constraints read them is warned of, with what mends it`()
            async throws
        {
            try await withSite(Self.constrained) { site in
                for setting in [
                    "TimeZone = 'Asia/Kolkata'", "DateStyle = 'German, DMY'", "search_path = app, \"$user\"",
                ] {
                    try site.connect(.source).execute("alter database \(site.name) set \(setting)")
                }
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(source: try site.access(.source), target: try site.access(.target)),
                    stop: StopSignal(), announce: { _ in })
                func differing() throws -> CheckResult? {
                    try DatabaseChecks.run(.target, context, forFallBack: false).first {
                        $0.name == "settings that constraints read"
                    }
                }
                let found = try #require(try differing())
                #expect(
                    found.state == .warning
                        && found.wanted.contains("constraint visits_at_check of public.visits"))
                #expect(
                    found.found == "DateStyle 'ISO, MDY', TimeZone 'UTC', search_path '\"$user\", public'")
                for statement in found.remedy.split(separator: ";") {
                    try site.connect(.target).execute(String(statement))
                }
                #expect(try differing() == nil)
                #expect(try site.value(.target, "show search_path") == "app, \"$user\"")
            }
        }

        /// The texts of the stream, and what they mean, side by side in columns.
        private static let printed = """
            create temp table moments as
                select m at time zone 'UTC' as z, m as t, m::date as d, m::time as c, (m at time zone \
                'UTC')::timetz as cz,
                       tstzrange(m at time zone 'UTC', null) as r
                  from (values (timestamp '2024-02-03 04:05:06.789'), ('0044-03-15 12:00 BC'), \
                  ('infinity'), ('1900-12-11 23:59:59.999999'),
                               ('294276-12-31 23:59:59.999999')) v(m) where isfinite(m)
                union all select 'infinity', '-infinity', 'infinity', '24:00', '00:00-15:59', \
                '[-infinity,infinity]';
            create temp table texts as
                select m.*, m.z::text as zt, m.t::text as tt, m.d::text as dt, m.c::text as ct, m.cz::text \
                as czt, m.r::text as rt
                  from moments m;
            create temp table spans as select i, i::text as it from (
                select make_interval(y, m, 0, d, h, 0, s) from unnest('{0,1,-1}'::int[]) y, \
                unnest('{0,2,-2}'::int[]) m,
                    unnest('{0,3,-3}'::int[]) d, unnest('{0,4,-4}'::int[]) h, \
                    unnest('{0,5.5,-5.5}'::float8[]) s) v(i);
            """

        @Test func `what the stream sends means the same under every style and time zone`() throws {
            let session = try PostgresConnection(
                try Servers.cluster(.source).access(), applicationName: "test", settings: .reading)
            try session.execute(Self.printed)
            for zone in ["UTC", "Asia/Kolkata", "America/St_Johns"] {
                for dates in ["ISO", "SQL", "German", "Postgres"] {
                    for order in ["MDY", "DMY", "YMD"] {
                        for spans in ["postgres", "postgres_verbose", "sql_standard", "iso_8601"] {
                            try session.execute(
                                "set timezone = '\(zone)'; set datestyle = '\(dates), \(order)'; set "
                                    + "intervalstyle = \(spans)"
                            )
                            let other = try session.query(
                                """
                                select (select count(*) from texts where z <> zt::timestamptz or t <> \
                                tt::timestamp or d <> dt::date
                                            or c <> ct::time or cz <> czt::timetz or r <> rt::tstzrange)
                                     + (select count(*) from spans where (i::text, extract(epoch from i))
                                            is distinct from (it::interval::text, extract(epoch from \
                                            it::interval)))
                                """)
                            #expect(other.scalar == "0", "\(zone), \(dates), \(order), \(spans)")
                        }
                    }
                }
            }
        }
    }
}
