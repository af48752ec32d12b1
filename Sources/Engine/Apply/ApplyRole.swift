import Foundation
import Journal
import Records

/// The apply role: it applies the log of one leg to one database, over one connection after another.
///
/// Whole source transactions are applied in commit order, one or more in a transaction of the destination,
/// which also moves the watermarks. A new connection begins at the lowest watermark and passes over what is
/// at or below the watermark of its channel. That is the whole exactly-once rule.
actor ApplyRole {
    private nonisolated let thread = SessionThread(name: "apply")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let ledger: IncidentLedger
    private let schema: SchemaChangeDetector
    private let published: ApplyStatusWriter
    private let segments: LegSegments
    private let slowLookups: SlowLookupMonitor
    private var machine: ApplyMachine

    init(context: RoleContext, leg: Leg) throws {
        self.context = context
        self.leg = leg
        ledger = IncidentLedger(context: context, leg: leg)
        schema = SchemaChangeDetector(context: context, leg: leg)
        published = ApplyStatusWriter(context.exportDirectory, leg: leg)
        slowLookups = SlowLookupMonitor(context, leg)
        segments = LegSegments(context: context, leg: leg, published: published)
        machine = ApplyMachine(
            attemptsMax: context.options.applyAttemptsMax ?? context.options.attemptsMax)
    }

    /// Applies until the leg has ended, and then returns true; throws when a stop is requested or the role
    /// fails.
    func run() throws -> Bool {
        var session: ApplySession?
        var action = ApplyMachine.Action.connect(nil)
        while true {
            let event: ApplyMachine.Event
            switch action {
            case .connect(let finding):
                if let finding { note(finding) }
                do {
                    session = try connect()
                    event = .connected
                } catch { event = .notConnected(ending(error)) }
            case .apply(let isFirst):
                // The session and its connections are gone before anything else is done.
                event = session.take().map { apply($0, isFirst: isFirst) } ?? .notConnected(.beginAgain)
            case .wait(let error, let milliseconds, let isFirst):
                event = wait(after: error, milliseconds: milliseconds, isFirst: isFirst)
            case .end: return true
            case .fail(let error):
                published.status.state = context.failures.state(of: .apply, after: error, at: secondsNow())
                published.publish(force: true)
                throw error
            }
            action = machine.next(event)
        }
    }

    private func note(_ finding: ApplyMachine.Finding) {
        switch finding {
        case .split(let table):
            context.log(.info, "apply", "unique values of \(table) move between rows; its updates are split")
        case .mismatch(let mismatch): schema.suspect(mismatch)
        }
    }

    private func apply(_ session: ApplySession, isFirst: Bool) -> ApplyMachine.Event {
        if isFirst { context.log(.info, "apply", "applying to \(session.place) from \(session.lowest)") }
        published.enter(.streaming)
        do {
            switch try session.run() {
            case .legEnded: return .over(.legEnded, voidLSN: session.voidLSN)
            case .beginAgain: return .over(.beginAgain, voidLSN: session.voidLSN)
            }
        } catch { return .over(ending(error), voidLSN: session.voidLSN) }
    }

    private func ending(_ error: any Error) -> ApplyMachine.Ending {
        switch error {
        case let interruption as ApplyInterruption: .interrupted(interruption)
        case let mismatch as TableDoesNotFit: .interrupted(.tableDoesNotFit(mismatch))
        default: .failed(error, progress: published.status.appliedLSN.number)
        }
    }

    /// Waits before another attempt, and keeps publishing.
    private func wait(after error: any Error, milliseconds: Int, isFirst: Bool) -> ApplyMachine.Event {
        published.status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: milliseconds)
        published.status.failed(error, at: secondsNow())
        published.enter(.retrying, reason: "\(error)")
        if isFirst { context.log(.warning, "apply", "\(error); trying again") }
        do {
            try pause(milliseconds: milliseconds) {
                try context.stop.check()
                published.publish(force: false)
            }
            return .waited(legHasEnded: try segments.legHasEnded())
        } catch { return .notConnected(ending(error)) }
    }

    // MARK: A connection

    /// Connects, brings the wanted plan into force, and makes the session that applies.
    private func connect() throws -> ApplySession {
        let session = try context.destination(of: leg).connectToApply()
        try schema.begin(session)
        let record = try context.record()
        let tables = try session.tables()
        let wanted = try WantedChannels(
            record.applyMode, tables, session, keys: record.channelKeys)
        let plans = ChannelPlanStore(context: context, leg: leg)
        func counted() throws -> [QualifiedName: ChangeCounts] {
            try session.appliedCounts().renamed(to: tables.map(\.name))
        }
        // Without a plan, nothing of the leg is applied or under way.
        if try !plans.hasPlan() {
            try LegCounts.keepBaseline(try counted(), of: leg, record.legs, context.journal)
        }
        let channels = try plans.open(
            wanted, settingAside: record.tablesToSetAside(leg), session)
        try schema.finish(channels.plan)
        // The destination counts all rounds.
        let earlier = try LegCounts.baseline(of: leg, record.legs, context.journal)
        let tableCounts = try counted().without(earlier)
        try ledger.carryOver(session)
        try ledger.passed(channels.lowest)
        published.begin(channels, tableCounts, without: earlier.values.reduce(.zero, +))
        try session.acknowledgeAsSet()
        let place = session.place
        machine.reached()
        let stage = ApplyStage(
            channels, rowsThrough: machine.rowsThrough, changesThrough: machine.changeStretch.through,
            bounds: context.options.applyBounds)
        let writer = try session.writer(
            of: stage, channels, splitting: machine.splitTables,
            checkingAtOnce: machine.changeStretch.checkedAtOnce, ledger: ledger, slowLookups: slowLookups)
        let planMonitor = PlanMonitor(
            channels.plan, wanted, leg: leg, catalog: stage.kind == .parallel ? catalogMonitor() : nil,
            schema: schema)
        let replay = LogReplay(
            to: writer, PendingRelations(to: writer, channels, schema: schema), from: channels.lowest,
            voidLSN: machine.voidLSN, ledger: ledger, published: published)
        return ApplySession(
            context: context, leg: leg, stage: stage, replay: replay, segments: segments,
            published: published, planMonitor: planMonitor, keepsRows: machine.keepsRows,
            channels: channels, place: place, excluded: record.excluded)
    }

    /// The check for new unique indexes, for several channels.
    private func catalogMonitor() -> DestinationMonitor<Set<QualifiedName>> {
        DestinationMonitor(context, leg, pace: .tablesOfOneKey) { try $0.tablesOfOneKey() }
    }
}
