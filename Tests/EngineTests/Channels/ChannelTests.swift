import Journal
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Parallel channels on real servers, in both directions, with the faults that may happen to them.
    @Suite(.serialized) struct ChannelTests {
        /// Tables of every kind that channels could bring out of order.
        static let tables = """
            create table plain (id int primary key, n int, big text);
            create table pair (a int, b text, n int, primary key (a, b));
            create table seat (id int primary key, place int unique, row_no int, letter text, email text, \
            day int,
                note text);
            create unique index on seat (row_no, letter);
            create unique index on seat (lower(email));
            create unique index on seat (day) where day > 500;
            create table shy (id int primary key, v int, unique nulls not distinct (v));
            create table room (id int primary key, during int4range, exclude using gist (during with &&));
            create table part (id int, half int, v int, primary key (id, half)) partition by list (half);
            create table part_one partition of part for values in (1);
            create table part_two partition of part for values in (2);
            create unique index on part_two (v);
            create table bag (v int, w text);
            alter table bag replica identity full;
            create table whole (id int primary key, n int);
            alter table whole replica identity full;
            create table counter (id int generated always as identity primary key, n int);
            """

        private static let four = ApplyMode.parallel(channels: 4)

        @Test func `a key that moves to another channel keeps a large value that was not sent`()
            async throws
        {
            let table =
                "create table t (id int primary key, body text, v int); alter table t alter body set "
                + "storage external"
            try await withSite(table) { site in
                try site.connect(.source).execute(
                    """
                    insert into t select i, (select string_agg(md5((i * 1000 + k)::text), '') from \
                    generate_series(1, 200) k), 0
                      from generate_series(1, 60) i
                    """)
                try await site.goLive(Self.four)
                let source = try site.connect(.source)
                // One by one, all at once, and back to the keys that were free again.
                for id in 1...20 {
                    try source.execute("update t set id = id + 1000, v = v + 1 where id = \(id)")
                }
                try source.execute("update t set id = id + 1000 where id between 21 and 60")
                try source.execute(
                    "begin; update t set v = 7 where id > 1030; update t set id = id - 1000 where id > "
                        + "1030; commit"
                )
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from t where length(body) = 6400") == "60")
                #expect(try site.migration.journal.incidentCounts().isEmpty)
            }
        }

        /// Writes one random transaction; a unique value that is taken rolls it back.
        private static func write(_ connection: borrowing PostgresConnection, _ random: inout Randomness)
            throws
        {
            var sql = "begin;"
            for _ in 0..<(1 + random.below(8)) { sql += statement(&random) }
            sql += random.below(12) == 0 ? "rollback" : "commit"
            do { try connection.execute(sql) } catch { try connection.execute("rollback") }
        }

        private static func statement(_ random: inout Randomness) -> String {
            let (id, n) = (random.below(60), random.below(1000))
            switch random.below(24) {
            case 0:
                return
                    "insert into plain values (\(id), \(n), repeat('y', \(random.below(4) * 1500))) on "
                    + "conflict do nothing;"
            case 1, 2: return "update plain set n = \(n) where id = \(id);"
            case 3: return "delete from plain where id = \(id);"
            case 4, 5:
                return
                    "update plain set id = \(60 + id) where id = \(id) and not exists (select from plain "
                    + "where id = \(60 + id));"
            case 6:
                return
                    "update plain set id = id - 60 where id >= 60 and not exists (select from plain p where "
                    + "p.id = plain.id - 60);"
            case 7: return "insert into pair values (\(id % 9), 'k\(n % 9)', \(n)) on conflict do nothing;"
            case 8:
                return
                    "update pair set b = 'k\(n % 12)' where a = \(id % 9) and b = 'k\(id % 9)' and not "
                    + "exists (select from pair where a = \(id % 9) and b = 'k\(n % 12)');"
            case 9:
                return
                    "insert into seat values (\(id), \(n), \(n % 7), 'L\(id % 9)', 'E\(n)@x', \(n), "
                    + "repeat('z', \(random.below(3) * 1500))) on conflict do nothing;"
            case 10: return "update seat set place = \(n % 100), day = \(n) where id = \(id);"
            case 11:
                return
                    "update seat set place = -place where place % 3 = \(id % 3); update seat set place = 1 "
                    + "- place where place < 0;"
            case 12:
                return "update seat set row_no = \(n % 7), email = upper('e\(n % 50)@X') where id = \(id);"
            case 13: return "delete from seat where id = \(id);"
            case 14: return "insert into shy values (\(id), nullif(\(n % 30), 7)) on conflict do nothing;"
            case 15: return "update shy set v = nullif(\(n % 30), 7) where id = \(id);"
            case 16:
                return
                    "insert into room values (\(id), int4range(\(n), \(n + 5))) on conflict do nothing;"
            case 17:
                return random.below(2) == 0
                    ? "delete from room where id = \(id);"
                    : "update room set during = int4range(\(n), \(n + 5)) where id = \(id);"
            case 18:
                return "insert into part values (\(id), \(1 + random.below(2)), \(n)) on conflict do nothing;"
            case 19:
                return
                    "update part set half = 3 - half where id = \(id) and not exists (select from part p "
                    + "where p.id = \(id) and p.half = 3 - part.half);"
            case 20:
                return
                    "insert into bag values (\(id % 3), 'w'); insert into whole values (\(id), \(n)) on "
                    + "conflict (id) do update set n = excluded.n;"
            case 21:
                return
                    "update whole set id = \(60 + id) where id = \(id) and not exists (select from whole "
                    + "where id = \(60 + id));"
            case 22:
                switch random.below(12) {
                case 0: return "delete from bag where ctid = (select ctid from bag limit 1);"
                case 1: return "update bag set w = w || 'x' where ctid = (select ctid from bag limit 1);"
                case 2: return "truncate pair;"
                case 3: return "truncate plain, whole;"
                default: return "insert into counter (n) values (\(n));"
                }
            default: return "update counter set n = n + 1 where id = \(1 + id);"
            }
        }

        /// Writes with two sessions at once.
        ///
        /// - Parameter between: what is done after each round
        private static func load(
            _ site: Site, _ direction: Direction, _ random: inout Randomness, rounds: Int,
            between: (Int, inout Randomness) async throws -> Void = { _, _ in }
        ) async throws {
            let one = try site.connect(direction.origin)
            let other = try site.connect(direction.origin)
            for round in 0..<rounds {
                for _ in 0..<60 {
                    if random.below(2) == 0 { try write(one, &random) } else { try write(other, &random) }
                }
                try await between(round, &random)
            }
        }

        private static func goParallel(_ site: Site, _ mode: ApplyMode = four) throws {
            _ = try site.migration.leave(.setApplyMode(mode), by: "test")
        }

        private static func awaitChannels(_ site: Site, _ channels: Int) async throws {
            let migration = site.migration
            try await eventually("\(channels) channels") {
                try migration.status().apply?.channels == channels
            }
        }

        @Test func `random transactions arrive equal in channels, there and back`() async throws {
            try await withSite(Self.tables) { site in
                var random = Randomness("random transactions in channels")
                try await site.goLive(Self.four)
                try await Self.awaitChannels(site, 4)
                for round in 0..<4 {
                    try await Self.load(site, .forward, &random, rounds: 2)
                    #expect(try await site.differences() == [], "round \(round)")
                }
                let counts = try site.migration.status().apply?.totalEvents
                try site.cutover(to: .target)
                try await site.awaitPhase(.fallBack)
                #expect(counts?.total ?? 0 > 0)
                for round in 0..<4 {
                    try await Self.load(site, .reverse, &random, rounds: 2)
                    #expect(try await site.differences(.reverse) == [], "round \(round) back")
                }
                try await Self.awaitChannels(site, 4)
                try site.cutover(to: .source)
                try await site.awaitPhase(.complete)
                #expect(try site.compare() == [])
            }
        }

        @Test func `a channel whose connection is killed at any point loses and doubles nothing`()
            async throws
        {
            try await withSite(Self.tables) { site in
                var random = Randomness("killed channels")
                try await site.goLive(Self.four)
                try await Self.awaitChannels(site, 4)
                var killed = 0
                for round in 0..<3 {
                    try await Self.load(site, .forward, &random, rounds: 4) { _, random in
                        for _ in 0..<(1 + random.below(3)) {
                            try await Self.endConnection(site, &random)
                            killed += 1
                        }
                    }
                    #expect(try await site.differences() == [], "round \(round)")
                }
                #expect(killed > 3)
                try await Self.expectCounts(site)
            }
        }

        /// Ends one connection of the apply while it applies what is written here: a new one, or one that has
        /// applied.
        private static func endConnection(_ site: Site, _ random: inout Randomness) async throws {
            let session = try site.connect(.source)
            let point = ["true", "query like '%last_applied_vsn%'"][random.below(2)]
            try await eventually("a connection of the apply with \(point)") {
                for _ in 0...random.below(8) { try write(session, &random) }
                return try site.value(
                    .target,
                    "select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity "
                        + "where application_name = 'switchback apply' and datname = current_database() "
                        + "and \(point) order by random() limit 1) one") == "1"
            }
        }

        /// Expects that the counts in the database are those of the log.
        private static func expectCounts(_ site: Site) async throws {
            let uuid = try site.migration.record().uuid
            let target = try site.connect(.target)
            let channels = try target.channels(migration: uuid).map(\.counts).reduce(.zero, +)
            let tables = try target.appliedCounts(migration: uuid).values.reduce(.zero, +)
            #expect(channels == tables)
            let migration = site.migration
            try await eventually("the published counts, \(tables)") {
                let status = try migration.status()
                return status.capture?.totalEvents == tables && status.apply?.totalEvents == tables
            }
        }

        @Test
        func `a worker stopped before its channels are level continues from each channel's watermark`()
            async throws
        {
            try await withSite("create table t (id int primary key, n int);") { site in
                try await site.goLive(Self.four)
                try await Self.awaitChannels(site, 4)
                let source = try site.connect(.source)
                try source.execute("insert into t select g, 0 from generate_series(1, 200) g")
                #expect(try await site.differences() == [])
                let uuid = try site.migration.record().uuid
                let target = try site.connect(.target)
                let slow = try #require(try target.channels(migration: uuid).last).number
                // One channel waits for a lock, the others continue.
                try target.execute(
                    "begin; select from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                        + "where channel_no = \(slow) for update")
                for _ in 0..<20 { try source.execute("update t set n = n + 1") }
                try source.execute("update t set id = -id; delete from t where id % 7 = 0")
                let other = try site.connect(.target)
                try await eventually("channels that are not level") {
                    Set(try other.channels(migration: uuid).map(\.appliedLSN)).count > 1
                }
                site.requestStop()
                try other.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                        + "where application_name = 'switchback apply' and datname = current_database()")
                try await site.stopWorker()
                let apart = Set(try other.channels(migration: uuid).map(\.appliedLSN)).count
                #expect(apart > 1)
                try target.execute("rollback")
                site.startWorker()
                #expect(try await site.differences() == [])
                try await eventually("channels that are level") {
                    Set(try other.channels(migration: uuid).map(\.appliedLSN)).count == 1
                }
                try await Self.expectCounts(site)
            }
        }

        @Test func `mode and number of channels change under load, and each plan has channels of its own`()
            async throws
        {
            try await withSite(Self.tables) { site in
                var random = Randomness("changing modes")
                try await site.goLive()
                let uuid = try site.migration.record().uuid
                let modes: [ApplyMode] = [
                    .parallel(channels: 4), .transactional, .parallel(channels: 7), .parallel(channels: 2),
                    .transactional,
                ]
                var used: Set<Int> = [0]
                for mode in modes {
                    try await Self.load(site, .forward, &random, rounds: 3) { round, _ in
                        if round == 0 { try Self.goParallel(site, mode) }
                    }
                    #expect(try await site.differences() == [], "\(mode)")
                    try await Self.awaitChannels(site, mode.channels)
                    let numbers = Set(
                        try site.connect(.target).channels(migration: uuid).map(\.number))
                    #expect(numbers.count == mode.channels && numbers.isDisjoint(with: used), "\(mode)")
                    used.formUnion(numbers)
                }
                try await Self.expectCounts(site)
            }
        }

        @Test func `a channel without work moves its watermark`() async throws {
            try await withSite("create table t (id int primary key);") { site in
                try await site.goLive(Self.four)
                try await Self.awaitChannels(site, 4)
                try site.connect(.source).execute("insert into t values (1)")
                let uuid = try site.migration.record().uuid
                try await eventually("all channels at the one commit") {
                    let places = Set(try site.connect(.target).channels(migration: uuid).map(\.appliedLSN))
                    return try site.value(.target, "select count(*) from t") == "1" && places.count == 1
                        && places != [.zero]
                }
                let applied = try site.migration.status().apply?.appliedLSN
                try await eventually("the published position") {
                    let published = try site.migration.status().apply?.appliedLSN
                    return published == (try site.connect(.target).watermark(migration: uuid).appliedLSN)
                }
                #expect(applied != nil)
            }
        }

        @Test func `a table that the operator keeps together has one channel, and the others are spread`()
            async throws
        {
            let tables =
                "create table t (id int primary key, v int); create table u (id int primary key, v int);"
            try await withSite(tables) { site in
                func keys() throws -> Set<QualifiedName> {
                    let plan = try site.migration.journal.document(
                        ChannelPlanStore.Document.self, key: "lanes_1")
                    return Set(plan?.inForce.keyColumns.keys.map { $0 } ?? [])
                }
                try site.migration.choose(channelKey: nil, overrides: ["public.t": .table])
                try await site.goLive(Self.four)
                try await Self.awaitChannels(site, 4)
                try site.connect(.source).execute(
                    "insert into t select g, g from generate_series(1, 50) g; insert into u select * from t")
                #expect(try await site.differences() == [])
                #expect(try keys() == ["public.u", "public.marker"])
                #expect(throws: RequestRefused.self) {
                    try site.migration.choose(channelKey: .table, overrides: ["public.none": .auto])
                }
                // The choice holds from the next connection on, also the other way round.
                try await site.stopWorker()
                try site.migration.choose(channelKey: .table, overrides: ["public.t": .auto])
                site.startWorker()
                try await eventually("the plan follows") { try keys() == ["public.t"] }
                try site.connect(.source).execute("update t set v = -v; update u set v = -v")
                #expect(try await site.differences() == [])
            }
        }

        @Test func `a new unique index changes the plan only where the channels are level`() async throws {
            try await withSite("create table t (id int primary key, v int);") { site in
                try await site.goLive(Self.four)
                try await Self.awaitChannels(site, 4)
                let source = try site.connect(.source)
                try source.execute("insert into t select g, g from generate_series(1, 50) g")
                #expect(try await site.differences() == [])
                let key = "lanes_1"
                let before = try #require(
                    try site.migration.journal.document(ChannelPlanStore.Document.self, key: key))
                #expect(before.inForce.keyColumns["public.t"] == ["id"])
                for side in Side.allCases { try site.connect(side).execute("create unique index on t (v)") }
                // Values move from row to row, over all channels.
                for round in 0..<60 {
                    try source.execute(
                        "begin; update t set v = -1 where id = \(1 + round % 50); "
                            + "update t set v = -2 where id = \(1 + (round + 7) % 50);"
                            + "update t set v = \(1000 + round) where v = -1; update t set v = \(1 + round) "
                            + "where v = -2 and not exists (select from t where v = \(1 + round)); "
                            + "delete from t where v < 0; commit")
                }
                #expect(try await site.differences() == [])
                try await eventually("one channel for the table") {
                    let now = try site.migration.journal.document(ChannelPlanStore.Document.self, key: key)
                    return now?.inForce.keyColumns["public.t"] == nil
                }
                try source.execute("update t set v = -v")
                #expect(try await site.differences() == [])
            }
        }

        @Test func `a plan that was cut off between journal and database is completed or dropped`()
            async throws
        {
            try await withSite("create table t (id int primary key);") { site in
                let uuid = try site.migration.record().uuid
                let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: uuid)
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(target: try site.access(.target)), stop: StopSignal(),
                    announce: { _ in })
                let target = try site.connect(.target)
                try target.ensureMetadata(migration: uuid)
                let store = ChannelPlanStore(context: context, leg: leg)
                let session = try context.destination(of: leg).connectToApply()
                let first = try store.open(session)
                let change = first.plan.spread(over: 3, keyColumns: ["public.t": ["id"]])
                func note(_ next: ChannelPlan?) throws {
                    try site.migration.journal.update(
                        ChannelPlanStore.Document.self, key: "lanes_1",
                        initial: ChannelPlanStore.Document(inForce: .first, next: nil)
                    ) { $0.next = next }
                }
                // Cut off before the channels were replaced, and after.
                try note(change.plan)
                #expect(try store.open(session).plan == .first)
                try note(change.plan)
                try target.replaceChannels(
                    migration: uuid, first.positions,
                    with: change.plan.channels.map {
                        ChannelPosition(number: $0, lsn: LogPosition(number: 77))
                    })
                let second = try store.open(session)
                #expect(second.plan == change.plan && second.lowest == LogPosition(number: 77))
                // A process that read the channels earlier changes nothing any more.
                #expect(throws: ApplyInterruption.self) {
                    _ = try store.adopt(first.plan.spread(over: 2, keyColumns: [:]), from: first, session)
                }
                #expect(try store.open(session).plan == change.plan)
                // A table set aside keeps its watermark in each channel, and other plans leave it.
                let setAside = try store.adopt(
                    try #require(second.plan.settingAside("public.t")), from: second, session)
                #expect(setAside.positions.count == 6 && setAside.lowest == LogPosition(number: 77))
                let wide = try store.adopt(
                    setAside.plan.spread(over: 5, keyColumns: [:]), from: setAside, session)
                #expect(try store.open(session) == wide)
                // The rows are not those of the journal: somebody has changed them.
                try target.execute(
                    "delete from ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo "
                        + "where channel_no = \(wide.plan.channels[0])")
                #expect(throws: RequestRefused.self) { _ = try store.open(session) }
            }
        }

        @Test func `many changes that do not fold stay row by row, and windows come back after them`()
            async throws
        {
            try await withSite(
                "create table bag (v int, w text); alter table bag replica identity full; "
                    + "create table t (id int primary key);"
            ) { site in
                let source = try site.connect(.source)
                try source.execute("insert into bag select g, 'a' from generate_series(1, 50) g")
                try await site.goLive()
                let target = try site.connect(.target)
                func sessions() throws -> Int {
                    let sql = "select sessions from pg_stat_database where datname = current_database()"
                    return try target.query(sql).scalar.flatMap { Int($0) } ?? -1
                }
                let before = try sessions()
                for round in 0..<200 {
                    try source.execute("update bag set w = w || 'x' where v = \(1 + round % 50)")
                }
                try source.execute("insert into bag values (0, 'last')")
                try await eventually("the last row") {
                    try target.query("select count(*) from bag where v = 0").scalar == "1"
                }
                // Each change of the way of applying takes one connection, or two.
                let after = try sessions()
                #expect(after - before < 20)
                try source.execute("insert into t select generate_series(1, 30000)")
                #expect(try await site.differences() == [])
            }
        }
    }
}
