import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Every type in the server's own catalog, so that none is forgotten.
    @Suite(.serialized) struct EveryTypeTests {
        private struct OpenType {
            let name: String
            let type: String
            var texts: [String]

            var tables: String {
                """
                create table "k_\(name)" (id int primary key, v \(type), a \(type)[], b \(type)[]);
                create table "w_\(name)" (v \(type), a \(type)[]);
                alter table "w_\(name)" replica identity full
                """
            }

            func rows(from first: Int) -> String {
                let values = texts.enumerated().map { "(\($0 + 1), \(quoteLiteral($1))::\(type))" }
                    .joined(separator: ", ")
                return """
                    insert into "k_\(name)" select \(first) + n, t, array[t, null], array[array[t], array[t]]
                        from (values \(values)) s(n, t);
                    insert into "k_\(name)" values (\(first), null, '{}', null);
                    insert into "w_\(name)" select t, array[t, null] from (values \(values)) s(n, t);
                    insert into "w_\(name)" values (null, null);
                    """
            }

            func changes(from first: Int) -> String {
                """
                update "k_\(name)" k set v = o.v, a[5] = o.v from "k_\(name)" o
                    where o.id = \(first) + 1 and k.id > \(first) + 1;
                delete from "k_\(name)" where id = \(first) + 1;
                update "w_\(name)" set a[-2] = v where ctid in (select ctid from "w_\(name)" limit 3);
                delete from "w_\(name)" where ctid = (select max(ctid) from "w_\(name)");
                """
            }
        }

        /// Texts of which each type takes some; enums, composites, domains and types of extensions are in
        /// `TypeTests`.
        private static let texts = [
            "0", "1", "-1", "t", "f", "a", "", "NaN", "infinity", "2024-02-29", "0044-03-15 BC",
            "2024-01-01 10:00:00.123456",
            "23:59:59.5", "23:59:59.5+14:30", "-1 year 3 days 04:05:06.789", "(1,2)", "[(0,0),(1,1)]",
            "((0,0),(1,1))",
            "<(0,0),1>", "{1,-1,0}", "10.0.0.1", "::1/64", "10.0.0.0/8", "08:00:2b:01:02:03",
            "08:00:2b:01:02:03:04:05",
            #"{"b": 1,  "a": [null, "é"]}"#, "[1,5)", "empty", "(,2.5]", "[2024-01-01,2024-02-01)", "{}",
            "{[1,3),[5,9)}",
            "{[2024-01-01,2024-02-01)}", "16/B374D848", "<a b=\"1\">t&amp;x</a>", "101", #"\x00ff10"#,
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "10:20:10,14", "pg_catalog", "pg_class", "simple",
            "english", "+",
            "+(integer,integer)", "lower", "lower(text)", "int4", "$.a[*] ? (@ > 1)", "(0,1)", "postgres",
            "postgres=r/postgres",
            "1 2 3", "'fat':2A 'rat'", "'fat' & !'rat'", "C", "1.50", "12.34",
        ]

        /// Types that take no text, such as the server's own statistics.
        private static let closed: Set<String> = [
            "gtsvector", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_dependencies",
            "pg_mcv_list",
            "pg_ndistinct", "pg_node_tree",
        ]

        /// Returns the texts that the type takes, each as the server prints it.
        private static let samples = """
            create function samples(type regtype, texts text[]) returns text[] language plpgsql as $$
            declare one text; printed text; found text[] := '{}';
            begin
                foreach one in array texts loop
                    begin
                        execute format('select (%L::%s)::text', one, type) into printed;
                        if printed is not null and not printed = any (found) then found := found || \
                        printed; end if;
                    exception when others then null;
                    end;
                end loop;
                return found;
            end $$;
            """

        @Test(arguments: ApplyMode.both)
        func
            `every type that takes a text arrives as it was, alone and in arrays, found by key and by whole row`(
                mode: ApplyMode
            ) async throws
        {
            try await withSite("") { site in
                let source = try site.connect(.source)
                try source.execute(Self.samples)
                let found = try source.query(
                    "select typname, oid::regtype, s from pg_type left join lateral "
                        + "unnest(samples(oid::regtype, $1::text[])) s "
                        + "on true where (typtype in ('b', 'r', 'm') and typelem = 0 "
                        + "or typname in ('int2vector', 'oidvector', 'point', 'lseg', 'line', 'box', "
                        + "'name')) "
                        + "and typnamespace = 'pg_catalog'::regnamespace order by 1, 3",
                    [PostgresConnection.textArray(Self.texts)])
                var open: [OpenType] = []
                for row in found.rows {
                    let (name, type) = (row[0] ?? "", row[1] ?? "")
                    guard let text = row[2] else {
                        #expect(Self.closed.contains(name), "no text for \(name)")
                        continue
                    }
                    if open.last?.name != name { open.append(OpenType(name: name, type: type, texts: [])) }
                    open[open.count - 1].texts.append(text)
                }
                #expect(open.count > 60)
                for side in Side.allCases {
                    for type in open {
                        try site.connect(side).execute(type.tables)
                    }
                }
                for type in open { try source.execute(type.rows(from: 0)) }
                try await site.goLive(mode)
                #expect(try site.compare() == [])
                for direction in Direction.allCases {
                    let first = direction == .forward ? 1000 : 2000
                    let origin = try site.connect(direction.origin)
                    for type in open {
                        try origin.execute(type.rows(from: first))
                        try origin.execute(type.changes(from: first))
                    }
                    #expect(try await site.differences(direction) == [])
                    guard direction == .forward else { break }
                    try site.cutover(to: .target)
                    try await site.awaitPhase(.fallBack)
                }
            }
        }
    }
}
