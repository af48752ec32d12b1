import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Orders of transactions, and answers that never come; docs/fault-scenarios.md lists them.
    @Suite(.serialized) struct FaultScenarioTests {
        private static let table = "create table t (id int primary key, v text);"
        /// A table without a key, where a row that came twice would stay.
        private static let bag = "create table t (id int); alter table t replica identity full;"

        @Test(arguments: Direction.allCases)
        func
            `transactions that began in one order and committed in the other are applied in the order of their commits`(
                direction: Direction
            ) async throws
        {
            try await withSite("create table t (id int primary key, v text, seat int unique);") { site in
                try site.connect(.source).execute("insert into t values (0, 'nobody', 0)")
                try await site.goLive(direction)
                let first = try site.connect(direction.origin)
                let second = try site.connect(direction.origin)
                try first.execute("begin; insert into t values (1, 'first', null)")
                try second.execute(
                    "begin; insert into t values (2, 'second', 7); update t set v = 'second' where id = 0")
                try second.execute("commit")
                // It began first, and the value it sets is free only since the other one committed.
                try site.connect(direction.origin).execute("update t set seat = null where id = 2")
                try first.execute(
                    "update t set seat = 7 where id = 1; update t set v = 'first' where id = 0; commit")
                #expect(try await site.differences(direction) == [])
                #expect(try site.value(direction.destination, "select v from t where id = 0") == "first")
                #expect(try site.value(direction.destination, "select seat from t where id = 1") == "7")
            }
        }

        @Test(arguments: ApplyMode.both, ["40001", "40P01", "55P03"])
        func
            `a change that the destination refuses for a while is retried until it passes, and nothing is doubled`(
                mode: ApplyMode, state: String
            ) async throws
        {
            try await withSite(Self.table + "create table bag (n int); alter table bag replica identity full")
            { site in
                // A sequence keeps its value when the transaction is rolled back.
                try site.connect(.target).execute(
                    """
                    create sequence tries;
                    create function refuse() returns trigger language plpgsql as $$
                    begin
                        if nextval('tries') <= 3 then raise exception 'not now' using errcode = '\(state)'; end if;
                        return null;
                    end $$;
                    create trigger refuse after insert on bag for each statement execute function refuse();
                    alter table bag enable always trigger refuse
                    """)
                try await site.goLive(mode)
                try site.connect(.source).execute(
                    "begin; insert into t values (1, 'a'); insert into bag values (1), (1); update t set v "
                        + "= 'b'; commit"
                )
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select last_value >= 4 from tries") == "t")
                #expect(try site.value(.target, "select count(*) from bag") == "2")
                #expect(try site.migration.journal.incidentCounts().isEmpty)
            }
        }

        @Test
        func `a segment that ends too soon is named, and nothing of later segments is applied`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                #expect(try await site.differences() == [])
                let file = "\(site.directory)/data/queue/segment.0.log"
                let whole = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
                _ = try site.migration.leave(.pause, by: "test")
                try await eventually("apply is paused") {
                    try site.migration.status().apply?.state.word == .paused
                }
                // Each capture begins a segment of its own.
                for id in 1...2 {
                    let before = try site.migration.status().capture?.totalEvents.total ?? 0
                    try site.connect(.source).execute("insert into t values (\(id), 'x')")
                    try await eventually("row \(id) is logged") {
                        try site.migration.status().capture?.totalEvents.total ?? 0 > before
                    }
                    try await site.stopWorker()
                    if id == 1 { site.startWorker() }
                }
                let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
                #expect(bytes.count > whole)
                try bytes.prefix(whole).write(to: URL(fileURLWithPath: file))
                _ = try site.migration.leave(.resume, by: "test")
                site.startWorker()
                try await eventually("apply stops") {
                    try site.migration.events(after: 0, limit: 1000).contains {
                        $0.message.contains("segment.0.log")
                            && $0.message.contains("bring the whole file back")
                    }
                }
                #expect(try site.value(.target, "select count(*) from t") == "0")
                try bytes.write(to: URL(fileURLWithPath: file))
                _ = try site.migration.leave(.resume, by: "test")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from t") == "2")
            }
        }

        @Test(arguments: Direction.allCases)
        func `writes to tables that are not migrated let the slot advance`(direction: Direction) async throws
        {
            try await withSite(Self.table) { site in
                try site.connect(direction.origin).execute(
                    "create schema elsewhere; create table elsewhere.noise (v text)")
                try await site.goLive(direction)
                #expect(try await site.differences(direction) == [])
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                try site.connect(direction.origin).execute(
                    "insert into elsewhere.noise select repeat('x', 1000) from generate_series(1, 5000)")
                let end = try #require(try site.value(direction.origin, "select pg_current_wal_lsn()"))
                try await eventually("the slot is confirmed beyond \(end)", within: 15) {
                    try site.value(
                        direction.origin,
                        "select confirmed_flush_lsn >= '\(end)' from pg_replication_slots where slot_name = "
                            + "'\(slot)'"
                    )
                        == "t"
                }
                try await eventually("the marker is counted, and nothing else") {
                    try site.migration.status().apply?.totalEvents.total == 1
                }
            }
        }

        @Test(arguments: Direction.allCases)
        func `a cutover that is requested during a large transaction ends after it`(
            direction: Direction
        ) async throws {
            try await withSite(Self.table) { site in
                try await site.goLive(direction)
                let writer = try site.connect(direction.origin)
                try writer.execute("begin; insert into t select g, 'x' from generate_series(1, 20000) g")
                try site.cutover(to: direction.destination)
                try await eventually("the cutover waits for the writer") {
                    try site.migration.record().openCutover?.nextStep?.step == .quiesce
                }
                try writer.execute("insert into t select g, 'y' from generate_series(20001, 30000) g; commit")
                try await site.awaitPhase(direction == .forward ? .fallBack : .complete)
                #expect(try site.value(direction.destination, "select count(*) from t") == "30000")
                #expect(try site.compare() == [])
            }
        }

        @Test
        func `a cutover that is aborted during a long step is undone, and no error is reported`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                #expect(try await site.differences() == [])
                let blocker = try site.connect(.target)
                try blocker.execute("begin; lock table marker in access exclusive mode")
                try site.cutover(to: .target)
                try await eventually("the checksums of the target") {
                    let next = try site.migration.record().openCutover?.nextStep
                    return next?.step == .checksumDestination && next?.state == .running
                }
                _ = try site.migration.leave(.abortCutover, by: "test")
                try blocker.execute("commit")
                try await eventually("the cutover is aborted") {
                    try site.migration.record().phase == .streaming
                }
                let events = try site.migration.events(after: 0, limit: 1000)
                #expect(events.filter { $0.level == .error }.map(\.message) == [])
                #expect(try await site.differences() == [])
            }
        }

        // MARK: Lost answers and late commits

        @Test(arguments: Direction.allCases, ApplyMode.both)
        func `a worker killed during its COMMIT applies that transaction exactly once`(
            direction: Direction, mode: ApplyMode
        ) async throws {
            try await withSite(Self.bag) { site in
                let proxy = try CuttingProxy(to: try Servers.cluster(direction.destination).port)
                defer { proxy.close() }
                if direction == .forward {
                    site.targetPort = proxy.port
                } else {
                    site.sourcePort = proxy.port
                }
                try site.keepForms()
                _ = try site.migration.leave(.setApplyMode(mode), by: "test")
                try await site.goLiveInProcess()
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitPhase(.fallBack)
                }
                for round in 1...4 {
                    // By turns the answer to the COMMIT is lost, and the COMMIT arrives after the client's
                    // death.
                    if round % 2 == 0 { proxy.swallowNextCommitAnswer() } else { proxy.holdNextCommit() }
                    try site.connect(direction.origin).execute(
                        "insert into t select \(round) from generate_series(1, 100)")
                    try await eventually("a COMMIT is running") {
                        proxy.isHolding || proxy.cuts >= round / 2 && round % 2 == 0
                    }
                    let old =
                        try site.value(
                            direction.destination,
                            "select coalesce(max(pid), 0) from pg_stat_activity where application_name = "
                                + "'switchback apply' "
                                + "and datname = current_database()") ?? "0"
                    try site.killProcess()
                    if round % 2 == 1 {
                        try site.startProcess()
                        // The old worker's COMMIT reaches the destination only when the new worker is there.
                        try await eventually("the new worker has come to the destination") {
                            try site.value(
                                direction.destination,
                                "select count(*) > 0 from pg_stat_activity where application_name = "
                                    + "'switchback apply' "
                                    + "and datname = current_database() and pid <> \(old)") == "t"
                        }
                        proxy.release()
                    } else {
                        try site.startProcess()
                    }
                    #expect(try await site.differences(direction) == [])
                }
                #expect(try site.value(direction.destination, "select count(*) from t") == "400")
                try await eventually("the counts are published") {
                    try site.migration.status().apply?.totalEvents.inserts == 404
                }
            }
        }

        @Test func `a copy whose COMMIT arrives after its worker's death does not leave its rows twice`()
            async throws
        {
            try await withSite(Self.bag) { site in
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                try site.connect(.source).execute("insert into t select g from generate_series(1, 500) g")
                // The first COMMIT is that of the table `marker`.
                proxy.holdNextCommit(passing: 1)
                try site.startProcess()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the COMMIT of a copy is running") { proxy.isHolding }
                try site.killProcess()
                try site.startProcess()
                try await eventually("the new worker waits for the old one's session, or is past the copy") {
                    let waits = try site.value(
                        .target,
                        "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' "
                            + "and datname = current_database()")
                    return try waits == "t" || site.migration.record().phase == .streaming
                }
                proxy.release()
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from t") == "500")
            }
        }
    }
}
