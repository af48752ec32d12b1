import Engine
import Foundation
import Records

/// A run through all phases, from the check of the databases to the end, in an operator's order.
///
/// Blocks; runs on a thread of its own. Problems of the data are noted and the run continues, so that one run
/// shows all of them. A refused request, and a wait that reaches its bound, end it.
struct HeadlessRun {
    /// The bounds of the waits, in seconds: far more than a run needs, also one in which the worker is
    /// killed.
    enum Bound {
        static let schema = 60.0
        static let snapshot = 90.0
        static let gates = 40.0
        static let drain = 60.0
        static let release = 40.0
        static let application = 30.0
        static let chaos = 30.0
        static let end = 40.0
    }

    private static let cutoverAttempts = 6
    private static let requestAttempts = 6

    let options: DemoOptions
    let site: DemoSite
    let demoOperator: DemoOperator
    let supervisor: WorkerSupervisor
    let chaos: Chaos
    let say: @Sendable (String) -> Void
    let startApplication: () throws -> any RunningApplication
    var record = DemoRecord()
    private var application: (any RunningApplication)?

    init(
        options: DemoOptions, site: DemoSite, demoOperator: DemoOperator, supervisor: WorkerSupervisor,
        chaos: Chaos,
        say: @escaping @Sendable (String) -> Void,
        startApplication: @escaping () throws -> any RunningApplication
    ) {
        self.options = options
        self.site = site
        self.demoOperator = demoOperator
        self.supervisor = supervisor
        self.chaos = chaos
        self.say = say
        self.startApplication = startApplication
    }

    private var streamSeconds: Double { max(1, options.seconds / 3) }

    /// Runs everything and returns the record. The application is stopped in any case.
    mutating func run() throws -> DemoRecord {
        defer { application?.end() }
        let before = try CatalogDescription(site.sourceAccess, schemas: Shop.schemas)
        try moveSchema()
        try startStreaming()
        try cutOver(to: .target, part: .cutoverToTarget)
        say("streaming the target's changes back for \(seconds(streamSeconds)) s")
        chaos.enter(.fallBack)
        try demoOperator.stream(seconds: streamSeconds)
        try cutOver(to: .source, part: .cutoverToSource)
        chaos.enter(.afterwards)
        say("the application is back on the source for \(seconds(streamSeconds)) s")
        try demoOperator.stream(seconds: streamSeconds)
        try demoOperator.wait(for: "the last of the \(options.chaos) kills", atMost: Bound.chaos) {
            chaos.isDone
        }
        try closeLedger()
        try end(before)
        record.phases = supervisor.durations
        record.restarts = supervisor.restarts
        record.kills = chaos.kills
        return record
    }

    private func seconds(_ value: Double) -> String { String(format: "%.1f", value) }

    private func moveSchema() throws {
        say("checking both databases")
        let checks = try ask(.checkDatabases)
        let failures = checks.checks.filter { $0.state == .failure }
        if let first = failures.first {
            throw DemoError.requestFailed(
                "check databases",
                answer: "\(first.side.rawValue): \(first.name), found \(first.found). \(first.remedy)")
        }
        say("exporting, analysing and importing the schema")
        try ask(.exportSchema(startClean: false), again: .exportSchema(startClean: true))
        let analysis = try ask(.analyzeSchema)
        for issue in analysis.issues where issue.severity == .blocking {
            say("analysis: \(issue.objectType) \(issue.object): \(issue.reason)")
        }
        try ask(
            .importSchema(ImportSchemaOptions()), again: .importSchema(ImportSchemaOptions(ignoreExist: true))
        )
    }

    private mutating func startStreaming() throws {
        say("starting the application at \(Int(options.rate)) transactions per second")
        application = try startApplication()
        try awaitApplication(at: .source, after: 0)
        say("taking the snapshot")
        _ = try demoOperator.leave(.startLiveMigration(jobs: 2))
        chaos.enter(.snapshot)
        try demoOperator.wait(for: "the snapshot's end", atMost: Bound.snapshot) {
            try demoOperator.control.status().phase == .streaming
        }
        try showRefusal()
        say("creating the indexes and triggers")
        try ask(
            .importSchema(ImportSchemaOptions(postSnapshotImport: true, refreshMaterializedViews: true)),
            again: .importSchema(
                ImportSchemaOptions(
                    postSnapshotImport: true, ignoreExist: true, refreshMaterializedViews: true)))
        say("streaming for \(seconds(streamSeconds)) s")
        chaos.enter(.streaming)
        try demoOperator.stream(seconds: streamSeconds)
    }

    /// Performs a request. If its worker dies, the request fails and is repeated as `again`, which skips what
    /// was done. A failure while the worker lives ends the run.
    @discardableResult
    private func ask(_ first: Request, again: Request? = nil) throws -> RequestRecord {
        var request = first
        for _ in 1..<Self.requestAttempts {
            let restarts = supervisor.restarts
            do { return try demoOperator.ask(request, atMost: Bound.schema) } catch DemoError.requestFailed(
                let title, let answer)
            {
                // The next worker may fail the request a moment before the restart is counted.
                try demoOperator.stream(seconds: 0.5)
                guard supervisor.restarts > restarts else {
                    throw DemoError.requestFailed(title, answer: answer)
                }
                say("\(title) did not succeed (\(answer)); it is repeated")
                request = again ?? first
            }
        }
        return try demoOperator.ask(request, atMost: Bound.schema)
    }

    // MARK: Cutover

    func cutoverOptions(to side: Side) -> CutoverOptions {
        CutoverOptions(to: side, prepareForFallBack: side == .target, verify: true, requiresApproval: true)
    }

    private mutating func cutOver(to side: Side, part: Chaos.Part) throws {
        let acknowledged = try site.ledger().acknowledgedAt[side] ?? 0
        say("cutting over to the \(side.rawValue)")
        try awaitGates(to: side)
        chaos.enter(part)
        try reachHold(to: side)
        record.legs.append(try compare(readyFor: side))
        let phase: Phase = side == .target ? .fallBack : .complete
        try approve(to: side, until: phase)
        try awaitApplication(at: side, after: acknowledged)
        record.note(try demoOperator.control.status())
    }

    /// Requests the cutover until it awaits approval. An aborted cutover, for instance because the
    /// application was slow to disconnect, does no harm and is requested again.
    private mutating func reachHold(to side: Side) throws {
        let request = Request.initiateCutover(cutoverOptions(to: side))
        for attempt in 1...Self.cutoverAttempts {
            let id = try demoOperator.leave(request)
            var end: String?
            try demoOperator.wait(
                for: "the cutover to the \(side.rawValue) to await approval", atMost: Bound.drain
            ) {
                if try cutover(to: side)?.awaitsApproval == true { return true }
                let asked = try demoOperator.control.record(of: id)
                if let asked, asked.state == .refused || asked.state == .failed { end = asked.answer }
                if let now = try cutover(to: side), now.word == .aborted,
                    now.requestedAt ?? 0 >= asked?.askedAt ?? 0
                {
                    end = now.abortReason ?? "no reason given"
                }
                return end != nil
            }
            guard let end else { return }
            record.abortedCutovers += 1
            say("the cutover was aborted (\(end)); attempt \(attempt) of \(Self.cutoverAttempts)")
            try demoOperator.stream(seconds: 1)
        }
        throw DemoError.requestFailed(
            request.title, answer: "it was aborted \(Self.cutoverAttempts) times; \(demoOperator.situation)")
    }

    /// Approves the cutover and waits for the phase after it. The phase and not the request shows the
    /// release, because a worker may be killed in between.
    private func approve(to side: Side, until phase: Phase) throws {
        say("releasing the application")
        _ = try demoOperator.leave(.approveRelease)
        try demoOperator.wait(for: "the release to the \(side.rawValue)", atMost: Bound.release) {
            let status = try demoOperator.control.status()
            return status.phase == phase && status.route == (side == .target ? .target : .source)
        }
    }

    private func cutover(to side: Side) throws -> CutoverStatus? {
        try demoOperator.control.status().cutovers.last { $0.to == side }
    }

    /// Compares both databases, and the ledger with the application's new database, while the application
    /// waits.
    private mutating func compare(readyFor side: Side) throws -> DemoRecord.Leg {
        // The ledger is read first, so that every acknowledged transaction must be in the database.
        let began = ProcessInfo.processInfo.systemUptime
        let ledger = try site.ledger()
        let comparison = try compareDatabases(
            source: site.sourceAccess, target: site.targetAccess, schemas: Shop.schemas)
        let check = try LedgerCheck(
            ledger: ledger, database: side == .target ? site.targetAccess : site.sourceAccess)
        let problems = (comparison.differences(readyFor: side) + check.problems).map {
            "before the release to the \(side.rawValue): \($0)"
        }
        record.problems += problems
        say(
            problems.isEmpty
                ? "\(comparison.tables.count) tables are equal on both sides; the ledger is complete at the "
                    + "\(side.rawValue)"
                : "\(problems.count) problems, the first: \(problems[0])")
        return DemoRecord.Leg(
            to: side, rows: comparison.rows, tables: comparison.tables.count, problems: problems,
            comparisonSeconds: ProcessInfo.processInfo.systemUptime - began)
    }

    /// Waits until the application has more acknowledged transactions on that side.
    private func awaitApplication(at side: Side, after acknowledged: Int) throws {
        try demoOperator.wait(
            for: "the application to write to the \(side.rawValue)", atMost: Bound.application
        ) {
            try site.ledger().acknowledgedAt[side] ?? 0 > acknowledged
        }
    }

    // MARK: The end

    private mutating func closeLedger() throws {
        if let complaint = try application?.stop() { record.problems.append(complaint) }
        application = nil
        let ledger = try site.ledger()
        let check = try LedgerCheck(ledger: ledger, database: site.sourceAccess)
        record.ledger = ledger
        record.ledgerCheck = check
        record.problems += check.problems
        if ledger.moves.count != 2 {
            record.problems.append(
                "the application moved \(ledger.moves.count) times between the sides, not twice")
        }
    }

    private mutating func end(_ before: CatalogDescription) throws {
        say("ending the migration")
        let request = Request.endMigration(
            EndOptions(
                backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                backupLogFiles: false,
                backupDirectory: nil))
        let id = try demoOperator.leave(request)
        // The phase and not the request shows the end, because no worker is started after it.
        try demoOperator.wait(for: "the migration's end", atMost: Bound.end) {
            if try demoOperator.control.status().phase == .ended { return true }
            if let asked = try demoOperator.control.record(of: id),
                asked.state == .failed || asked.state == .refused
            {
                throw DemoError.requestFailed(request.title, answer: asked.answer)
            }
            return false
        }
        supervisor.stop()
        for (place, access) in [("source", site.sourceAccess), ("target", site.targetAccess)] {
            let after = try CatalogDescription(access, schemas: Shop.schemas)
            record.problems += after.changes(since: before, at: place)
        }
    }
}
