import Foundation
import Postgres
import Records
import Testing

@testable import Engine

/// The values that decide: cutover, machine, plan, meter, status.
@Suite struct DecisionTests {
    private func cutover(_ options: CutoverOptions) -> Cutover {
        Cutover(token: "tok", options: options, requestedAt: 1, requestedBy: "me")
    }

    @Test func `a cutover's steps follow its options`() {
        let full = CutoverStep.steps(CutoverOptions(to: .target, requiresApproval: true))
        #expect(full == CutoverStep.allCases.filter { $0 != .openDestination })
        let plain = CutoverStep.steps(CutoverOptions(to: .target, prepareForFallBack: false, verify: false))
        #expect(
            plain == [
                .readFacts, .gates, .fence, .quiesce, .barrier, .drain, .readSequences, .setSequences,
                .quietProof,
                .release,
            ])
        let back = CutoverStep.steps(CutoverOptions(to: .source))
        #expect(back.contains(.openDestination) && !back.contains(.fallBackSlot) && !back.contains(.prepareOrigin))
    }

    @Test func `nothing but the opening and the release stands after the quiet proof`() throws {
        for side in Side.allCases {
            let steps = CutoverStep.steps(CutoverOptions(to: side, requiresApproval: true))
            let proof = try #require(steps.firstIndex(of: .quietProof))
            #expect(steps[(proof + 1)...].allSatisfy { $0 == .openDestination || $0 == .release })
            #expect(steps[..<proof].contains(.approval))
        }
    }

    @Test func `steps are done in order, a cut off one again, and undone from the last`() {
        var value = cutover(CutoverOptions(to: .target, prepareForFallBack: false, verify: false))
        #expect(value.nextUndo == nil)
        value.steps.removeAll { [.readFacts, .gates].contains($0.step) }
        value.set(.fence, .running, now: 2)
        #expect(value.nextStep?.step == .fence && value.nextUndo?.step == .fence)
        value.set(.fence, .done, detail: "up", now: 3)
        #expect(value.nextStep?.step == .quiesce && value.isDone(.fence))
        value.set(.quiesce, .failed, now: 4)
        #expect(value.nextUndo?.step == .quiesce)
        value.set(.quiesce, .undone, now: 5)
        value.set(.fence, .undone, now: 6)
        #expect(value.nextUndo == nil)
        #expect(value.steps[0].startedAt == 2 && value.steps[0].endedAt == 6 && value.steps[0].detail == "up")
    }

    @Test func `a cutover says how it stands in yb-voyager's words`() {
        var value = cutover(CutoverOptions(to: .target, requiresApproval: true))
        #expect(value.status.word == .initiated && value.status.canAbort && !value.status.awaitsApproval)
        for step in value.steps.map(\.step).prefix(while: { $0 != .approval }) {
            value.set(step, .done, now: 2)
        }
        #expect(value.status.awaitsApproval)
        value.isApproved = true
        #expect(!value.status.awaitsApproval)
        value.abortReason = "why"
        #expect(value.isAborting && value.isOpen)
        value.abortedAt = 9
        #expect(value.status.word == .aborted && !value.isOpen)
        value.abortedAt = nil
        value.releasedAt = 9
        #expect(value.status.word == .completed && !value.status.canAbort)
    }

    private static let phases = Phase.allCases

    private func record(_ phase: Phase) -> MigrationRecord {
        var record = MigrationRecord(uuid: "11111111-2222-3333-4444-555555555555", createdAt: 1)
        record.phase = phase
        record.sourceIsKnown = true
        record.targetIsKnown = true
        if phase == .cutoverToTarget { record.cutovers = [cutover(CutoverOptions(to: .target))] }
        if phase == .cutoverToSource { record.cutovers = [cutover(CutoverOptions(to: .source))] }
        return record
    }

    /// The phases in which a request is legal.
    private static let legal: [(Request, [Phase])] = [
        (.checkDatabases, phases.filter { $0 != .ended }), (.stopWorker, phases.filter { $0 != .ended }),
        (.exportSchema(startClean: false), [.prepare, .schema]),
        (.analyzeSchema, phases.filter { $0 != .prepare && $0 != .ended }),
        (.importSchema(ImportSchemaOptions()), [.schema, .snapshot, .streaming, .fallBack, .complete]),
        (
            .importSchema(ImportSchemaOptions(postSnapshotImport: true)),
            [.schema, .streaming, .fallBack, .complete]
        ),
        (.startLiveMigration(jobs: 1), [.prepare, .schema]), (.pause, [.snapshot, .streaming, .fallBack]),
        (.resume, [.snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource]),
        (.initiateCutover(CutoverOptions(to: .target)), [.streaming]),
        (.initiateCutover(CutoverOptions(to: .source)), [.fallBack]), (.approveRelease, []),
        (.abortCutover, [.cutoverToTarget, .cutoverToSource]),
        (.setErrorPolicy(IncidentRules(policy: .stash)), phases.filter { $0 != .ended }),
        (.retryTable("public.item"), []), (.excludeTable("public.item"), []),
        (
            .endMigration(
                EndOptions(
                    backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                    backupLogFiles: false,
                    backupDirectory: nil)),
            [.prepare, .schema, .snapshot, .streaming, .fallBack, .complete]
        ),
    ]

    @Test(arguments: Phase.allCases)
    func `every request has its answer in every phase`(phase: Phase) {
        let machine = MigrationMachine(record(phase))
        for (request, phases) in Self.legal {
            let refusal = machine.refusal(of: request)
            #expect(
                (refusal == nil) == phases.contains(phase),
                "\(request.title) in \(phase): \(refusal ?? "legal")")
            #expect(refusal?.isEmpty != true)
        }
    }

    @Test func `a held or new table stands in the way of a cutover, and only such a table is left out`() {
        var record = record(.streaming)
        let cutover = Request.initiateCutover(CutoverOptions(to: .target))
        record.tablesSetAside = [
            SetAsideTable(
                table: "public.item", leg: 1, cause: .shape, reason: "the source has a new column a",
                remedy: "add it", since: 1)
        ]
        #expect(
            MigrationMachine(record).refusal(of: cutover)?.contains("public.item is set aside: the source") == true
        )
        #expect(MigrationMachine(record).refusal(of: .retryTable("public.item")) == nil)
        #expect(MigrationMachine(record).refusal(of: .excludeTable("public.item")) == nil)
        record.excludedTables = [ExcludedTable(table: "public.item", reason: "", by: "me", at: 2)]
        record.tablesSetAside = []
        #expect(MigrationMachine(record).refusal(of: cutover) == nil)
        #expect(MigrationMachine(record).refusal(of: .excludeTable("public.item")) != nil)
        record.newTables = [NewTable(table: "public.extra", leg: 1, since: 3)]
        #expect(MigrationMachine(record).refusal(of: cutover)?.contains("public.extra") == true)
        #expect(MigrationMachine(record).refusal(of: .excludeTable("public.extra")) == nil)
    }

    @Test func `what is found of a leg after its end holds nothing, for nobody would release it`() {
        var record = record(.streaming)
        record.legs = [1, 2].map { Leg(number: $0, direction: $0 == 1 ? .forward : .reverse, uuid: "u") }
        record.legs[0].endedAt = 5
        func hold(leg: Int) -> SetAsideTable {
            SetAsideTable(
                table: QualifiedName(parsing: "public.t\(leg)"), leg: leg, cause: .unseen, reason: "r",
                remedy: "m", since: 6)
        }
        let (late, current) = (record.setAside(hold(leg: 1)), record.setAside(hold(leg: 2)))
        #expect(!late && current)
        #expect(record.setAsideTables.map(\.table) == ["public.t2"])
    }

    @Test func `a paused migration is not cut over, and one without databases not started`() {
        var paused = record(.streaming)
        paused.isPaused = true
        #expect(MigrationMachine(paused).refusal(of: .initiateCutover(CutoverOptions(to: .target))) != nil)
        var unknown = record(.schema)
        unknown.targetIsKnown = false
        #expect(MigrationMachine(unknown).refusal(of: .startLiveMigration(jobs: 1)) != nil)
    }

    @Test func `chunks cover every page exactly once, and the last has no end`() {
        let name = QualifiedName(schema: "public", name: "t")
        let leaves = [QualifiedName(schema: "public", name: "a"), QualifiedName(schema: "public", name: "b")]
        let table = Table(
            name: name, columns: [], primaryKey: [], replicaIdentity: .full, isPartitioned: true,
            leaves: leaves)
        for pages in [0, 1, 4095, 4096, 4097, 8192, 100_001] {
            let chunks = SnapshotPlan.chunks(of: table, generation: 3, pages: [pages, 1])
            #expect(chunks.map(\.number) == Array(chunks.indices))
            for leaf in leaves {
                let own = chunks.filter { $0.leaf == leaf }
                #expect(own.first?.firstPage == 0 && own.last?.endPage == nil)
                for (left, right) in zip(own, own.dropFirst()) { #expect(left.endPage == right.firstPage) }
            }
        }
    }

    @Test(arguments: [
        ("orders", true), ("ORDERS", true), ("\"ORDERS\"", false), ("ord*", true), ("public.ord?rs", true),
        ("sales.*", false), ("*", true), ("order", false), ("", false), ("*s*s*", false), ("*.orders", true),
    ])
    func `a glob names a table as the operator means it`(glob: String, matches: Bool) {
        #expect(SnapshotPlan.matches(glob, QualifiedName(schema: "public", name: "orders")) == matches)
    }

    @Test func `waits double, stay below their bound, and begin anew after a success`() {
        var backoff = Backoff()
        #expect((0..<9).map { _ in backoff.next() } == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        for _ in 0..<1000 { #expect(backoff.next() == 5000) }
        backoff.reset()
        #expect(backoff.next() == 100)
    }

    @Test func `a rate is over its span, over the run where that is shorter, and forgets`() {
        var meter = RateMeter(startedAt: 1000)
        meter.add(60, at: 1005)
        #expect(meter.rate(overSeconds: 60, at: 1010) == 6)
        meter.add(60, at: 1050)
        #expect(meter.rate(overSeconds: 60, at: 1055) == 120.0 / 55)
        #expect(meter.rate(overSeconds: 60, at: 1100) == 1)
        #expect(meter.rate(overSeconds: 60, at: 5000) == 0)
        #expect(meter.rate(overSeconds: 600, at: 4000) == 0)
    }

    @Test func `what remains and how long it takes is known only where both sides are`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 1)
        #expect(status.remainingEvents == nil && status.timeToCatchUp == .unknown)
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: 1)
        var apply = ApplyStatus(direction: .forward, now: 1)
        capture.totalEvents = ChangeCounts(inserts: 100)
        apply.totalEvents = ChangeCounts(inserts: 100)
        (status.capture, status.apply) = (capture, apply)
        #expect(status.timeToCatchUp == .caughtUp)
        status.apply?.totalEvents = ChangeCounts(inserts: 40)
        #expect(status.remainingEvents == 60 && status.timeToCatchUp == .unknown)
        status.apply?.eventsPerSecondLastMinute = 20
        status.capture?.eventsPerSecondLastMinute = 10
        #expect(status.timeToCatchUp == .seconds(6))
        status.capture?.eventsPerSecondLastMinute = 20
        #expect(status.timeToCatchUp == .notCatchingUp)
        // What a stream that keeps pace has under way is no backlog.
        status.apply?.totalEvents = ChangeCounts(inserts: 90)
        #expect(status.timeToCatchUp == .seconds(0.5))
        status.apply?.direction = .reverse
        #expect(status.remainingEvents == nil)
    }

    @Test func `the lag of the last commit is not shown as that of changes that wait and are not applied`() {
        var status = MigrationStatus(name: "m", migrationUUID: "u", exportDirectory: "/e", readAt: 100)
        #expect(status.commitLagSeconds == nil)
        var capture = CaptureStatus(direction: .forward, slotName: "s", now: 1)
        var apply = ApplyStatus(direction: .forward, now: 1)
        capture.totalEvents = ChangeCounts(inserts: 100)
        apply.totalEvents = ChangeCounts(inserts: 40)
        (apply.commitLagSeconds, apply.commitLagAt) = (0.5, 99)
        (status.capture, status.apply) = (capture, apply)
        #expect(status.commitLagSeconds == 0.5)
        status.readAt = 110
        #expect(status.commitLagSeconds == nil)
        status.apply?.totalEvents = ChangeCounts(inserts: 100)
        #expect(status.commitLagSeconds == 0.5)
    }

    @Test func `two that say at once where their database is keep both`() async throws {
        let directory = NSTemporaryDirectory() + "switchback-forms-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try Migration(creating: directory)
        let rounds = 100
        await withTaskGroup(of: Void.self) { group in
            for side in Side.allCases {
                group.addTask {
                    do {
                        let migration = try Migration(existing: directory)
                        for round in 1...rounds {
                            try migration.changeDatabases {
                                switch side {
                                case .source:
                                    ($0.source.host, $0.schemas) = ("source-\(round)", ["s\(round)"])
                                case .target: $0.target.host = "target-\(round)"
                                }
                            }
                            let forms = try migration.databases()
                            #expect(
                                (side == .source ? forms.source : forms.target).host == "\(side)-\(round)")
                        }
                    } catch { Issue.record(error) }
                }
            }
        }
        let forms = try Migration(existing: directory).databases()
        #expect(forms.source.host == "source-\(rounds)" && forms.target.host == "target-\(rounds)")
        #expect(forms.schemas == ["s\(rounds)"])
    }

    @Test func `the apply mode may change at any time, within bounds, and old records have the first one`()
        throws
    {
        var record = MigrationRecord(uuid: "u", createdAt: 1)
        #expect(record.applyMode == .transactional)
        let old = try JSONEncoder().encode(record)
        #expect(!String(decoding: old, as: UTF8.self).contains("ApplyMode"))
        #expect(try JSONDecoder().decode(MigrationRecord.self, from: old).applyMode == .transactional)
        record.applyMode = .parallel(channels: 8)
        let kept = try JSONDecoder().decode(MigrationRecord.self, from: JSONEncoder().encode(record))
        #expect(kept.applyMode == .parallel(channels: 8))
        for phase in Phase.allCases where phase != .ended {
            record.phase = phase
            #expect(MigrationMachine(record).refusal(of: .setApplyMode(.parallel(channels: 64))) == nil)
            #expect(MigrationMachine(record).refusal(of: .setApplyMode(.parallel(channels: 65))) != nil)
        }
        record.phase = .ended
        #expect(MigrationMachine(record).refusal(of: .setApplyMode(.transactional)) != nil)
    }

    // MARK: The release

    /// A cutover of which all is done but the release.
    private func ready(provedAt: Double) -> MigrationRecord {
        var record = record(.cutoverToTarget)
        let leg = Leg(number: 1, direction: .forward, uuid: record.uuid)
        record.legs = [leg]
        for step in record.cutovers[0].steps.map(\.step) where step != .release {
            record.cutovers[0].set(step, .done, now: step == .quietProof ? provedAt : 1)
        }
        record.cutovers[0].barriers["quiet"] = Cutover.Barrier(
            lsn: LSN(bytes: 9), transactions: 1, seenAt: provedAt)
        return record
    }

    @Test func `the application is released while the quiet proof is fresh`() throws {
        var record = ready(provedAt: 100)
        let isReleased = try record.release(record.legs[0], at: 100 + Cutover.quietSecondsMax - 1)
        #expect(isReleased)
        #expect(record.cutovers[0].releasedAt != nil && record.legs[0].endedAt != nil)
        #expect(record.phase == .fallBack && record.legs.count == 2)
    }

    @Test(arguments: [100 + Cutover.quietSecondsMax, 5000, 99])
    func `an origin that was proved quiet too long ago is proved again before the release`(now: Double) throws
    {
        var record = ready(provedAt: 100)
        let isReleased = try record.release(record.legs[0], at: now)
        #expect(!isReleased)
        #expect(record.cutovers[0].releasedAt == nil && record.legs[0].endedAt == nil)
        #expect(record.phase == .cutoverToTarget && record.legs.count == 1)
        #expect(record.cutovers[0].nextStep?.step == .quietProof)
        #expect(record.cutovers[0].nextStep?.startedAt == nil && record.cutovers[0].barriers["quiet"] == nil)
    }

    @Test func `nothing is released, and no step goes on, while the cutover is taken back`() throws {
        var record = ready(provedAt: 100)
        record.cutovers[0].abortReason = "asked for"
        let before = record
        #expect(throws: CancelledStep.self) { _ = try record.release(record.legs[0], at: 100) }
        #expect(record == before)

        let directory = NSTemporaryDirectory() + "switchback-decision-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: directory) } }
        let migration = try Migration(creating: directory)
        let context = RoleContext(
            journal: migration.journal, exportDirectory: directory, options: RunOptions(jobs: 1),
            stop: StopSignal()
        ) { _ in }
        try context.update { kept in
            kept.cutovers = record.cutovers
            kept.cutovers[0].set(.readFacts, .pending, now: 1)
        }
        let open = OpenCutover(context)
        #expect(throws: CancelledStep.self) { try open.change { $0.set(.readFacts, .running, now: 2) } }
        #expect(try context.record().cutovers[0].steps[0].state == .pending)
    }

    @Test
    func
        `a release of YugabyteDB that streams nothing is refused, and one that streams too much is warned of`()
    {
        func state(_ numbers: Int..., isStreamed: Bool = true) -> CheckResult.State {
            YugabyteChecks.version(.target, YugabyteVersion(numbers), isStreamed: isStreamed).state
        }
        #expect(state(2023, 2, 9, 0, isStreamed: false) == .ok)
        #expect(state(2, 25, 2, 0) == .warning)
        #expect(state(2023, 2, 9, 0) == .failure)
        #expect(state(2024, 1, 1, 0) == .warning)
        #expect(state(2025, 2, 1, 5) == .warning)
        #expect(state(2025, 2, 2, 0) == .ok)
    }

    @Test func `partitioned tables are refused where the server cannot publish them`() {
        let tables = [
            Table(
                name: QualifiedName(schema: "public", name: "plain"), columns: [], primaryKey: [],
                replicaIdentity: .primaryKey),
            Table(
                name: QualifiedName(schema: "public", name: "root"), columns: [], primaryKey: [],
                replicaIdentity: .primaryKey,
                isPartitioned: true),
        ]
        #expect(DatabaseChecks.rootsBefore13(.source, tables, serverVersion: 130_000) == nil)
        #expect(DatabaseChecks.rootsBefore13(.source, [tables[0]], serverVersion: 120_022) == nil)
        let refused = DatabaseChecks.rootsBefore13(.source, tables, serverVersion: 120_022)
        #expect(refused?.state == .failure && refused?.found == "public.root")
    }

    @Test func `a clock that was set back has passed every wait`() {
        #expect(!hasPassed(5, since: 100, at: 104.9))
        #expect(hasPassed(5, since: 100, at: 105))
        #expect(hasPassed(5, since: 100, at: 99.9))
        #expect(monotonicSeconds() > 0)
    }
}
