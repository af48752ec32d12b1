import Engine
import Records

/// The state of a simulated migration, behind `FakeMigrationControl`.
package struct FakeMigration: Sendable {
    package var status: MigrationStatus
    package var forms = DatabaseForms.empty
    package var records: [RequestRecord] = []
    package var events: [LogEvent] = []
    package var incidents: [Incident] = []
    package var acknowledgements: [Acknowledgement] = []
    package var differences: [AcceptedDifference] = []
    package var foundDifferences: FoundDifferences?
    package var repairsWritten = 0
    package var mended: [CheckName] = []
    /// The tables that are offered; nil while nobody has read them.
    package var offers: [OfferedTable]?
    /// What an analysis of the schema finds.
    package var findings = [FakeMigration.findings[2]]
    /// What the newest analysis has found; nil before the first.
    package var analysis: ReviewedAnalysis?
    package var decisions = SchemaDecisions()
    /// What the statements of every plan end with, so that a test can change them.
    package var planSuffix = ""
    /// The process id of the worker, nil if none runs.
    package var worker: Int32?
    package var starts = 0
    package var passwords: (source: String?, target: String?) = (nil, nil)
    /// The number of readings after which the worker dies.
    package var stepsToLive: Int?
    /// The reason why the worker cannot be started; nil if it can.
    package var startFailure: String?
    /// The clock; nil for the system's.
    package var now: Double
    /// Whether a step advances the clock, as on a real screen.
    package var clock: (@Sendable () -> Double)?
    private var cutoverOptions: CutoverOptions?

    package init(phase: Phase = .prepare, name: String = "orders", now: Double = 1_700_000_000) {
        self.now = now
        status = MigrationStatus(
            name: name, migrationUUID: "6f1c", exportDirectory: "/nonexistent/orders", phase: phase,
            readAt: now)
    }

    /// Advances the clock and the current work by one step, as one reading of the status does.
    package mutating func step() {
        if let clock { now = clock() }
        status.readAt = now
        if let left = stepsToLive {
            stepsToLive = left > 0 ? left - 1 : nil
            if left == 0 { worker = nil }
        }
        guard worker != nil else {
            status.processIDs[.capture] = nil
            status.processIDs[.apply] = nil
            status.alerts = alerts()
            return
        }
        if let index = records.firstIndex(where: { $0.state == .waiting || $0.state == .running }) {
            work(on: index)
        }
        if status.phase == .snapshot { copyRows() }
        if status.cutovers.last?.word == .initiated { cutOver() }
        if let direction = status.phase.direction, status.phase != .snapshot { stream(direction) }
        if status.phase == .snapshot || status.work.contains(where: { $0.kind == .snapshotExport }) {
            status.work = status.snapshotWork
        }
        status.gates = gates()
        status.legStart = status.phase.direction.map { $0 == .forward ? .snapshot : .position }
        status.processIDs[.capture] = status.phase.direction == nil ? nil : worker
        status.processIDs[.apply] = status.processIDs[.capture]
        status.alerts = alerts()
    }

    package mutating func startWorker(_ sourcePassword: String?, _ targetPassword: String?) {
        starts += 1
        worker = 4000 + Int32(starts)
        passwords = (sourcePassword, targetPassword)
        note("worker", "worker \(4000 + starts) started")
    }

    package mutating func take(_ request: Request, by: String) -> Int64 {
        let id = Int64(records.count + 1)
        records.append(record(id, request, by: by, .waiting))
        note("operator", "\(by): \(request.title)")
        return id
    }

    package mutating func note(_ origin: String, _ message: String, _ level: LogEvent.Level = .info) {
        events.append(
            LogEvent(id: Int64(events.count + 1), at: now, level: level, origin: origin, message: message))
    }

    package func refusal(of request: Request) -> String? {
        switch request {
        case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .fixFindings:
            status.phase.group == .prepare || status.phase.group == .schema
                ? nil : "rows have been moved already, so the schema stays as it is"
        case .importSchema(let options):
            options.postSnapshotImport && status.phase != .streaming
                ? "indexes and triggers come after the snapshot" : nil
        case .chooseTables: nil
        case .startLiveMigration:
            status.phase == .schema ? nil : "the schema must be exported first"
        case .initiateCutover(let options):
            switch (options.to, status.phase) {
            case (.target, .streaming), (.source, .fallBack): nil
            default:
                "a cutover to the \(options.to.rawValue) is not possible in the phase "
                    + "\(status.phase.rawValue)"
            }
        case .endMigration: status.phase == .complete ? nil : "the migration is not complete"
        case .pause, .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover, .setErrorPolicy,
            .retryTable,
            .excludeTable, .acceptDifferences, .decideFindings, .acknowledge, .setVerification, .endSession,
            .stopWorker:
            nil
        }
    }

    package func plan(for request: Request) -> [PlanLine] {
        switch request {
        case .exportSchema, .analyzeSchema, .decideFindings, .fixFindings, .chooseTables, .checkDatabases,
            .mendChecks, .pause, .resume,
            .setApplyMode, .setDiskLimits,
            .approveRelease,
            .abortCutover, .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences,
            .acknowledge, .setVerification, .endSession, .stopWorker:
            []
        case .importSchema:
            [
                PlanLine(
                    side: .target, action: "create table public.customer (id bigint primary key)",
                    undo: "drop table public.customer")
            ]
        case .startLiveMigration:
            [
                PlanLine(
                    side: .source,
                    action: "create publication switchback_orders for table public.customer, public.item",
                    undo: "drop publication switchback_orders"),
                PlanLine(
                    side: .source,
                    action: "select pg_create_logical_replication_slot('switchback_orders', 'pgoutput')",
                    undo: "select pg_drop_replication_slot('switchback_orders')"),
            ]
        case .initiateCutover(let options):
            FakeMigration.cutoverPlan(options)
        case .endMigration: [PlanLine(side: .source, action: "drop publication switchback_orders", undo: nil)]
        }
    }

    // The work of the simulated engine.

    private mutating func work(on index: Int) {
        let old = records[index]
        guard old.state == .running else {
            records[index] = record(old.id, old.request, by: old.by, .running, lines: ["started"])
            return
        }
        finish(index)
    }

    private mutating func finish(_ index: Int) {
        let old = records[index]
        var checks: [CheckResult] = []
        var issues: [SchemaIssue] = []
        var answer = "Done."
        switch old.request {
        case .checkDatabases:
            checks = FakeMigration.checks.filter {
                !mended.contains(CheckName(side: $0.side, name: $0.name))
            }
            answer = "2 checks passed, 1 warning."
        case .chooseTables(let lists): status.tableLists = lists
        case .mendChecks(let names):
            mended += names
            answer = "mended"
        case .exportSchema:
            status.phase = .schema
            answer = "2 tables and 1 index exported."
        case .analyzeSchema:
            issues = analyze()
            answer = "\(issues.count) findings."
        case .decideFindings(let change):
            _ = decisions.takeBack(change.takenBack)
            decisions.take(
                change.decisions.map {
                    var signed = $0
                    (signed.by, signed.at) = (old.by, now)
                    return signed
                })
            answer = change.words
        case .fixFindings(let fixes):
            findings.removeAll { finding in fixes.contains { $0.finding.covers(finding.issue) } }
            issues = analyze()
            answer = "\(fixes.count) changed"
        case .importSchema: answer = "2 statements run."
        case .startLiveMigration:
            status.phase = .snapshot
            status.startedAt = now
            status.tables = FakeMigration.tables(done: false)
            answer = "The snapshot has begun."
        case .pause: status.isPaused = true
        case .resume: status.isPaused = false
        case .setApplyMode(let mode): status.applyMode = mode
        case .setDiskLimits(let limits): status.diskLimits = limits
        case .initiateCutover(let options):
            cutoverOptions = options
            status.phase = options.to == .target ? .cutoverToTarget : .cutoverToSource
            status.route = .neither
            let steps: [(CutoverStep, String)] = [
                (.fence, "fence the \(options.to.other.rawValue)"), (.drain, "drain what is left"),
                (.checksumDestination, "compare every table"), (.release, "release"),
            ]
            status.cutovers.append(
                CutoverStatus(
                    to: options.to, word: .initiated, requestedAt: now,
                    steps: steps.map { step, title in
                        var status = CutoverStepStatus(title: title)
                        status.step = step
                        return status
                    }))
            answer = "Initiated."
        case .approveRelease:
            cutoverOptions?.requiresApproval = false
            status.cutovers[status.cutovers.count - 1].awaitsApproval = false
        case .abortCutover: abort()
        case .setErrorPolicy(let rules): status.incidentRules = rules
        case .retryTable(let name), .excludeTable(let name):
            for index in status.tables.indices where status.tables[index].name == name {
                status.tables[index].note = nil
            }
        case .acceptDifferences(let accepted):
            differences.removeAll { open in accepted.contains { $0.object == open.object } }
        case .acknowledge(let alert, let severity):
            acknowledgements.removeAll { $0.alert == alert }
            acknowledgements.append(Acknowledgement(alert, severity, by: old.by, at: now))
        case .setVerification(let choice): status.verification?.choice = choice
        case .endSession(let end):
            if end.mode == .terminate {
                status.writers?.writers.removeAll { $0.processID == String(end.processID) }
            }
            answer = end.result
        case .endMigration: status.phase = .ended
        case .stopWorker:
            worker = nil
            status.workerIsStopped = true
        }
        records[index] = RequestRecord(
            id: old.id, request: old.request, by: old.by, askedAt: old.askedAt, state: .done, answer: answer,
            lines: old.lines + ["ended"], checks: checks, issues: issues)
        note("engine", "\(old.request.title): \(answer)")
    }

    private mutating func analyze() -> [SchemaIssue] {
        analysis = ReviewedAnalysis(at: now, target: "PostgreSQL 15", objects: 214, findings: findings)
        return findings.map(\.issue)
    }

    private mutating func abort() {
        guard var cutover = status.cutovers.last, cutover.canAbort else { return }
        cutover.word = .aborted
        cutover.abortReason = "asked for by the operator"
        cutover.awaitsApproval = false
        for index in cutover.steps.indices where cutover.steps[index].state != .pending {
            cutover.steps[index].state = .undone
            cutover.steps[index].undoneAt = now
        }
        status.cutovers[status.cutovers.count - 1] = cutover
        status.phase = cutover.to == .target ? .streaming : .fallBack
        status.route = cutover.to.other == .source ? .source : .target
    }

    private mutating func cutOver() {
        guard var cutover = status.cutovers.last else { return }
        defer { status.cutovers[status.cutovers.count - 1] = cutover }
        if let running = cutover.steps.firstIndex(where: { $0.state == .running }) {
            cutover.steps[running].state = .done
            cutover.steps[running].endedAt = now
        }
        guard let next = cutover.steps.firstIndex(where: { $0.state == .pending }) else {
            cutover.word = .completed
            cutover.releasedAt = now
            let goesBack = cutover.to == .target && (cutoverOptions?.prepareForFallBack ?? true)
            status.fallBackEnabled = goesBack
            status.phase = goesBack ? .fallBack : .complete
            status.route = cutover.to == .target ? .target : .source
            return
        }
        if next == cutover.steps.count - 1, cutoverOptions?.requiresApproval == true {
            cutover.awaitsApproval = true
            return
        }
        cutover.steps[next].state = .running
        cutover.steps[next].startedAt = now
    }

    private mutating func copyRows() {
        for index in status.tables.indices where !status.tables[index].snapshotIsDone {
            status.tables[index].exportedRows += status.tables[index].rowsEstimate / 2
            status.tables[index].importedRows = status.tables[index].exportedRows
            status.tables[index].snapshotIsDone =
                status.tables[index].importedRows >= status.tables[index].rowsEstimate - 1
            return
        }
        status.phase = .streaming
    }

    private mutating func stream(_ direction: Direction) {
        var capture =
            status.capture ?? CaptureStatus(direction: direction, slotName: "switchback_orders", now: now)
        var apply = status.apply ?? ApplyStatus(direction: direction, now: now)
        if capture.direction != direction {
            capture = CaptureStatus(direction: direction, slotName: "switchback_back", now: now)
            apply = ApplyStatus(direction: direction, now: now)
        }
        capture.state = RoleState(word: .streaming, since: now)
        apply.state = RoleState(word: .streaming, since: now)
        capture.diskFreeBytes = capture.diskFreeBytes ?? 126_701_535_232
        capture.totalEvents.inserts += 7
        capture.eventsThisRun += 7
        apply.totalEvents = capture.totalEvents
        apply.eventsThisRun = capture.eventsThisRun
        capture.publishedAt = now
        capture.slotReadAt = now
        apply.publishedAt = now
        status.capture = capture
        status.apply = apply
    }

    private func record(
        _ id: Int64, _ request: Request, by: String, _ state: RequestRecord.State, lines: [String] = []
    ) -> RequestRecord {
        RequestRecord(
            id: id, request: request, by: by, askedAt: now, state: state, answer: "", lines: lines,
            checks: [], issues: [])
    }
}
