import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Folded windows on real servers: what does not fold, what has to be split, and random transactions.
    @Suite(.serialized) struct WindowTests {
        private static let tables = """
            create table place (id int primary key, seat int unique, note text, big text);
            create table part (id int, half int, list int[], primary key (id, half)) partition by list (half);
            create table part_one partition of part for values in (1);
            create table part_two partition of part for values in (2);
            create table bag (v int, w text);
            alter table bag replica identity full;
            create table counter (id int generated always as identity primary key, n int, twice int \
            generated always as (n * 2) stored);
            create unique index place_note on place (lower(note)) where seat > 900;
            """

        private static let modes = [ApplyMode.transactional, .parallel(channels: 3)]

        @Test(arguments: modes)
        func `unique values that move between rows in one transaction arrive, by swaps, chains and rings`(
            _ mode: ApplyMode
        ) async throws {
            try await withSite(Self.tables) { site in
                let source = try site.connect(.source)
                try source.execute(
                    "insert into place select g, g, 'n' || g, repeat('x', 3000) from generate_series(1, 50) g"
                )
                try await site.goLive(mode)
                // A swap through a free value, a chain downwards, and all of it in one statement.
                try source.execute(
                    "begin; update place set seat = -1 where id = 1; update place set seat = 1 where id = 2; "
                        + "update place set seat = 2 where id = 1; commit")
                try source.execute(
                    "begin; delete from place where id = 10; "
                        + (11...20).map { "update place set seat = \($0 - 1) where id = \($0);" }.joined()
                        + " commit")
                try source.execute("update place set seat = -seat")
                try source.execute("update place set seat = 100 + seat")
                #expect(try await site.differences() == [])
            }
        }

        @Test(arguments: modes)
        func
            `a truncate between changes, a moved key with a large value and a row without a key keep their order`(
                _ mode: ApplyMode
            ) async throws
        {
            try await withSite(Self.tables) { site in
                let source = try site.connect(.source)
                try source.execute(
                    "insert into place values (1, 1, 'a', (select string_agg(md5(g::text), '') from "
                        + "generate_series(1, 500) g))"
                )
                try await site.goLive(mode)
                try source.execute("insert into bag values (1, 'x'), (1, 'x'), (1, 'x')")
                try source.execute(
                    "begin; insert into part values (1, 1, '{{1,2},{3,4}}'); truncate part; insert into "
                        + "part values (2, 1, null); commit"
                )
                try source.execute("update place set id = 7, note = 'moved' where id = 1")
                try source.execute("delete from bag where ctid = (select ctid from bag limit 1)")
                try source.execute("update part set half = 2, list = '[0:1]={5,NULL}' where id = 2")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from bag") == "2")
            }
        }

        @Test func `a transaction larger than a window is one transaction on the target`() async throws {
            try await withSite(Self.tables) { site in
                try await site.goLive()
                let source = try site.connect(.source)
                try source.execute(
                    "begin; insert into counter (n) select g from generate_series(1, 70000) g; "
                        + "update counter set n = n + 1 where id % 3 = 0; delete from counter where id % 5 "
                        + "= 0; commit"
                )
                try source.execute("insert into counter (n) values (-1)")
                #expect(try await site.differences() == [])
                let seen = try site.value(
                    .target, "select count(distinct xmin::text) from counter where n >= 0")
                #expect(seen == "1")
            }
        }

        @Test(arguments: modes) func `random transactions of several sessions arrive equal`(
            _ mode: ApplyMode
        ) async throws {
            try await withSite(Self.tables) { site in
                var random = Randomness("random transactions")
                try await site.goLive(mode)
                let one = try site.connect(.source)
                let other = try site.connect(.source)
                for round in 0..<6 {
                    for _ in 0..<60 {
                        let session = random.below(2)
                        var sql = "begin;"
                        for _ in 0..<(1 + random.below(8)) { sql += Self.statement(&random) }
                        sql += random.below(10) == 0 ? "rollback" : "commit"
                        // A unique value that is taken already rolls the transaction back, which is intended.
                        do {
                            if session == 0 { try one.execute(sql) } else { try other.execute(sql) }
                        } catch {
                            if session == 0 {
                                try one.execute("rollback")
                            } else {
                                try other.execute("rollback")
                            }
                        }
                    }
                    #expect(try await site.differences() == [], "round \(round)")
                }
            }
        }

        private static func statement(_ random: inout Randomness) -> String {
            let (id, seat) = (random.below(40), random.below(1000))
            switch random.below(11) {
            case 0:
                return
                    "insert into place values (\(id), \(seat), 'n\(seat)', repeat('y', "
                    + "\(random.below(5000)))) on conflict do nothing;"
            case 1: return "update place set seat = \(seat) where id = \(id);"
            case 2: return "delete from place where id = \(id);"
            case 3:
                return
                    "update place set id = \(40 + id) where id = \(id) and not exists (select from place "
                    + "where id = \(40 + id));"
            case 4: return "update place set note = note || 'z' where id < \(id);"
            case 5:
                return
                    "insert into part values (\(id), \(1 + random.below(2)), array[\(seat), null]) on "
                    + "conflict do nothing;"
            case 6:
                return
                    "update part set half = 3 - half where id = \(id) and not exists (select from part p "
                    + "where p.id = \(id) and p.half = 3 - part.half);"
            case 7: return "insert into bag values (\(id % 3), 'w');"
            case 8:
                return random.below(4) == 0
                    ? "delete from bag where ctid = (select ctid from bag limit 1);"
                    : "update part set list = list || \(seat) where id = \(id);"
            case 9: return "insert into counter (n) values (\(seat));"
            default: return "update counter set n = n + 1 where id = \(1 + id);"
            }
        }
    }
}
