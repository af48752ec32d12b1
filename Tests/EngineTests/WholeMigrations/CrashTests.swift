import Foundation
import Journal
import Postgres
import PostgresPorts
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    @Suite(.serialized) struct CrashTests {
        private static let table = "create table t (id int primary key);"

        @Test
        func `a void transaction after a whole one in the log is applied once, and does not stop the apply`()
            async throws
        {
            try await withSite(Self.table) { site in
                let leg = Leg(
                    number: 1, direction: .forward, start: .snapshot, uuid: try site.migration.record().uuid)
                try site.migration.update { $0.legs = [leg] }
                func log() throws -> CaptureLog {
                    try CaptureLog(
                        journal: site.migration.journal, exportDirectory: site.directory, leg: leg,
                        snapshotLSNs: [:])
                }
                func feed(_ log: CaptureLog, _ parts: [[UInt8]]...) throws {
                    for message in parts.joined() { _ = try lend(message) { try log.take($0) } }
                    try log.sync()
                }
                let cut = CaptureLogTests.part(20, ["2", "3"], without: 2)
                try feed(log(), [CaptureLogTests.table], CaptureLogTests.transaction(10, ["1"]), cut)
                try feed(log(), [CaptureLogTests.table], cut)
                try feed(
                    log(), [CaptureLogTests.table], CaptureLogTests.transaction(20, ["2", "3"]),
                    CaptureLogTests.transaction(30, ["4"]))
                let stop = StopSignal()
                let context = RoleContext(
                    journal: site.migration.journal, exportDirectory: site.directory,
                    options: RunOptions(target: try site.access(.target)), stop: stop, announce: { _ in })
                let apply = Task { try await ApplyRole(context: context, leg: leg).run() }
                defer { stop.request() }
                try await eventually("the last transaction", within: 15) {
                    try site.value(.target, "select string_agg(id::text, ',' order by id) from t")
                        == "1,2,3,4"
                }
                stop.request()
                _ = await apply.result
            }
        }

        @Test func `a commit whose answer is lost is applied exactly once`() async throws {
            // No key: a row that came twice would stay.
            try await withSite("create table t (id int); alter table t replica identity full;") { site in
                let proxy = try CuttingProxy(to: try Servers.cluster(.target).port)
                defer { proxy.close() }
                site.targetPort = proxy.port
                try site.keepForms()
                try await site.goLive()
                for round in 1...5 {
                    proxy.cutNextCommit()
                    try site.connect(.source).execute(
                        "insert into t select \(round) from generate_series(1, 100)")
                    #expect(try await site.differences() == [])
                    #expect(proxy.cuts == round)
                }
                #expect(try site.value(.target, "select count(*) from t") == "500")
            }
        }

        @Test(arguments: CutoverFence.allCases)
        func `a worker killed at every step of both cutovers completes them, and both sides are equal`(
            fence: CutoverFence
        ) async throws {
            // A step that is over before it is seen is tried again, in a migration of its own.
            var missed: [Side: Set<CutoverStep>] = [:]
            for attempt in 1...Self.attemptsMax
            where attempt == 1 || missed.values.contains(where: { !$0.isEmpty }) {
                try await withSite(Self.table) { site in
                    try site.startProcess()
                    try site.connect(.source).execute(Self.someRights)
                    let rights = try site.rights(.source)
                    try site.connect(.source).execute("insert into t select generate_series(1, 5000)")
                    _ = try site.migration.leave(.startLiveMigration(jobs: 2), by: "test")
                    try await site.awaitPhase(.streaming)
                    for side in [Side.target, .source] {
                        try site.connect(side.other).execute("insert into t select max(id) + 1 from t")
                        let (steps, killedAt) = try await Self.killAtEachStep(
                            site, cutoverTo: side, fence: fence)
                        #expect(try site.migration.record().cutovers.last?.status.word == .completed)
                        #expect(try site.compare() == [])
                        #expect(try site.rights(.source) == rights || (side, fence) == (.target, .rights))
                        // The release is one transaction of the journal, and the last thing.
                        missed[side] = (missed[side] ?? steps.subtracting([.release])).subtracting(killedAt)
                    }
                }
            }
            #expect(missed == [.target: [], .source: []])
        }

        /// Rights that a fence may revoke.
        private static let someRights =
            "grant insert, delete, select on t to public; grant update (id) on t to public"

        /// Attempts to kill a worker at every step. After them, a step that was not seen fails the test.
        static let attemptsMax = 5

        /// Begins a cutover and kills the worker whenever a step has begun or ended; returns all its steps,
        /// and those the worker died at.
        static func killAtEachStep(
            _ site: Site, cutoverTo side: Side, fence: CutoverFence = .database
        ) async throws -> (steps: Set<CutoverStep>, killedAt: Set<CutoverStep>) {
            try site.cutover(to: side, fence: fence)
            let steps = try #require(try site.migration.record().cutovers.last?.steps.map(\.step))
            var killedAt: Set<CutoverStep> = []
            var seen: Set<String> = []
            try await watch("the cutover to \(side)") {
                let record = try site.migration.record()
                guard let cutover = record.cutovers.last, cutover.isOpen else { return true }
                let at = cutover.steps.filter { $0.state == .running || $0.state == .done }.last
                guard let at, seen.insert("\(at.step) \(at.state)").inserted else { return false }
                try site.killProcess()
                try site.startProcess()
                killedAt.insert(at.step)
                return false
            }
            return (Set(steps), killedAt)
        }

        /// Polls without a pause in which a step could pass unseen.
        private static func watch(_ what: String, _ isOver: () throws -> Bool) async throws {
            let until = ContinuousClock.now + .seconds(100)
            while try !isOver() {
                guard ContinuousClock.now < until else {
                    throw Site.Trouble(description: "not within 100 s: \(what)")
                }
                try await Task.sleep(for: .microseconds(300))
            }
        }

        @Test(arguments: CutoverFence.allCases)
        func `a worker killed at every step of a cutover that is aborted leaves nothing of it`(
            fence: CutoverFence
        ) async throws {
            try await withSite(Self.table) { site in
                try site.connect(.source).execute(Self.someRights)
                try await site.goLiveInProcess()
                try site.connect(.source).execute("insert into t select generate_series(1, 500)")
                #expect(try await site.differences() == [])
                for side in [Side.target, .source] {
                    // An abort that ends before half of its steps are seen is tried again.
                    var isSeen = false
                    for _ in 1...Self.attemptsMax where !isSeen {
                        let before = (try site.surroundings(.source), try site.surroundings(.target))
                        let rights = try site.rights(.source)
                        let (stood, undone) = try await Self.killAtEachUndoing(
                            site, ofCutoverTo: side, fence: fence)
                        #expect(try site.rights(.source) == rights)
                        isSeen = undone >= stood / 2
                        let cutover = try #require(try site.migration.record().cutovers.last)
                        #expect(cutover.abortedAt != nil && cutover.releasedAt == nil)
                        // The metadata of the fall-back stays on the source until the end.
                        #expect(
                            try site.surroundings(.source).filter { $0 != "schema ybvoyager_metadata" }
                                == before.0.filter { $0 != "schema ybvoyager_metadata" })
                        #expect(try site.surroundings(.target) == before.1)
                        #expect(try await site.differences(side == .target ? .forward : .reverse) == [])
                    }
                    #expect(isSeen)
                    guard side == .target else { break }
                    try site.cutover(to: .target, fence: fence)
                    try await site.awaitFallBack()
                }
            }
        }

        /// Aborts a cutover that awaits approval, and kills the worker whenever a step is undone. Returns how
        /// many steps were done, and at how many the worker was killed.
        private static func killAtEachUndoing(
            _ site: Site, ofCutoverTo side: Side, fence: CutoverFence
        ) async throws -> (stood: Int, undone: Int) {
            try site.cutover(to: side, requiresApproval: true, fence: fence)
            try await eventually("the cutover awaits approval") {
                try site.migration.record().openCutover?.status.awaitsApproval == true
            }
            let stood = try #require(
                try site.migration.record().cutovers.last?.steps.count { $0.state == .done })
            _ = try site.migration.leave(.abortCutover, by: "test")
            var (undone, kills) = (0, 0)
            try await watch("the abort of the cutover to \(side)") {
                guard let cutover = try site.migration.record().cutovers.last, cutover.isOpen else {
                    return true
                }
                let now = cutover.steps.count { $0.state == .undone }
                guard now > undone else { return false }
                undone = now
                kills += 1
                try site.killProcess()
                try site.startProcess()
                return false
            }
            return (stood, kills)
        }

        @Test func `a worker killed repeatedly in the end migration leaves nothing behind`() async throws {
            try await withSite(Self.table) { site in
                let before = (try site.surroundings(.source), try site.surroundings(.target))
                try await site.goLiveInProcess()
                try site.connect(.source).execute("insert into t select generate_series(1, 500)")
                try site.cutover(to: .target)
                try await site.awaitFallBack()
                _ = try site.migration.leave(
                    .endMigration(
                        EndOptions(
                            backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                            backupLogFiles: false, backupDirectory: nil)), by: "test")
                var kills = 0
                var seen = -1
                try await Self.watch("the end") {
                    let record = try site.migration.record()
                    if record.phase == .ended { return true }
                    let undone = record.changes.filter { $0.undoneAt != nil }.count
                    guard undone != seen else { return false }
                    seen = undone
                    kills += 1
                    try site.killProcess()
                    try site.startProcess()
                    return false
                }
                #expect(kills >= 2)
                #expect(try site.surroundings(.source) == before.0)
                #expect(try site.surroundings(.target) == before.1)
            }
        }

        @Test func `what was written between a release and the worker's death is named by the next one`()
            async throws
        {
            try await withSite("create table t (id int primary key, v text)") { site in
                try site.connect(.source).execute("insert into t values (0, 'copied')")
                try await site.goLive()
                for id in 1...3 {
                    try site.connect(.source).execute("insert into t values (\(id), 'streamed')")
                }
                #expect(try await site.differences() == [])
                try await site.stopWorker()
                // As a worker leaves it that dies as soon as it has released the application, with no way
                // back.
                let stream = try #require(try site.migration.status().capture?.loggedLSN)
                try site.migration.journal.update(
                    MigrationRecord.self, key: MigrationRecord.key, initial: try site.migration.record()
                ) { record in
                    var cutover = Cutover(
                        token: "tok", options: CutoverOptions(to: .target, prepareForFallBack: false),
                        requestedAt: secondsNow(), requestedBy: "test")
                    // Three rows and a marker.
                    cutover.barriers[.quiet] = Cutover.Barrier(lsn: stream, transactions: 4)
                    cutover.releasedAt = secondsNow()
                    record.cutovers = [cutover]
                    record.legs[0].endedAt = secondsNow()
                    try record.begin(in: .complete)
                }
                try site.connect(.source).execute("insert into t values (9, 'late')")
                site.startWorker()
                try await eventually("the leg is cleared away") {
                    try site.migration.record().legs[0].retiredAt != nil
                }
                #expect(
                    try site.migration.events(after: 0, limit: 1000).contains {
                        $0.level == .error
                            && $0.message.contains("1 transaction wrote to source after it was proved quiet")
                    })
                #expect(
                    try LegCounts.read(leg: 1, exported: true, journal: site.migration.journal)?["public.t"]?
                        .inserts == 4)
                #expect(try site.value(.source, "select count(*) from pg_publication") == "0")
            }
        }
    }
}
