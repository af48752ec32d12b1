import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// The faults of docs/fault-scenarios.md that need real servers and have no place of their own.
    @Suite(.serialized) struct FaultScenarioTests {
        private static let table = "create table t (id int primary key, v text);"
        /// No key: a row that came twice would stay.
        private static let bag = "create table t (id int); alter table t replica identity full;"

        // MARK: Order and positions

        @Test
        func
            `transactions that began in one order and committed in the other are applied in the order of their commits`()
            async throws
        {
            try await withSite("create table t (id int primary key, v text, seat int unique);") { site in
                try site.connect(.source).execute("insert into t values (0, 'nobody', 0)")
                try await site.goLive()
                let first = try site.connect(.source)
                let second = try site.connect(.source)
                try first.execute("begin; insert into t values (1, 'first', null)")
                try second.execute(
                    "begin; insert into t values (2, 'second', 7); update t set v = 'second' where id = 0")
                try second.execute("commit")
                // It began first, and what it takes is free only since the other committed.
                try site.connect(.source).execute("update t set seat = null where id = 2")
                try first.execute(
                    "update t set seat = 7 where id = 1; update t set v = 'first' where id = 0; commit")
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select v from t where id = 0") == "first")
                #expect(try site.value(.target, "select seat from t where id = 1") == "7")
            }
        }

        @Test func `writes to tables that are not migrated let the slot advance`() async throws {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute(
                    "create schema elsewhere; create table elsewhere.noise (v text)")
                try await site.goLive()
                #expect(try await site.differences() == [])
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                try site.connect(.source).execute(
                    "insert into elsewhere.noise select repeat('x', 1000) from generate_series(1, 5000)")
                let end = try #require(try site.value(.source, "select pg_current_wal_lsn()"))
                try await eventually("the slot is confirmed beyond \(end)", within: 15) {
                    try site.value(
                        .source,
                        "select confirmed_flush_lsn >= '\(end)' from pg_replication_slots where slot_name = '\(slot)'"
                    )
                        == "t"
                }
                try await eventually("the marker is counted, and nothing else") {
                    try site.migration.status().apply?.totalEvents.total == 1
                }
            }
        }

        @Test func `a cutover that is asked for in the middle of a large transaction ends behind it`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let writer = try site.connect(.source)
                try writer.execute("begin; insert into t select g, 'x' from generate_series(1, 20000) g")
                try site.cutover(to: .target)
                try await eventually("the cutover waits for the writer") {
                    try site.migration.record().openCutover?.nextStep?.step == .quiesce
                }
                try writer.execute("insert into t select g, 'y' from generate_series(20001, 30000) g; commit")
                try await site.awaitPhase(.fallBack)
                #expect(try site.value(.target, "select count(*) from t") == "30000")
                #expect(try site.compare() == [])
            }
        }

        // MARK: Lost answers and zombies

        @Test(arguments: [Direction.forward, .reverse])
        func `a worker killed while its COMMIT is under way applies that transaction exactly once`(
            direction: Direction
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
                try await site.goLiveInProcess()
                if direction == .reverse {
                    try site.cutover(to: .target)
                    try await site.awaitPhase(.fallBack)
                }
                for round in 1...4 {
                    // By turns the COMMIT arrives and its answer does not, and the COMMIT arrives when the client is dead.
                    if round % 2 == 0 { proxy.swallowNextCommitAnswer() } else { proxy.holdNextCommit() }
                    try site.connect(direction.origin).execute(
                        "insert into t select \(round) from generate_series(1, 100)")
                    try await eventually("a COMMIT is under way") {
                        proxy.isHolding || proxy.cuts >= round / 2 && round % 2 == 0
                    }
                    let old =
                        try site.value(
                            direction.destination,
                            "select coalesce(max(pid), 0) from pg_stat_activity where application_name = 'switchback apply' "
                                + "and datname = current_database()") ?? "0"
                    try site.killProcess()
                    if round % 2 == 1 {
                        try site.startProcess()
                        // The old one's work reaches the destination only when the new one is at it.
                        try await eventually("the new worker has come to the destination") {
                            try site.value(
                                direction.destination,
                                "select count(*) > 0 from pg_stat_activity where application_name = 'switchback apply' "
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

        @Test func `a copy whose COMMIT arrives when its worker is dead does not leave its rows twice`()
            async throws
        {
            try await withSite(Self.bag) { site in
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                try site.connect(.source).execute("insert into t select g from generate_series(1, 500) g")
                // The first is of the table `marker`.
                proxy.holdNextCommit(passing: 1)
                try site.startProcess()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the COMMIT of a copy is under way") { proxy.isHolding }
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

        // MARK: The snapshot

        @Test(arguments: [Side.source, .target])
        func `a snapshot whose connections are cut is taken up again, and nothing is there twice`(side: Side)
            async throws
        {
            try await withSite("create table a (id int); alter table a replica identity full;" + Self.table) {
                site in
                let proxy = try CuttingProxy(to: try Servers.cluster(side).port)
                defer { proxy.close() }
                if side == .target { site.targetPort = proxy.port } else { site.sourcePort = proxy.port }
                try site.keepForms()
                try site.connect(.source).execute(
                    "insert into a select g from generate_series(1, 40000) g; "
                        + "insert into t select g, repeat('x', 100) from generate_series(1, 40000) g")
                for bytes in [100_000, 2_000_000] {
                    proxy.cut(after: bytes, side == .target ? .toServer : .toClient)
                }
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                for share in 1...4 {
                    try await eventually("the copy was cut off, or is done") {
                        try site.trouble().contains("cut off") || site.migration.record().phase == .streaming
                    }
                    proxy.cut(after: share * 500_000, side == .target ? .toServer : .toClient)
                    try site.connect(.source).execute(
                        "insert into a values (-\(share)); update t set v = 'y' where id = \(share)")
                }
                try await eventually("the proxy has cut off the copy") {
                    try site.trouble().contains("cut off")
                }
                proxy.heal()
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select count(*) from a") == "40004")
            }
        }

        @Test
        func
            `a table that is truncated between the snapshot and its copy is copied again, and its changes find their rows`()
            async throws
        {
            try await withSite(
                "create table a (id int primary key); create table z (id int primary key, v text);"
            ) {
                site in
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                try site.connect(.source).execute(
                    "insert into z select g, 'x' from generate_series(1, 100) g")
                // One lane, and the first table's copy is not through.
                proxy.holdNextCommit()
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the copy is held") { proxy.isHolding }
                try site.connect(.source).execute("delete from z where id <= 10")
                try site.connect(.source).execute("update z set v = 'y' where id = 11")
                try site.connect(.source).execute("truncate z")
                try site.connect(.source).execute("insert into z values (1, 'after')")
                proxy.release()
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select string_agg(v, ',') from z") == "after")
            }
        }

        // MARK: The slot

        /// A source that keeps as little WAL for a slot as it can.
        private func sparingSource() throws -> ThrowAwayCluster {
            try ThrowAwayCluster(
                named: "sparing",
                options: .init(
                    trust: true,
                    settings: [
                        "max_slot_wal_keep_size": "1MB", "min_wal_size": "32MB", "max_wal_size": "32MB",
                    ]))
        }

        /// Writes until the server gives up the slot's WAL.
        private func loseSlot(_ site: Site) async throws {
            let slot = try #require(try site.migration.record().currentLeg?.slotName)
            try await eventually("the slot is lost") {
                try site.connect(.source).execute("select pg_switch_wal()")
                try site.connect(.source).execute(
                    "create table if not exists noise (); drop table noise; checkpoint")
                return try site.value(
                    .source, "select wal_status from pg_replication_slots where slot_name = '\(slot)'")
                    == "lost"
            }
        }

        @Test func `a slot that lost its WAL stops the capture at once, and says so plainly`() async throws {
            let source = try sparingSource()
            defer { source.remove() }
            try await withSite(Self.table, source: source) { site in
                let proxy = try CuttingProxy(to: source.port)
                defer { proxy.close() }
                site.sourcePort = proxy.port
                try site.keepForms()
                try await site.goLive()
                proxy.stall()
                try await loseSlot(site)
                proxy.resume()
                do {
                    try await eventually("the capture says that the slot is lost", within: 10) {
                        try site.trouble().contains("wal_status lost")
                    }
                } catch {
                    throw Site.Trouble(
                        description:
                            "\(error): \(try site.trouble()); \(String(describing: try site.migration.status().capture))"
                    )
                }
                let status = try #require(try site.migration.status().capture)
                #expect(
                    status.state.word == .stopped && status.state.reason.contains("begin a new migration"))
            }
        }

        @Test func `a slot that is dropped by somebody stops the capture, and says what is lost`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                let slot = try #require(try site.migration.record().currentLeg?.slotName)
                try await eventually("the slot is dropped") {
                    do {
                        try site.connect(.source).execute(
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '\(slot)'; "
                                + "select pg_drop_replication_slot('\(slot)')")
                        return true
                    } catch let error as PostgresError where error.sqlState == "55006" { return false }
                }
                try await eventually("the capture says that the slot is gone", within: 10) {
                    try site.trouble().contains("is gone from")
                        && site.trouble().contains("begin a new migration")
                }
                #expect(try site.migration.status().capture?.state.word == .stopped)
            }
        }

        @Test func `a slot that loses its WAL in the snapshot ends the copy, which would be of no use`()
            async throws
        {
            let source = try sparingSource()
            defer { source.remove() }
            try await withSite(Self.table, source: source) { site in
                try site.connect(.source).execute(
                    "insert into t select g, repeat('x', 200) from generate_series(1, 50000) g")
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                proxy.holdNextCommit()
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the copy is held at its COMMIT") { proxy.isHolding }
                try await loseSlot(site)
                try await eventually("the loss is said while the copy still runs", within: 10) {
                    try site.trouble().contains("wal_status lost")
                }
                proxy.release()
                try await eventually("the snapshot has stopped") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                #expect(try site.migration.record().phase == .snapshot)
            }
        }

        // MARK: What a change can be

        @Test
        func
            `unique values change hands under partial, expression, composite and NULLS NOT DISTINCT indexes, both ways`()
            async throws
        {
            let tables = """
                create table u (id int primary key, partial int, word text, a int, b int, one int, big text,
                    unique (a, b), unique nulls not distinct (one));
                alter table u alter big set storage external;
                create unique index u_partial on u (partial) where partial > 10;
                create unique index u_word on u (lower(word));
                create table leaf (id int, part int, v int, primary key (id, part)) partition by list (part);
                create table leaf_1 partition of leaf for values in (1);
                create table leaf_2 partition of leaf for values in (2);
                create unique index leaf_1_v on leaf_1 (v);
                """
            try await withSite(tables) { site in
                try site.connect(.source).execute(
                    "insert into u select g, 10 + g, 'Word' || g, g, g % 3, g, repeat('b', 5000) from generate_series(1, 30) g; "
                        + "insert into leaf select g, 1 + g % 2, g from generate_series(1, 20) g")
                try await site.goLive()
                for direction in [Direction.forward, .reverse] {
                    let origin = try site.connect(direction.origin)
                    if direction == .reverse {
                        try site.cutover(to: .target)
                        try await site.awaitPhase(.fallBack)
                    }
                    for k in 1...3 {
                        // A delete frees what an insert and an update take; values go round in rings; one is null for all.
                        try origin.execute(
                            """
                            begin;
                            delete from u where id = \(k); insert into u values (100 + \(k), 10 + \(k), 'WORD\(k)', \(k), \(k) % 3, \(k), 'n');
                            update u set partial = 5 where id = 10; update u set partial = 20 where id = 11;
                            update u set partial = 21 where id = 10;
                            update u set word = 'free' where id = 12; update u set word = 'word12' where id = 13;
                            update u set word = 'word13' where id = 12;
                            update u set a = -1 where id = 14; update u set a = 14, b = 14 % 3 where id = 15;
                            update u set a = 15, b = 15 % 3 where id = 14;
                            update u set one = null where id = 16; update u set one = 16 where id = 17; update u set one = 17 where id = 16;
                            commit
                            """)
                        try origin.execute(
                            """
                            begin;
                            update u set partial = 5 where id = 11; update u set partial = 20 where id = 10;
                            update u set partial = 21 where id = 11;
                            update u set word = 'free' where id = 12; update u set word = 'word13' where id = 13;
                            update u set word = 'word12' where id = 12;
                            update u set a = -1 where id = 14; update u set a = 15, b = 15 % 3 where id = 15;
                            update u set a = 14, b = 14 % 3 where id = 14;
                            update u set one = null where id = 16; update u set one = 17 where id = 17; update u set one = 16 where id = 16;
                            update leaf set part = 3 - part where id = \(k);
                            commit
                            """)
                        try origin.execute(
                            "delete from u where id = 100 + \(k); insert into u (id, one) values (\(k), 500 + \(k))"
                        )
                        try origin.execute(
                            "update u set partial = 10 + \(k), word = 'Word\(k)', a = \(k), b = \(k) % 3, one = \(k), big = repeat('c', 5000) where id = \(k)"
                        )
                    }
                    #expect(try await site.differences(direction) == [])
                }
            }
        }

        @Test func `the deletes of a cascade come through the stream where the target has no foreign key`()
            async throws
        {
            let tables =
                "create table parent (id int primary key); create table child (id int primary key, parent_id int);"
            try await withSite(tables) { site in
                try site.connect(.source).execute(
                    "alter table child add foreign key (parent_id) references parent on delete cascade on update cascade; "
                        + "insert into parent select generate_series(1, 10); "
                        + "insert into child select g, 1 + g % 10 from generate_series(1, 100) g")
                try await site.goLive()
                try site.connect(.source).execute(
                    "delete from parent where id = 3; update parent set id = 40 where id = 4")
                #expect(try await site.differences() == [])
                #expect(
                    try site.value(.target, "select count(*) from child where parent_id in (3, 4)") == "0")
                #expect(try site.value(.target, "select count(*) from child") == "90")
            }
        }

        @Test func `large values that did not change stay, in arrays too, and when the key moves`()
            async throws
        {
            let tables = """
                create table plain (id int primary key, words text[], body text, v int);
                alter table plain alter words set storage external, alter body set storage external;
                create table whole (id int primary key, words text[], body text, v int);
                alter table whole alter words set storage external, alter body set storage external;
                alter table whole replica identity full;
                """
            try await withSite(tables) { site in
                for table in ["plain", "whole"] {
                    try site.connect(.source).execute(
                        "insert into \(table) select g, array_fill(md5(g::text), array[200]), repeat(md5(g::text), 200), 0 "
                            + "from generate_series(1, 10) g")
                }
                try await site.goLive()
                for direction in [Direction.forward, .reverse] {
                    if direction == .reverse {
                        try site.cutover(to: .target)
                        try await site.awaitPhase(.fallBack)
                    }
                    for table in ["plain", "whole"] {
                        try site.connect(direction.origin).execute(
                            """
                            update \(table) set v = v + 1;
                            begin; update \(table) set v = v + 1 where id = 1; update \(table) set id = id + 100 where id = 1;
                            update \(table) set v = v + 1 where id = 101; update \(table) set id = 1 where id = 101; commit;
                            update \(table) set words[3] = 'other' where id = 2; update \(table) set body = body || 'x' where id = 3;
                            begin; delete from \(table) where id = 4;
                            insert into \(table) values (4, array_fill('n'::text, array[3000]), 'n', 9);
                            update \(table) set v = 10 where id = 4; commit
                            """)
                    }
                    #expect(try await site.differences(direction) == [])
                }
            }
        }

        @Test func `a table with REPLICA IDENTITY NOTHING is refused before anything is made`() async throws {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute("alter table t replica identity nothing")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 1), by: "test")
                try await eventually("the refusal") { try site.trouble().contains("replica identity full") }
                #expect(
                    try site.surroundings(.source).filter {
                        $0.hasPrefix("slot") || $0.hasPrefix("publication")
                    } == [])
                try site.connect(.source).execute("alter table t replica identity default")
                _ = try site.migration.leave(.resume, by: "test")
                try await site.awaitPhase(.streaming)
            }
        }
    }
}
