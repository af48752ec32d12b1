import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import Postgres

extension ServerSuites {
    @Suite(.serialized) struct TypeTests {
        /// A table for every kind of column, key and replica identity.
        static let tables = """
            create extension hstore; create schema "Mixed Case";
            create type mood as enum ('sad', 'so so', 'happy'); create type pair as (a int, b text);
            create domain positive as int check (value > 0);
            create table times (id int primary key, t0 timestamp(0), t1 timestamp(1), t2 timestamp(2), t3 \
            timestamp(3),
                t4 timestamp(4), t5 timestamp(5), t6 timestamp(6), z timestamptz, d date, c time, cz \
                timetz, i interval);
            create table numbers (id int primary key, n numeric, s numeric(60,30), r real, f float8, m \
            money, i smallint, b bigint);
            create table shapes (id int primary key, p point, l line, s lseg, b box, o path, c path, g \
            polygon, k circle);
            create table ranges (id int primary key, i int4range, n numrange, t tstzrange, d daterange, im \
            int4multirange,
                dm datemultirange);
            create table things (id int primary key, h hstore, co pair, dom positive, mo mood, ia int[], ta \
            text[],
                by bytea, x xml, j json, jb jsonb, tv tsvector, tq tsquery, bi bit(5), vb bit varying, ine \
                inet, ci cidr,
                ma macaddr, u uuid, lsn pg_lsn, ch char(5), q "char", bo bool, na name);
            create table made (id int generated always as identity primary key, v int,
                g int generated always as (v * 2) stored);
            create table whole (id int primary key, v text); alter table whole replica identity full;
            create table by_index (a int not null, b text not null, v text);
            create unique index by_index_key on by_index (a, b); alter table by_index replica identity \
            using index by_index_key;
            create table keyless (n int, b bool, c char(5), i inet, t text, x xml, p point, j json, ch \
            "char");
            alter table keyless replica identity full;
            create table large (id int primary key, body text, v int); alter table large alter body set \
            storage external;
            create table parts (id int, region text, v int, primary key (id, region)) partition by list \
            (region);
            create table parts_a partition of parts for values in ('a');
            create table parts_b partition of parts for values in ('b');
            create table "Mixed Case"."select" ("from" int primary key, "User Name" text, "a""b" int);
            create table parent (id int primary key, v text); create table child () inherits (parent);
            alter table child add primary key (id);
            create table emptied (id int primary key);
            """

        /// Runs before the snapshot and, with other keys, again while the changes stream.
        static func rows(_ k: Int) -> String {
            """
            insert into times values (\(k), '2024-02-29 23:59:59.999999', '2024-02-29 23:59:59.94', \
            '0044-03-15 BC', 'infinity',
                '-infinity', '0001-01-01', '294276-12-31 23:59:59.999999', 'infinity', '4713-01-01 BC', \
                '24:00', '23:59:59.5+14:30',
                '-1 year 2 mons -3 days 04:05:06.789'), (\(k + 1), null, null, null, null, null, null, null,
                '0044-03-15 12:00+00 BC', '-infinity', '00:00', '00:00-15:59', '0');
            insert into numbers values (\(k), 'NaN', \
            123456789012345678901234567890.123456789012345678901234567890,
                'NaN', 'Infinity', 12.34, -32768, 9223372036854775807), (\(k + 1),
                ('1' || repeat('0', 500) || '.' || repeat('7', 300))::numeric, \
                -0.000000000000000000000000000001, '-Infinity',
                2.2250738585072014e-308, -0.01, 0, -9223372036854775808), (\(k + 2), '-Infinity', 0, 3.4028235e38, 0.1, 0, 1, 1);
            insert into shapes values (\(k), '(1.5,-2)', '{1,-1,0}', '[(0,0),(1,1)]', '(2,2),(0,0)', \
            '[(0,0),(1,1),(2,0)]',
                '((0,0),(1,1),(2,0))', '((0,0),(1,1),(2,0))', '<(0.1,0.2),3>'); insert into shapes values (\(k + 1));
            insert into ranges values (\(k), '[1,5)', '(,2.5]', '[2024-01-01 00:00+02,infinity)', 'empty', \
            '{[1,3),[5,9)}', '{}'),
                (\(k + 1), '(,)', 'empty', null, '[2024-01-01,)', null, '{[2024-01-01,2024-02-01)}');
            insert into things values (\(k), 'a=>1, b=>NULL, "c d"=>"e\\"f"', row(1, 'x,"y)'), 7, 'so so',
                '[0:2]={1,NULL,3}', array['a,b', null, 'NULL', '', '"q"', E'back\\\\slash'], \
                '\\x00ff10'::bytea,
                '<a b="1">t&amp;x</a>', '{"b": 1,  "a": [null]}', '{"b": 1, "a": [1.50, "é"]}', 'fat:2A & \
                rat'::text::tsvector,
                'fat & !rat', B'10101', B'', '192.168.0.1', '10.0.0.0/8', '08:00:2b:01:02:03', \
                gen_random_uuid(), '16/B374D848',
                'ab', 'x', true, 'a name'), (\(k + 1), '', row(null, null), null, null, '{{1,2},{3,4}}', \
                '{}', '', null, null, 'null',
                '', '', B'00000', B'111', '::1/64', '::/0', null, null, '0/0', '', '', false, '');
            insert into made (v) values (1), (null);
            insert into whole values (\(k), 'a'), (\(k + 1), null);
            insert into by_index values (\(k), 'x', null), (\(k), 'y', 'v');
            insert into keyless select \(k), true, 'ab', '10.1.2.3', E'tab\\t\\\\N\\nline "q",()', '<a/>', \
            '(1,2)', '{"a":  1}', 'c'
                from generate_series(1, 3);
            insert into keyless (n) values (\(k)), (null);
            insert into large select \(k), string_agg(md5(i::text), ''), 1 from generate_series(1, 2000) i;
            insert into large values (\(k + 1), repeat('é', 9000), 1);
            insert into parts values (\(k), 'a', 1), (\(k + 1), 'b', 2);
            insert into "Mixed Case"."select" values (\(k), 'x', 1), (\(k + 1), null, null);
            insert into parent values (\(k), 'p'), (\(k + 1), 'p'); insert into child values (\(k), 'c'), (\(k + 2), 'c');
            insert into emptied values (\(k));
            """
        }

        static func changes(_ k: Int) -> String {
            """
            update times set t3 = '-infinity', d = '0001-12-31 BC', i = '1 mon' where id = \(k);
            update numbers set n = n + 1, f = '-0' where id = \(k + 1);
            update shapes set p = null, k = '<(1,1),0>' where id = \(k);
            update ranges set i = 'empty', im = null where id = \(k);
            update things set h = h || 'z=>NULL', co.b = null, ia[5] = 9, bo = null, ch = 'x' where id = \(k);
            update made set v = v + 5 where id % 2 = 1;
            update made set id = default where id = (select min(id) from made);
            update whole set v = null where id = \(k); update whole set id = id + 100000 where id = \(k + 1);
            update by_index set v = 'w' where b = 'x' and a = \(k);
            update by_index set b = 'z' where b = 'y' and a = \(k);
            update keyless set n = n + 100000 where ctid = (select ctid from keyless where n = \(k) and b limit 1);
            delete from keyless where ctid = (select ctid from keyless where n = \(k) and b limit 1);
            update keyless set t = 'was null' where ctid = (select ctid from keyless where n is null limit 1);
            update large set v = 2 where id = \(k); update large set id = id + 100000 where id = \(k);
            update large set body = null where id = \(k + 1);
            update parts set v = 9 where id = \(k); update parts set region = 'b' where id = \(k);
            delete from parts where id = \(k + 1);
            update "Mixed Case"."select" set "User Name" = 'Y', "from" = "from" + 100000 where "from" = \(k);
            update only parent set v = 'own' where id = \(k); delete from only parent where id = \(k + 1);
            delete from child where id = \(k + 2);
            truncate emptied; insert into emptied values (\(k + 7));
            delete from shapes where id = \(k + 1);
            """
        }

        @Test(arguments: ApplyMode.both)
        func `every type arrives as it was, there and back, and the end leaves nothing`(mode: ApplyMode)
            async throws
        {
            try await withSite(Self.tables, schemas: ["public", "Mixed Case"]) { site in
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                try site.connect(.source).execute(Self.rows(1))
                try await site.goLive(mode)
                #expect(try site.compare() == [])
                try site.connect(.source).execute(Self.rows(11) + Self.changes(1))
                try site.connect(.source).execute(Self.changes(11))
                // Rows of child tables of a truncated one stay.
                try site.connect(.source).execute(
                    "insert into child values (777, 'stays'); truncate only parent")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select v from child where id = 777") == "stays")

                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
                try site.connect(.target).execute(Self.rows(31))
                try site.connect(.target).execute(Self.changes(31))
                #expect(try await site.differences(.reverse) == [])

                try site.cutover(to: .source)
                try await site.awaitPhase(.complete)
                #expect(try site.compare() == [])
                // The application is back: the source takes writes, and its sequences continue.
                try site.connect(.source).execute("insert into made (v) values (5)")

                try await site.end()
                #expect(try site.surroundings(.source) == before.0)
                #expect(try site.surroundings(.target) == before.1)
            }
        }

        /// Settings by which the databases print values, different on each side.
        private static let settings: [Side: [String]] = [
            .source: [
                "datestyle = 'SQL, DMY'", "intervalstyle = iso_8601", "timezone = 'Asia/Kolkata'",
                "bytea_output = escape", "extra_float_digits = -4",
            ],
            .target: [
                "datestyle = 'German'", "intervalstyle = sql_standard", "timezone = 'America/St_Johns'",
                "extra_float_digits = 0", "standard_conforming_strings = off",
            ],
        ]

        @Test func `values arrive as they were between databases that print them otherwise, there and back`()
            async throws
        {
            try await withSite(Self.tables, schemas: ["public", "Mixed Case"]) { site in
                for (side, settings) in Self.settings {
                    for setting in settings {
                        try site.connect(side).execute("alter database \(site.name) set \(setting)")
                    }
                }
                try site.connect(.source).execute(Self.rows(1))
                try await site.goLive()
                #expect(try site.compare() == [])
                try site.connect(.source).execute(Self.rows(11) + Self.changes(1))
                #expect(try await site.differences() == [])
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
                let application = try site.connect(.target)
                try application.execute("set standard_conforming_strings = on")
                try application.execute(Self.rows(31) + Self.changes(11))
                #expect(try await site.differences(.reverse) == [])
            }
        }

        @Test func `times that are sent as numbers are those that the server reads from their texts`() throws
        {
            let server = try PostgresConnection(
                try Servers.cluster(.source).access(), applicationName: "test")
            // Every day of some years, every length of fraction, and moments in all years of four digits.
            let rows = try server.query(
                """
                with moment (t) as (
                    select day + hour * interval '59 min 59.999999 s' from generate_series(
                        timestamp '1896-02-20', timestamp '1904-03-10', interval '1 day') day, \
                        generate_series(0, 24, 8) hour
                    union all select timestamp '0001-01-01' + (n * 7919 % 315537897599) * interval '1 s'
                        + n * interval '1 us' from generate_series(1::bigint, 315537897599, 78884474) n
                    union all select timestamp '2000-01-01 12:34:56' + interval '123456 us' / 10 ^ n
                        from generate_series(0, 6) n
                    union all values (timestamp '0001-01-01'), ('9999-12-31 23:59:59.999999'))
                select t::text, (t at time zone 'UTC')::text, t::date::text,
                       (extract(epoch from t - '2000-01-01') * 1000000)::bigint::text, (t::date - date \
                       '2000-01-01')::text
                  from moment
                """
            ).rows
            #expect(rows.count > 15_000)
            for row in rows {
                let (microseconds, days) = (row[3].flatMap { Int64($0) }, row[4].flatMap { Int32($0) })
                try #require(microseconds != nil && days != nil)
                #expect(times(row[0]!).timestamp == microseconds, "\(row[0]!)")
                #expect(times(row[1]!).timestampTZ == microseconds, "\(row[1]!)")
                #expect(times(row[2]!).date == days, "\(row[2]!)")
            }
        }

        private func times(_ text: String) -> (date: Int32?, timestamp: Int64?, timestampTZ: Int64?) {
            let bytes = Array(text.utf8)
            // The array outlives the call.
            return unsafe bytes.withUnsafeBytes {
                let time = unsafe TimeText($0)
                return unsafe (time.date, time.timestamp, time.timestampTZ)
            }
        }

        @Test(arguments: [
            "", "infinity", "-infinity", "0001-12-31 BC", "10000-01-01", "2023-02-29", "1900-02-29",
            "2024-02-30",
            "2024-04-31", "2024-00-10", "2024-13-01", "2024-01-00", "0000-01-01", "2024-1-01", "2024-01-1x",
            "2024/01/01",
            "2024-01-01 24:00:00", "2024-01-01 23:60:00", "2024-01-01 23:00:60", "2024-01-01T23:00:00",
            "2024-01-01 23:00:00.", "2024-01-01 23:00:00.1234567", "2024-01-01 23:00:00.12x",
            "2024-01-01 23:00",
            "2024-01-01 23:00:00 BC", "2024-01-01 23:00:00+01", "2024-01-01 23:00:00-00",
            "2024-01-01 23:00:00+00 BC",
            "2024-01-01 23:00:00+00:30", "-024-01-01", "2024-01-01 -1:00:00",
        ])
        func `every other text of a time is left to the server`(text: String) {
            let (date, timestamp, timestampTZ) = times(text)
            #expect(date == nil && timestamp == nil && timestampTZ == nil)
        }
    }
}
