import Foundation
import Journal
import Postgres
import Records

/// The apply role's stream: the segment log of one leg into one database, over one connection after another.
///
/// Whole source transactions in commit order, one or more in a transaction of the destination, with the watermarks in
/// it. On any restart it goes on from the lowest watermark, and what is at or below its channel's is passed over: that is the
/// whole of the exactly-once rule.
actor ApplyRole {
    private nonisolated let thread = SessionThread(name: "apply")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let uuid: String
    private let ledger: IncidentLedger
    private let schema: SchemaChangeDetector
    private let published: ApplyStatusWriter
    private let segments: LegSegments
    private let slowLookups: SlowLookupWatch
    /// Through here row by row; after that in windows again.
    private var rowsThrough = LSN.zero
    /// What made us go row by row will not fold next time either.
    private var rowsLinger = false
    /// Through here change by change, for one of them cannot be applied.
    private var careful = CarefulStretch()
    /// Tables whose unique values move between rows: their updates are written as deletes and inserts.
    private var splitTables: Set<QualifiedName> = []
    /// The transaction that was void when we last began again.
    private var voidLSN: LSN?
    /// The transaction in which a table was met last that does not fit.
    private var metBefore: LSN?
    private var saidStart = false

    private static let catalogSecondsMin = 5.0

    init(context: RoleContext, leg: Leg) throws {
        self.context = context
        self.leg = leg
        uuid = try context.record().uuid
        ledger = IncidentLedger(context: context, leg: leg, uuid: uuid)
        schema = SchemaChangeDetector(context: context, leg: leg)
        published = ApplyStatusWriter(context.exportDirectory, leg: leg)
        slowLookups = SlowLookupWatch(context, leg)
        segments = LegSegments(context: context, leg: leg, published: published)
    }

    /// Applies until the leg has ended or a stop is asked for; returns true when the leg has ended.
    func run() throws -> Bool {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while true {
            do {
                switch try apply(connected: { patience.connected() }) {
                case .legEnded: return true
                case .beginAgain: continue
                }
            } catch is WatermarkMoved {
                continue
            } catch let need as GoRowByRow {
                goRowByRow(need)
            } catch let need as GoCarefully {
                careful.extend(need, window: rowsThrough)
                rowsThrough = max(rowsThrough, careful.through)
            } catch let need as TableDoesNotFit {
                // What came before in the same window was of the table as it was, and is committed before the hold begins.
                if let lsn = need.lsn, metBefore != lsn {
                    (metBefore, voidLSN) = (lsn, lsn)
                } else {
                    schema.suspect(need)
                }
            } catch {
                do {
                    switch patience.judge(error, progress: published.status.appliedLSN.bytes) {
                    case .again(let milliseconds, let isFirst):
                        if try waitAfter(error, milliseconds: milliseconds, isFirst: isFirst) { return true }
                    case .over(let error): throw error
                    }
                } catch {
                    published.status.state = context.failures.state(
                        of: .apply, after: error, at: secondsNow())
                    published.publish(force: true)
                    throw error
                }
            }
        }
    }

    /// The connection is lost, or a statement met a condition that passes: waits. True when the leg ended meanwhile.
    private func waitAfter(_ error: any Error, milliseconds: Int, isFirst: Bool) throws -> Bool {
        published.status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: milliseconds)
        published.enter(.retrying, reason: "\(error)")
        if isFirst { context.log(.warning, "apply", "\(error); trying again") }
        return try pauseBeforeRetry(milliseconds: milliseconds)
    }

    /// A table that is met for the first time gets another try in windows, its updates split.
    private func goRowByRow(_ need: GoRowByRow) {
        if let table = need.table, splitTables.insert(table).inserted {
            context.log(.info, "apply", "unique values of \(table) move between rows; its updates are split")
        } else {
            rowsThrough = max(rowsThrough, need.through)
            rowsLinger = need.isUnfoldable
        }
    }

    /// Waits, publishing on; true when the leg has ended.
    private func pauseBeforeRetry(milliseconds: Int) throws -> Bool {
        try pause(milliseconds: milliseconds) {
            try context.stop.check()
            published.publish(force: false)
        }
        return try segments.legHasEnded()
    }

    /// Connects, and applies to the end of the stage or of the leg.
    private func apply(connected: () -> Void) throws -> ApplySession.Outcome {
        let connection = try context.connectWriter(leg.direction.destination, as: "apply")
        try context.checkIdentity(leg.direction.destination, connection)
        try connection.becomeReplica()
        try context.ensureMetadata(leg.direction.destination, connection)
        try schema.begin(connection)
        let record = try context.record()
        let tables = try connection.destinationTables(inSchemas: record.schemas)
        let aim = try WantedChannels(record.applyMode, tables.map(\.table), schemas: record.schemas, connection)
        let channels = try ChannelPlanStore(context: context, leg: leg, uuid: uuid).open(
            aim, settingAside: record.tablesToSetAside(leg), connection)
        try schema.finish(channels.plan)
        let tableCounts = try connection.appliedCounts(migration: uuid)
        try ledger.carryOver(connection)
        try ledger.passed(channels.lowest)
        published.begin(channels, tableCounts)
        try connection.acknowledgeAsSet()
        let place = connection.place
        connected()
        let stage = ApplyStage(channels, rowsThrough: rowsThrough, carefulThrough: careful.through)
        let writer = try WriterChoice(
            context: context, leg: leg, uuid: uuid, ledger: ledger, channels: channels,
            destinations: Dictionary(uniqueKeysWithValues: tables.map { ($0.table.name, $0) }),
            slowLookups: slowLookups, splitTables: splitTables, checkedAtOnce: careful.checkedAtOnce
        ).writer(of: stage, connection)
        let planWatch = PlanWatch(
            channels.plan, aim, leg: leg, catalog: writer is ParallelWriter ? catalogLook() : nil, schema: schema)
        if !saidStart { context.log(.info, "apply", "applying to \(place) from \(channels.lowest)") }
        saidStart = true
        published.enter(.streaming)

        guard let first = try segments.awaitFirst(after: channels.lowest) else { return .legEnded }
        let heldSegment = try channels.setAsideFrom(without: record.excluded).flatMap {
            try segments.first(after: $0)?.number
        }
        let replay = LogReplay(
            to: writer, Announcements(to: writer, channels, schema: schema), from: channels.lowest,
            voidLSN: voidLSN, ledger: ledger, published: published)
        defer { voidLSN = replay.voidLSN }
        return try ApplySession(
            context: context, leg: leg, stage: stage, replay: replay, segments: segments,
            published: published, planWatch: planWatch,
            lingeringRows: rowsLinger ? writer as? RowWriter : nil, heldSegment: heldSegment
        ).run(from: first)
    }

    private func catalogLook() -> DestinationMonitor<Set<QualifiedName>> {
        DestinationMonitor(context, leg, secondsMin: Self.catalogSecondsMin) {
            try $0.tablesOfOneKey(inSchemas: $1)
        }
    }
}
