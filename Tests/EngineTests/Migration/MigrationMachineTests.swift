import Records
import Testing

@testable import Engine

/// Every request and every event in every phase.
@Suite struct MigrationMachineTests {
    // MARK: Requests

    /// `+` is legal; a letter is the refusal of that letter in `refusals`.
    private static let requestTable = """
        request         prepare schema snapshot streaming toTarget fallBack toSource complete ended
        checkDatabases  +       +      +        +         +        +        +        +        z
        exportSchema    +       +      a        a         a        a        a        a        z
        analyzeSchema   b       +      +        +         +        +        +        +        z
        decideFindings  1       1      1        1         1        1        1        1        z
        fixFindings     b       +      2        2         2        2        2        2        z
        importSchema    b       +      +        +         c        +        c        +        z
        importIndexes   b       +      d        +         c        +        c        +        z
        startMigration  +       +      e        e         e        e        e        f        z
        pause           g       g      +        +         h        +        h        g        z
        resume          i       i      +        +         +        +        +        i        z
        setApplyMode    +       +      +        +         +        +        +        +        z
        setDiskLimits   +       +      +        +         +        +        +        +        z
        cutoverToTarget j       j      k        +         l        m        n        o        z
        cutoverToSource j       j      k        p         l        +        n        o        z
        approveRelease  q       q      q        q         r        q        s        q        z
        abortCutover    t       t      t        t         +        t        +        t        z
        setErrorPolicy  +       +      +        +         +        +        +        +        z
        retryTable      u       u      u        u         u        u        u        u        z
        excludeTable    v       v      v        v         v        v        v        v        z
        acceptDifference x      x      x        x         x        x        x        x        z
        acknowledge     +       +      +        +         +        +        +        +        z
        setVerification +       +      +        +         +        +        +        +        z
        endSession      y       y      +        +         +        +        +        y        z
        endMigration    +       +      +        +         w        +        w        +        z
        stopWorker      +       +      +        +         +        +        +        +        z
        """

    /// The beginnings of the refusals.
    private static let refusals: [String: String] = [
        "1": "no finding is named",
        "2": "the live migration has begun, so the console changes no file",
        "a": "the schema is exported before the data",
        "b": "export the schema first",
        "c": "a cutover is under way; import when it has ended",
        "d": "the snapshot is not complete; import indexes and triggers when it is",
        "e": "the live migration has started already",
        "f": "the live migration has ended",
        "g": "nothing is running that could be paused",
        "h": "a cutover is under way; abort it, or let it end",
        "i": "nothing is paused or stopped",
        "j": "the live migration has not begun; start it first",
        "k": "the snapshot is not complete; initiate the cutover when the changes stream",
        "l": "the cutover to target is already initiated",
        "m": "the cutover to target has completed already",
        "n": "the cutover to source is already initiated",
        "o": "the last cutover has completed",
        "p": "the cutover to target has not completed",
        "q": "no cutover is under way that could be approved",
        "r": "the cutover to target needs no approval",
        "s": "the cutover to source needs no approval",
        "t": "no cutover is under way that could be aborted",
        "u": "public.item is not set aside",
        "v": "public.item is neither set aside nor new",
        "w": "a cutover is under way; abort it, or let it end, before the end",
        "x": "no difference is named",
        "y": "no changes stream now, so no session is in the way",
        "z": "this migration has ended; use a new export directory",
    ]

    private static let requests: [Request] = [
        .checkDatabases, .exportSchema(startClean: false), .analyzeSchema,
        .decideFindings(FindingDecisions()), .fixFindings([]), .importSchema(ImportSchemaOptions()),
        .importSchema(ImportSchemaOptions(postSnapshotImport: true)), .startLiveMigration(jobs: 1), .pause,
        .resume, .setApplyMode(.transactional), .setDiskLimits(DiskLimits()),
        .initiateCutover(CutoverOptions(to: .target)), .initiateCutover(CutoverOptions(to: .source)),
        .approveRelease, .abortCutover, .setErrorPolicy(IncidentRules()), .retryTable("public.item"),
        .excludeTable("public.item"), .acceptDifferences([]), .acknowledge(.slotAtRisk, severity: .error),
        .setVerification(VerificationChoice(isOn: true)),
        .endSession(
            SessionEnd(side: .source, processID: 7, startedAt: "1", mode: .terminate, words: "session 7")),
        .endMigration(
            EndOptions(
                backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                backupLogFiles: false, backupDirectory: nil)),
        .stopWorker,
    ]

    /// The row of a request in the table.
    private static func row(_ request: Request) -> String {
        switch request {
        case .checkDatabases, .mendChecks: "checkDatabases"
        case .exportSchema: "exportSchema"
        case .analyzeSchema: "analyzeSchema"
        case .decideFindings: "decideFindings"
        case .fixFindings: "fixFindings"
        case .importSchema(let options): options.postSnapshotImport ? "importIndexes" : "importSchema"
        case .chooseTables: "checkDatabases"
        case .startLiveMigration: "startMigration"
        case .pause: "pause"
        case .resume: "resume"
        case .setApplyMode: "setApplyMode"
        case .setDiskLimits: "setDiskLimits"
        case .initiateCutover(let options): options.to == .target ? "cutoverToTarget" : "cutoverToSource"
        case .approveRelease: "approveRelease"
        case .abortCutover: "abortCutover"
        case .setErrorPolicy: "setErrorPolicy"
        case .retryTable: "retryTable"
        case .excludeTable: "excludeTable"
        case .acceptDifferences: "acceptDifference"
        case .acknowledge: "acknowledge"
        case .setVerification: "setVerification"
        case .endSession: "endSession"
        case .endMigration: "endMigration"
        case .stopWorker: "stopWorker"
        }
    }

    @Test func `every request is legal or refused in every phase as the table says`() throws {
        let table = PhaseTable(Self.requestTable)
        #expect(table.phases == Phase.allCases)
        #expect(table.rows.keys.sorted() == Self.requests.map(Self.row).sorted())
        for request in Self.requests {
            for (phase, mark) in zip(table.phases, try #require(table.rows[Self.row(request)])) {
                let found = MigrationMachine(try .example(in: phase)).refusal(of: request)
                if mark == "+" {
                    #expect(found == nil, "\(Self.row(request)) in \(phase)")
                } else {
                    let expected = try #require(Self.refusals[mark])
                    #expect(
                        found?.hasPrefix(expected) == true,
                        "\(Self.row(request)) in \(phase): \(found ?? "legal")")
                }
            }
        }
    }

    // MARK: Events

    /// The phase that an event leads to; `-` changes nothing, and `!` is impossible.
    private static let eventTable = """
        event                prepare  schema   snapshot  streaming toTarget  fallBack toSource complete ended
        schemaExported       schema   -        -         -         -         -        -        -        -
        started              snapshot snapshot -         -         -         -        -        -        -
        snapshotDiscarded    schema   schema   schema    schema    !         !        !        !        !
        snapshotCompleted    -        -        streaming -         -         -        -        -        -
        cutoverToTarget      !        !        !         toTarget  !         !        !        !        !
        cutoverToSource      !        !        !         !         !         toSource !        !        !
        releasedWithFallBack !        !        !         !         fallBack  !        !        !        !
        releasedForGood      !        !        !         !         complete  !        !        !        !
        releasedToSource     !        !        !         !         !         !        complete !        !
        releasedToNextRound  !        !        !         !         !         !        streaming !       !
        abortedToTarget      !        !        !         !         streaming !        !        !        !
        abortedToSource      !        !        !         !         !         !        fallBack !        !
        ended                ended    ended    ended     ended     ended     ended    ended    ended    -
        """

    private static let events: [MigrationEvent] = [
        .schemaExported, .started, .snapshotDiscarded, .snapshotCompleted, .cutoverInitiated(to: .target),
        .cutoverInitiated(to: .source), .released(to: .target, continues: true),
        .released(to: .target, continues: false), .released(to: .source, continues: true),
        .released(to: .source, continues: false),
        .aborted(to: .target), .aborted(to: .source), .ended,
    ]

    /// The row of an event in the table, and the actions of its move.
    private static func row(_ event: MigrationEvent) -> (name: String, actions: [MigrationAction]) {
        switch event {
        case .schemaExported: ("schemaExported", [])
        case .started: ("started", [.noteStart, .beginLeg(direction: .forward, start: .snapshot)])
        case .snapshotDiscarded: ("snapshotDiscarded", [.discardLegs])
        case .snapshotCompleted: ("snapshotCompleted", [.noteSnapshotEnd])
        case .cutoverInitiated(let side): (side == .target ? "cutoverToTarget" : "cutoverToSource", [])
        case .released(.target, true):
            ("releasedWithFallBack", [.endLeg, .beginLeg(direction: .reverse, start: .position)])
        case .released(.target, false): ("releasedForGood", [.endLeg])
        case .released(.source, false): ("releasedToSource", [.endLeg])
        case .released(.source, true):
            ("releasedToNextRound", [.endLeg, .beginLeg(direction: .forward, start: .position)])
        case .aborted(let side): (side == .target ? "abortedToTarget" : "abortedToSource", [])
        case .ended: ("ended", [])
        }
    }

    @Test func `every event moves every phase as the table says`() throws {
        let table = PhaseTable(Self.eventTable)
        #expect(table.phases == Phase.allCases)
        #expect(table.rows.keys.sorted() == Self.events.map { Self.row($0).name }.sorted())
        for event in Self.events {
            let (name, actions) = Self.row(event)
            for (phase, mark) in zip(table.phases, try #require(table.rows[name])) {
                let expected: MigrationMachine.Answer =
                    switch mark {
                    case "-": .stay
                    case "!": .impossible
                    default: .move(to: try #require(PhaseTable.phase(mark)), actions)
                    }
                #expect(MigrationMachine.answer(to: event, in: phase) == expected, "\(name) in \(phase)")
            }
        }
    }

    @Test func `an impossible event changes nothing, and names event and phase`() throws {
        var record = try MigrationRecord.example(in: .streaming)
        let before = record
        let error = #expect(throws: ImpossibleEvent.self) {
            try record.take(.released(to: .target, continues: true), at: 5)
        }
        #expect(error?.description.contains("'streaming'") == true)
        #expect(record == before)
    }

    @Test func `the start begins the first leg, once, and a discarded snapshot takes it away`() throws {
        var record = MigrationRecord(uuid: "u", createdAt: 1)
        try record.start(jobs: 0, now: 5)
        #expect(record.phase == .snapshot && record.startedAt == 5 && record.jobs == 1)
        #expect(record.legs == [Leg(number: 1, direction: .forward, start: .snapshot, uuid: "u")])
        let before = record
        try record.start(jobs: 9, now: 6)
        #expect(record == before)
        try record.take(.snapshotDiscarded, at: 7)
        #expect(record.phase == .schema && record.legs == [])
    }

    @Test func `a release with fall-back begins the opposite leg, at the position that the cutover noted`()
        throws
    {
        var record = try MigrationRecord.example(in: .schema)
        try record.start(jobs: 1, now: 5)
        try record.take(.snapshotCompleted, at: 6)
        try record.take(.cutoverInitiated(to: .target), at: 7)
        record.cutovers = [.example(CutoverOptions(to: .target))]
        record.cutovers[0].fallBackConsistentPoint = LogPosition(number: 9)
        record.cutovers[0].fallBackHasBarrierRows = true
        #expect(!record.fallBackEnabled)
        try record.take(.released(to: .target, continues: true), at: 8)
        var next = Leg(number: 2, direction: .reverse, start: .position, uuid: record.uuid)
        (next.consistentPoint, next.origin.barriers) = (LogPosition(number: 9), .row)
        #expect(record.legs.count == 2 && record.legs[0].endedAt == 8 && record.legs[1] == next)
        #expect(record.fallBackEnabled)
    }

    // MARK: What else a request depends on

    @Test func `a cutover is approved once, and only where it awaits approval`() throws {
        var record = try MigrationRecord.example(in: .cutoverToTarget)
        record.cutovers = [.example(CutoverOptions(to: .target, requiresApproval: true))]
        func refusal() -> String? { MigrationMachine(record).refusal(of: .approveRelease) }
        #expect(
            refusal()?.hasPrefix("the cutover to target does not await approval yet: its step is 'Facts")
                == true)
        for step in record.cutovers[0].steps.map(\.step).prefix(while: { $0 != .approval }) {
            record.cutovers[0].set(step, .done, now: 2)
        }
        #expect(refusal() == nil)
        record.cutovers[0].isApproved = true
        #expect(refusal() == "the cutover to target is approved already")
    }

    @Test func `a table that is set aside or new prevents a cutover, and only such a table is excluded`()
        throws
    {
        var record = try MigrationRecord.example(in: .streaming)
        let cutover = Request.initiateCutover(CutoverOptions(to: .target))
        record.tablesSetAside = [
            SetAsideTable(
                table: "public.item", leg: 1, cause: .shape, reason: "the source has a new column a",
                remedy: "add it", since: 1)
        ]
        #expect(
            MigrationMachine(record).refusal(of: cutover)?.contains("public.item is set aside: the source")
                == true
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

    @Test
    func
        `a finding that comes after the end of its leg sets no table aside, because nobody would release it`()
        throws
    {
        var record = try MigrationRecord.example(in: .streaming)
        record.legs = [
            Leg(number: 1, direction: .forward, start: .snapshot, uuid: "u"),
            Leg(number: 2, direction: .reverse, start: .position, uuid: "u"),
        ]
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

    @Test func `a paused migration is not cut over, and one without databases is not started`() throws {
        var paused = try MigrationRecord.example(in: .streaming)
        paused.isPaused = true
        #expect(MigrationMachine(paused).refusal(of: .initiateCutover(CutoverOptions(to: .target))) != nil)
        var unknown = try MigrationRecord.example(in: .schema)
        unknown.targetIsKnown = false
        #expect(MigrationMachine(unknown).refusal(of: .startLiveMigration(jobs: 1)) != nil)
    }

    @Test func `the apply mode and the disk limits have bounds`() throws {
        let machine = MigrationMachine(try .example(in: .streaming))
        #expect(machine.refusal(of: .setApplyMode(.parallel(channels: 64))) == nil)
        #expect(machine.refusal(of: .setApplyMode(.parallel(channels: 65))) != nil)
        #expect(machine.refusal(of: .setErrorPolicy(IncidentRules(policy: .stash, incidentsMax: -1))) != nil)
    }
}

/// A table of words: phases in its first line, then a name and a mark for each phase.
private struct PhaseTable {
    let phases: [Phase]
    let rows: [String: [String]]

    init(_ text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        phases = lines[0].dropFirst().compactMap(Self.phase)
        rows = Dictionary(uniqueKeysWithValues: lines.dropFirst().map { ($0[0], Array($0.dropFirst())) })
    }

    /// The phase of a word; the two cutovers have a shorter one here.
    static func phase(_ word: String) -> Phase? {
        switch word {
        case "toTarget": .cutoverToTarget
        case "toSource": .cutoverToSource
        default: Phase(rawValue: word)
        }
    }
}
