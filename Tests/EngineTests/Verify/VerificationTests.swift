import Demo
import Foundation
import Postgres
import Records
import Support
import Synchronization
import Testing

@testable import Engine

extension ServerSuites {
    /// The verification by row on real servers, while changes stream.
    @Suite(.serialized) struct VerificationTests {
        /// The corruptions of the target, each with what the verification has to say about it.
        private static let corruptions = [
            ("delete from item where id = 5", "item 5 missing"),
            ("insert into item (id, name) values (90000, 'never there')", "item 90000 extra"),
            ("update item set amount = amount - 1 where id = 7", "item 7 different amount"),
            ("insert into bag select * from bag limit 1", "bag - number"),
            ("update item set name = left(name, 6) where id = 12345", "item 12345 different name"),
            ("update item set note = '' where id = 10", "item 10 different note"),
            ("update item set note = null where id = 9", "item 9 different note"),
            ("update item set amount = trim_scale(amount) where id = 21", "item 21 different amount"),
            (
                "update item set body = set_bit(body, 17, 1 - get_bit(body, 17)) where id = 22",
                "item 22 different body"
            ),
            ("update item set f = '0' where id = 24", "item 24 different f"),
            ("update item set f = 0.10000000000000002 where id = 27", "item 27 different f"),
            ("update item set at = at + interval '1 us' where id = 26", "item 26 different at"),
            ("update item set days = interval '28 months 81 days' where id = 28", "item 28 different days"),
            ("update item set doc = doc || '{\"a\": 0}' where id = 25000", "item 25000 different doc"),
            ("delete from word where w = 'w7'", "word w7 missing"),
            ("insert into word values ('W8', 8)", "word W8 extra"),
            ("delete from item where id = 1", "item 1 missing"),
        ]

        /// Moves a row into the partition of others, past the server's checks.
        private static func misplace(_ site: Site) throws {
            try site.connect(.target).execute(
                """
                begin; delete from part where id = 4; alter table part detach partition part_b;
                insert into part_b values (4, 'a', 'v4');
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
        }

        @Test func `planted corruptions are found by row and column, and the repair mends them`() async throws
        {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                #expect(try await site.differences() == [])
                let clean = try await site.verify()
                #expect(clean.outcome == .equal && clean.found == [] && clean.rows == 25603)
                #expect(clean.tables.allSatisfy { $0.isProved && $0.position ?? .zero > .zero })
                for (sql, _) in Self.corruptions { try site.connect(.target).execute(sql) }
                try Self.misplace(site)
                let report = try await site.verify()
                #expect(report.reasons == [])
                let wanted = Set(Self.corruptions.map(\.1) + ["part 4,a different its partition"])
                #expect(report.found == wanted, "\(report.found.symmetricDifference(wanted).sorted())")
                #expect(report.outcome == .differs)
                let note = try #require(report.differences.first { $0.key == RowKey(["10"]) })
                #expect(note.originValues?[4] == .some(nil) && note.destinationValues?[4] == "")
                for statement in report.repairs { try site.connect(.target).execute(statement) }
                let mended = try await site.verify()
                #expect(mended.outcome == .equal && mended.found == [], "\(report.repairs)")
            }
        }

        @Test func `chosen tables alone are verified, and one that does not fit is named`() async throws {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                try site.connect(.target).execute("delete from word where w = 'w7'; delete from item")
                let chosen = try await site.verify(["wor*", "bag"])
                #expect(chosen.found == ["word w7 missing"] && chosen.tables.map(\.rows) == [100, 302])
                await #expect(throws: RequestRefused.self) { try await site.verify(["nothing"]) }
                try site.connect(.target).execute("alter table bag drop column b")
                let report = try await site.verify(["bag"])
                #expect(report.outcome == .unproved && report.reasons.count == 1)
                // An empty table differs in more parts than are read.
                let empty = try await site.verify(["item"])
                #expect(empty.tables[0].differences == 25_000 && empty.differences.count == 10_000)
            }
        }

        @Test(arguments: Direction.allCases)
        func `no row is blamed under load, and a corruption is still found`(direction: Direction) async throws
        {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive(direction, .parallel(channels: 4))
                let (origin, destination) = (direction.origin, direction.destination)
                let stop = StopSignal()
                let writers = try (0..<2).map { number in
                    let connection = Box(try site.connect(origin))
                    // A thread of its own: a blocked one would be missing in the pool of the engine's tasks.
                    return Task {
                        try await OnSessionThread().run { try Self.write(connection, number, until: stop) }
                    }
                }
                for _ in 0..<3 {
                    let report = try await site.verify()
                    #expect(
                        report.found == [] && report.reasons == [], "\(report.differences) \(report.reasons)")
                }
                let other = try site.connect(destination)
                // The fence stands on the source in the fall-back.
                try other.execute("set default_transaction_read_only = off")
                try other.execute("update item set name = left(name, 3) where id in (20007, 24999)")
                let report = try await site.verify()
                stop.request()
                for writer in writers { try await writer.value }
                #expect(report.found == ["item 20007 different name", "item 24999 different name"])
                try site.connect(origin).execute("update item set name = 'new' where id > 20000")
                let end = try await site.verify()
                #expect(end.outcome == .equal && end.found == [])
            }
        }

        /// A box, because a connection cannot be copied. One task uses it.
        private final class Box: @unchecked Sendable {
            let connection: PostgresConnection
            init(_ connection: consuming PostgresConnection) { self.connection = connection }
        }

        /// Writes to every table: hot rows, rows that come and go, and whole ranges.
        private static func write(_ box: Box, _ number: Int, until stop: StopSignal) throws {
            var round = 0
            while !stop.isRequested {
                round += 1
                let id = 100_000 + number * 1_000_000 + round
                // The writers have rows of their own: they must not wait for each other.
                let kind = round * 2 % 10 + number
                try box.connection.execute(
                    """
                    update item set name = name || '.' where id = \(number + 1);
                    update item set amount = amount + 1 where id = \(round * 2 % 20000 + number);
                    insert into item (id, name) values (\(id), 'new');
                    insert into word values ('n\(id)', \(round)) on conflict do nothing;
                    insert into bag values (\(kind), 'b\(kind)');
                    update part set v = v || '.' where id = \(round * 2 % 200 + number);
                    """)
                try box.connection.execute(
                    """
                    delete from item where id = \(id); delete from word where w = 'n\(id - 3)';
                    select pg_sleep(0.005);
                    delete from bag where ctid = (select ctid from bag where a = \(kind) limit 1);
                    """)
            }
        }

        @Test func `nothing is verified before changes stream, and a second process is refused`() async throws
        {
            try await withSite(Site.verifiedTables) { site in
                await #expect(throws: RequestRefused.self) { try await site.verify() }
                try await site.goLive()
                let lock = try RoleLock(
                    file: RoleLock.verifyFile, in: site.directory, work: "verification")
                await #expect(throws: RequestRefused.self) { try await site.verify() }
                withExtendedLifetime(lock) {}
            }
        }

        @Test func `a verification that goes on survives lost connections, and ends when it is stopped`()
            async throws
        {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                let stop = StopSignal()
                let (migration, ended) = (site.migration, PassCounter())
                let options = RunOptions(source: try site.access(.source), target: try site.access(.target))
                let run = Task {
                    try await runVerification(
                        migration: migration, options: options, VerifyOptions(), once: false, stop: stop,
                        ended: { ended.note($0) })
                }
                try await eventually("two passes") { ended.count >= 2 }
                for side in Side.allCases {
                    let before = ended.count
                    try site.connect(side).execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                            + "where datname = current_database() and application_name like '%verify'")
                    try await eventually("two more passes") { ended.count >= before + 2 }
                }
                let status = try #require(site.migration.verifyStatus())
                #expect(status.pass >= 4 && status.tables.count == 5 && status.processID == getpid())
                stop.request()
                await #expect(throws: StopRequested.self) { try await run.value }
                #expect(ended.differences == 0)
                // The role is free again.
                #expect(try await site.verify().outcome == .equal)
            }
        }

        /// The passes that have ended.
        private final class PassCounter: Sendable {
            private let state = Mutex((count: 0, differences: 0))

            func note(_ report: VerifyReport) {
                state.withLock {
                    $0.count += 1
                    $0.differences += report.differences.count
                }
            }

            var count: Int { state.withLock { $0.count } }
            var differences: Int { state.withLock { $0.differences } }
        }

        @Test func `a destination that applies nothing is not called different`() async throws {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                _ = try site.migration.leave(.pause, by: "test")
                try site.connect(.source).execute("update item set name = 'x' where id = 3")
                let options = RunOptions(source: try site.access(.source), target: try site.access(.target))
                var choice = VerifyOptions()
                choice.appliedSecondsMax = 1
                let verification = choice
                let error = await #expect(throws: RequestRefused.self) {
                    try await runVerification(
                        migration: site.migration, options: options, verification, once: true,
                        stop: StopSignal(), ended: { _ in })
                }
                #expect(error?.reason.contains("did not apply") == true)
            }
        }
    }
}
