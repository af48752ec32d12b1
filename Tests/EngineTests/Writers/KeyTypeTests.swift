import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Keys of every kind of type. Types of extensions and users are in schemas that are on no search_path.
    @Suite(.serialized) struct KeyTypeTests {
        private struct KeyType {
            let name: String
            let type: String
            /// Four keys, as literals.
            let keys: [String]
            /// The SQL that makes a key of the column.
            var identity = "alter table %t add primary key (k)"

            var table: String { "k_" + name }

            var creation: String {
                """
                create table \(table) (k \(type) not null, v int, big text);
                \(identity.replacing("%t", with: table).replacing("%i", with: table + "_key"));
                create trigger seen after update or delete on \(table) for each statement execute function \
                seen.note();
                alter table \(table) enable always trigger seen;
                """
            }

            var rows: String {
                keys.dropLast().map { "insert into \(table) values (\(literal($0)), 0, repeat('x', 3000));" }
                    .joined()
            }

            /// An update, a delete, a key that changes, and the first rows again.
            var changes: String {
                """
                update \(table) set v = v + 1 where \(has(keys[0]));
                delete from \(table) where \(has(keys[1]));
                update \(table) set k = \(literal(keys[3])), v = v + 1, big = 'new' where \(has(keys[2]));
                """
            }

            var changesBack: String {
                """
                update \(table) set k = \(literal(keys[2])), big = 'old' where \(has(keys[3]));
                insert into \(table) values (\(literal(keys[1])), 0, 'again');
                """
            }

            /// A comparison without an operator of the type: the application's search_path has none.
            private func has(_ key: String) -> String { "k::text = (\(literal(key)))::text" }

            private func literal(_ key: String) -> String { "\(quoteLiteral(key))::\(type)" }
        }

        private static let types = [
            KeyType(name: "ltree", type: "ext.ltree", keys: ["a.b", "a.b.c", "x", "y.z"]),
            KeyType(name: "citext", type: "ext.citext", keys: ["One", "two", "THREE", "three"]),
            KeyType(name: "hstore", type: "ext.hstore", keys: ["a=>1", "b=>NULL", "", #""c d"=>"\"e""#]),
            KeyType(name: "enum", type: "own.mood", keys: ["sad", "so so", "it's", "happy"]),
            KeyType(name: "domain_enum", type: "own.feeling", keys: ["sad", "so so", "it's", "happy"]),
            KeyType(
                name: "domain_domain", type: "own.moods",
                keys: ["{sad}", "{}", "{it's,sad}", "{happy,NULL}"]),
            KeyType(name: "domain_varchar", type: "own.code", keys: ["abcde", "b", "c ", "é"]),
            KeyType(name: "domain_range", type: "own.span", keys: ["[1,3)", "empty", "(,)", "[7,)"]),
            KeyType(
                name: "composite", type: "own.pair", keys: ["(1,x)", "(2,)", "(,\"y,z\")", "(3,\"\"\"\")"]),
            KeyType(name: "range", type: "own.floats", keys: ["[1.5,3)", "empty", "(,)", "[7,)"]),
            KeyType(
                name: "multirange", type: "int4multirange", keys: ["{[1,3)}", "{}", "{(,)}", "{[1,2),[7,)}"]),
            KeyType(name: "enums", type: "own.mood[]", keys: ["{sad}", "{}", "{it's,sad}", "[0:0]={happy}"]),
            KeyType(name: "char", type: "char(3)", keys: ["a", "ab", "abc", ""]),
            KeyType(name: "varchar", type: "varchar(3)", keys: ["a", "a ", "abc", "ab "]),
            KeyType(name: "chars", type: "varchar(2)[]", keys: ["{a}", "{a,b}", "{}", "{ab,NULL}"]),
            KeyType(name: "numeric", type: "numeric", keys: ["1.0", "NaN", "1e30", "1.000e30"]),
            KeyType(name: "scale", type: "numeric(6,2)", keys: ["1", "-2.5", "0.01", "9999.99"]),
            KeyType(name: "float", type: "float8", keys: ["0.1", "NaN", "-0", "0"]),
            KeyType(name: "bit", type: "bit(3)", keys: ["101", "000", "111", "001"]),
            KeyType(name: "varbit", type: "bit varying(5)", keys: ["", "1", "10", "11111"]),
            KeyType(
                name: "uuid", type: "uuid", keys: (1...4).map { "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1\($0)" }),
            KeyType(name: "inet", type: "inet", keys: ["10.0.0.1", "10.0.0.1/8", "::1", "::1/64"]),
            KeyType(name: "cidr", type: "cidr", keys: ["10.0.0.0/8", "10.0.0.0/16", "::/0", "::/64"]),
            KeyType(name: "bytea", type: "bytea", keys: [#"\x00"#, #"\x"#, #"\xff5c27"#, #"\x22"#]),
            KeyType(
                name: "timestamptz", type: "timestamptz(3)",
                keys: ["2024-01-01 10:00:00.123+00", "infinity", "0044-03-15 12:00+00 BC", "2024-06-01"]),
            KeyType(name: "interval", type: "interval", keys: ["1 day", "-1 mon", "02:00", "120 min 1 s"]),
            KeyType(name: "money", type: "money", keys: ["1.00", "-2.50", "0", "9999999.99"]),
            KeyType(name: "macaddr", type: "macaddr", keys: (1...4).map { "08:00:2b:01:02:0\($0)" }),
            KeyType(name: "tsvector", type: "tsvector", keys: ["'a':1", "'a':1A", "", "'fat':2 'rat'"]),
            KeyType(name: "xid8", type: "xid8", keys: ["1", "2", "3", "18446744073709551615"]),
            KeyType(name: "pg_lsn", type: "pg_lsn", keys: ["0/0", "0/1", "16/B374D848", "FF/0"]),
            KeyType(name: "jsonb", type: "jsonb", keys: [#"{"a": 1.0}"#, "null", "[1]", #""x""#]),
            KeyType(name: "letter", type: "\"char\"", keys: ["a", "b", "", "c"]),
            KeyType(name: "name", type: "name", keys: ["a", "B", "c d", "é"]),
            KeyType(name: "bool", type: "bool[]", keys: ["{t}", "{f}", "{}", "{NULL}"]),
            KeyType(name: "blind", type: "text collate own.blind", keys: ["a", "b", "c", "C"]),
            KeyType(
                name: "pattern", type: "varchar(9)", keys: ["a", "b", "c", "d"],
                identity: "create unique index %i on %t (k text_pattern_ops) include (v); "
                    + "alter table %t replica identity using index %i"),
            KeyType(
                name: "sorted", type: "text", keys: ["a", "b", "c", "é"],
                identity:
                    "create unique index %i on %t (k collate \"C\"); alter table %t replica identity using "
                    + "index %i"
            ),
            KeyType(
                name: "whole", type: "own.feeling", keys: ["sad", "so so", "it's", "happy"],
                identity: "alter table %t add primary key (k); alter table %t replica identity full"),
        ]

        private static let creation = """
            create schema ext; create extension ltree schema ext; create extension citext schema ext;
            create extension hstore schema ext;
            create schema own; create type own.mood as enum ('sad', 'so so', 'it''s', 'happy');
            create domain own.feeling as own.mood; create type own.pair as (a int, b text);
            create domain own.list as own.mood[]; create domain own.moods as own.list check \
            (cardinality(value) < 9);
            create domain own.code as varchar(5); create domain own.span as int4range;
            create type own.floats as range (subtype = float8);
            create collation own.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            create schema seen; create table seen.statements (relation name, statement text);
            create function seen.note() returns trigger language plpgsql as $$ begin
                insert into seen.statements values (tg_table_name, current_query()); return null; end $$;
            create table emptied (id int primary key);
            """

        @Test
        func `every type that can be a key is found by its index, folded and row by row, there and back`()
            async throws
        {
            let creation = Self.creation + Self.types.map(\.creation).joined()
            try await withSite(creation) { site in
                try site.connect(.source).execute(Self.types.map(\.rows).joined())
                try await site.goLive()
                for direction in Direction.allCases {
                    if direction == .reverse {
                        try site.cutover(to: .target)
                        try await site.awaitFallBack()
                    }
                    let origin = try site.connect(direction.origin)
                    let destination = try site.connect(direction.destination)
                    // The former origin is fenced.
                    try destination.execute("set default_transaction_read_only = off")
                    try destination.execute("truncate seen.statements")
                    try origin.execute(Self.types.map(\.changes).joined())
                    #expect(try await site.differences(direction) == [])
                    try Self.expect(folded: true, destination)
                    // A change that does not fold makes its whole transaction go row by row.
                    try origin.execute(
                        "truncate emptied;" + Self.types.map(\.changesBack).joined()
                            + Self.types.map(\.changes).joined())
                    #expect(try await site.differences(direction) == [])
                    try Self.expect(folded: false, destination)
                    try origin.execute(Self.types.map(\.changesBack).joined())
                    #expect(try await site.differences(direction) == [])
                }
            }
        }

        /// Expects that each table was written in this way, and by an index.
        private static func expect(folded: Bool, _ destination: borrowing PostgresConnection) throws {
            let seen = try destination.query(
                "select distinct relation, statement from seen.statements where (statement like "
                    + "'%unnest%') = $1",
                [folded ? "t" : "f"])
            #expect(Set(seen.rows.compactMap(\.[0])) == Set(types.map(\.table)))
            try destination.execute(
                "truncate seen.statements; set plan_cache_mode = force_generic_plan; "
                    + "set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; "
                    + "set enable_mergejoin = off"
            )
            for row in seen.rows {
                let statement = row[1] ?? ""
                try destination.execute("prepare p as \(statement)")
                let count =
                    statement.split(separator: "$").dropFirst().compactMap { Int($0.prefix { $0.isNumber }) }
                    .max() ?? 0
                let nulls = [String](repeating: "null", count: count).joined(separator: ", ")
                let plan = try destination.execute("explain execute p (\(nulls))").rows.compactMap(\.[0])
                    .joined(separator: "\n")
                #expect(plan.contains("Index Cond"), "\(row[0] ?? ""): \(statement)\n\(plan)")
                try destination.execute("deallocate p")
            }
        }
    }
}
