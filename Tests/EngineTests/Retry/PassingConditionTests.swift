import Demo
import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine
@testable import PostgresPorts

extension ServerSuites {
    /// Conditions that pass by themselves, on real servers.
    @Suite(.serialized) struct PassingConditionTests {
        private static let table = "create table t (id int primary key, v text);"

        /// Whether the event log has a cancelled statement whose message contains this word.
        private func logHas(_ site: Site, _ word: String) throws -> Bool {
            try site.migration.events(after: 0, limit: 1000).contains {
                $0.message.contains("57014") && $0.message.contains(word)
            }
        }

        /// A migration to the target and back: every kind of session has its statements cancelled.
        @Test func `statements that are cancelled in any phase are repeated, and all changes arrive`()
            async throws
        {
            try await withSite(Self.table + "create table big (id int primary key, v text);") { site in
                try site.connect(.source).execute(
                    "insert into big select g, repeat('x', 200) from generate_series(1, 60000) g; "
                        + "insert into t values (0, 'zero')")
                // The copy: what writes waits behind this lock.
                let lock = try site.connect(.target)
                try lock.execute("begin; lock table t, big in share mode")
                let copies = [
                    try Canceller(site, .source, "switchback snapshot", max: 3),
                    // Each brings the short statements of the reader again, which the other one may meet.
                    try Canceller(site, .target, "switchback snapshot", max: 12, waiting: true),
                ]
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await eventually("copies are cancelled") {
                    copies[0].count >= 1 && copies[1].count >= 3
                }
                try lock.execute("rollback")
                try await site.awaitPhase(.streaming)
                #expect(try logHas(site, "copy into public."))

                // The stream, the monitors of the origin, and the apply.
                let stream = try Canceller(site, .source, "switchback stream", max: 2)
                try site.connect(.source).execute("insert into t values (1, 'one')")
                try await eventually("the stream is cancelled") { stream.count >= 2 }
                try lock.execute("begin; lock table t in share mode")
                let apply = try Canceller(site, .target, "switchback apply", max: 4, waiting: true)
                try site.connect(.source).execute(
                    "insert into t values (2, 'two'); update t set v = v || '!'")
                try await eventually("the apply is cancelled") { apply.count >= 4 }
                try await eventually("the apply says so") {
                    try site.migration.status().apply?.state.word == .retrying
                        || logHas(site, "public.t")
                }
                try lock.execute("rollback")
                let monitors = [
                    try Canceller(site, .source, "switchback capture watch", max: 3),
                    try Canceller(site, .target, "switchback apply watch", max: 1),
                ]
                #expect(try await site.differences() == [])

                // A verifying cutover, and one back.
                for (side, phase) in [(Side.target, Phase.fallBack), (.source, .complete)] {
                    let steps = try Side.allCases.map {
                        try Canceller(site, $0, "switchback cutover", max: 4)
                    }
                    try site.cutover(to: side)
                    try await site.awaitPhase(phase)
                    for canceller in steps { canceller.end() }
                    #expect(steps.contains { $0.count > 0 }, "nothing was cancelled in the cutover")
                }
                for canceller in copies + [stream, apply] + monitors { canceller.end() }
                #expect(try site.compare() == [])
                let record = try site.migration.record()
                #expect(record.cutovers.count == 2 && record.cutovers.allSatisfy { $0.abortReason == nil })
                #expect(try site.migration.incidents(limit: 1).isEmpty)
                let errors = try site.migration.events(after: 0, limit: 1000).filter { $0.level == .error }
                #expect(errors.isEmpty, "\(errors.map(\.message))")
            }
        }

        @Test
        func
            `a statement that is cancelled each time is given up with its table, and the other role waits for it`()
            async throws
        {
            try await withSite(Self.table) { site in
                // The bound of the apply alone, as `--max-retries-streaming 2` sets it.
                site.applyAttemptsMax = 3
                try await site.goLive()
                let lock = try site.connect(.target)
                try lock.execute("begin; lock table t in share mode")
                let canceller = try Canceller(site, .target, "switchback apply", max: 1000, waiting: true)
                try site.connect(.source).execute("insert into t values (1, 'secret')")
                try await eventually("the apply gives up") {
                    try site.migration.status().apply?.state.word == .stopped
                }
                canceller.end()
                let reason = try #require(try site.migration.status().apply?.state.reason)
                for word in ["public.t", "57014", "3 attempts without progress", "what cancels"] {
                    #expect(reason.contains(word), "\(reason)")
                }
                #expect(!reason.contains("secret") && !reason.contains("mend it"))
                try await eventually("the capture waits for it") {
                    try site.migration.status().capture?.state.word == .waiting
                }
                let waiting = try #require(try site.migration.status().capture?.state.reason)
                #expect(waiting.contains("import data to target") && waiting.contains("57014"), "\(waiting)")
                #expect(MigrationHealth(try site.migration.status()).word == .stopped)
                try lock.execute("rollback")
                try await site.stopWorker()
                site.startWorker()
                #expect(try await site.differences() == [])
                #expect(try site.migration.incidents(limit: 1).isEmpty)
                try await site.stopWorker()
                let ended = try site.migration.status()
                #expect(ended.capture?.state.word == .ended && ended.apply?.state.word == .ended)
                #expect(MigrationHealth(ended).word == .notRunning)
            }
        }

        /// The transaction that is open when the slot is asked for, and tables that have nothing to copy.
        @Test
        func
            `an open transaction that the slot waits for is named, and tables without partitions are exported`()
            async throws
        {
            let tables = """
                create table parted (id int primary key, v text) partition by range (id);
                create table tree (id int primary key) partition by range (id);
                create table branch partition of tree for values from (0) to (100) partition by range (id);
                create table nothing ();
                alter table nothing replica identity full;
                """
            try await withSite(Self.table + tables) { site in
                let writer = try site.connect(.source)
                try writer.execute("begin; insert into t values (1, 'early')")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                try await eventually("the export says what it waits for") {
                    try site.migration.status().capture?.state.word == .waiting
                }
                let reason = try #require(try site.migration.status().capture?.state.reason)
                for word in ["\(writer.processID) postgres test (", " s)", "slot"] {
                    #expect(reason.contains(word), "\(reason)")
                }
                // A stop is seen meanwhile, and what was begun is begun again.
                try await site.stopWorker()
                #expect(try site.migration.status().capture?.state.word == .ended)
                site.startWorker()
                try await eventually("it waits again") {
                    try site.migration.status().capture?.state.word == .waiting
                }
                // A row from before the snapshot, in a partition that was created after the list of tables.
                for side in Side.allCases {
                    try site.connect(side).execute(
                        "create table late partition of parted for values from (0) to (10)")
                }
                try site.connect(.source).execute("insert into parted values (1, 'late')")
                try writer.execute("commit")
                try await site.awaitPhase(.streaming)
                #expect(try await site.differences() == [])
                #expect(try site.value(.target, "select v from parted") == "late")
                let names = try site.migration.journal.tables().filter(\.isImported).map(\.table.name.name)
                #expect(Set(names).isSuperset(of: ["parted", "tree", "nothing"]))
            }
        }

        @Test func `a value that the target refuses in the copy is reported with its table and column`()
            async throws
        {
            let tables = """
                create type mood as enum ('sad');
                create table feeling (id int primary key, felt mood);
                create function pass() returns trigger language plpgsql as 'begin return new; end';
                create trigger audit before insert on feeling for each row execute function pass();
                alter table feeling enable always trigger audit;
                """
            try await withSite(Self.table + tables) { site in
                for side in Side.allCases {
                    let checks = try DatabaseChecks.run(side, try site.context(), forFallBack: true)
                    let check = checks.first { $0.name == "triggers that fire for replicated rows" }
                    #expect(check?.state == .warning, "\(checks)")
                    #expect(check?.found == "trigger audit on public.feeling")
                    #expect(check?.remedy == #"alter table "public"."feeling" enable trigger "audit""#)
                }
                try site.connect(.source).execute("alter type mood add value 'happy'")
                try site.connect(.source).execute(
                    "insert into t values (1, 'x'); insert into feeling values (1, 'sad'), (2, 'happy')")
                site.startWorker()
                _ = try site.migration.leave(.startLiveMigration(jobs: 4), by: "test")
                try await eventually("the copy stops") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                let reason = try #require(try site.migration.status().capture?.state.reason)
                for word in ["copy into public.feeling", "line 2", "column felt", "22P02"] {
                    #expect(reason.contains(word), "\(reason)")
                }
                #expect(!reason.contains("happy"))
            }
        }

        @Test
        func
            `an origin that cannot decode its WAL stops the capture, which reports that the slot is unusable`()
            async throws
        {
            try await withSite(Self.table) { site in
                let proxy = try CuttingProxy(to: site.cluster(.source).port)
                defer { proxy.close() }
                site.sourcePort = proxy.port
                try site.keepForms()
                try await site.goLive()
                proxy.failStreams(
                    100,
                    with: ForgedAnswer(
                        sqlState: "XX000",
                        message: "could not map filenode \"base/5/16400\" to relation OID"))
                try await eventually("the capture stops") {
                    try site.migration.status().capture?.state.word == .stopped
                }
                let reason = try #require(try site.migration.status().capture?.state.reason)
                for word in ["cannot be used any more", "could not map filenode", "XX000", "begin a new one"]
                {
                    #expect(reason.contains(word), "\(reason)")
                }
            }
        }

        /// The last leg's slot, whose origin went away just when it was to be dropped.
        @Test func `a verb that is started after the last release drops the slot that was left, and is done`()
            async throws
        {
            try await withSite(Self.table) { site in
                try await site.goLive()
                _ = try site.migration.leave(
                    .initiateCutover(CutoverOptions(to: .target, prepareForFallBack: false)), by: "test")
                try await site.awaitPhase(.complete)
                try await eventually("the leg is retired") {
                    try site.migration.record().legs.allSatisfy { $0.retiredAt != nil }
                }
                try await site.stopWorker()
                // As a process leaves it that was killed before.
                let slot = try #require(try site.migration.record().legs.first?.slotName)
                try site.connect(.source).execute(
                    "select pg_create_logical_replication_slot('\(slot)', 'pgoutput')")
                try site.migration.update { record in
                    record.legs[0].retiredAt = nil
                    for index in record.changes.indices
                    where [.slot(name: slot), .publication(name: slot)].contains(record.changes[index].kind) {
                        record.changes[index].undoneAt = nil
                    }
                }
                let proxy = try CuttingProxy(to: site.cluster(.source).port)
                defer { proxy.close() }
                site.sourcePort = proxy.port
                try site.keepForms()
                proxy.cut(after: 600, .toServer)
                let said = Said()
                try await runForeground(
                    .exportDataFromSource, migration: site.migration,
                    options: RunOptions(source: try site.access(.source)), stop: StopSignal(),
                    announce: { said.add($0) })
                #expect(said.lines.contains { $0.contains("when it answers") }, "\(said.lines)")
                #expect(said.lines.last?.contains("nothing more to do") == true, "\(said.lines)")
                #expect(
                    try site.value(
                        .source, "select count(*) from pg_replication_slots where slot_name = '\(slot)'")
                        == "0")
            }
        }

        /// The unreachable server is port 1, on which nothing listens.
        @Test func `a start waits for a database that was reached before, and fails at once if none was`()
            async throws
        {
            try await withSite(Self.table) { site in
                let port = try site.cluster(.source).port
                let migration = site.migration
                site.sourcePort = 1
                try site.keepForms()
                let away = RunOptions(source: try site.access(.source), checks: false)
                let error = await #expect(throws: PostgresError.self) {
                    try await runForeground(
                        .exportDataFromSource, migration: migration, options: away, stop: StopSignal(),
                        announce: { _ in })
                }
                #expect(error.map { isServerAway($0) } == true)
                site.sourcePort = port
                try site.keepForms()
                try await site.goLive()
                try await site.stopWorker()
                let (said, stop) = (Said(), StopSignal())
                let run = Task {
                    try await runForeground(
                        .exportDataFromSource, migration: migration, options: away, stop: stop,
                        announce: { said.add($0) })
                }
                try await eventually("it says that it waits") {
                    said.lines.contains { $0.contains("waiting for the source") }
                }
                stop.request()
                await #expect(throws: StopRequested.self) { try await run.value }
            }
        }
    }
}
