import Foundation
import Journal
import Postgres
import Records

/// The apply role's stream: the segment log of one leg into one database.
///
/// Whole source transactions in commit order, one or more in a transaction of the destination, with the watermarks in
/// it. On any restart it goes on from the lowest watermark, and what is at or below its lane's is passed over: that is the
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
    private let schema: SchemaWatch
    /// Relations that were announced, and of which no change has come since that is to be applied.
    private var unannounced: [UInt32: RelationMessage] = [:]
    private var gate = RelationGate(nil)
    private var status: ApplyStatus
    private let publisher: StatusPublisher
    private var meter: RateMeter
    private var tableCounts: [String: ChangeCounts] = [:]
    private var meteredEvents: Int64 = 0
    private var writer: (any TransactionWriter)?
    /// Through here row by row; after that in windows again.
    private var rowsThrough = LSN.zero
    /// What made us go row by row will not fold next time either.
    private var rowsLinger = false
    /// Through here change by change, for one of them cannot be applied.
    private var careful = CarefulStretch()
    private var carefulWriter: CarefulWriter?
    /// Tables whose unique values move between rows: their updates are written as deletes and inserts.
    private var splitTables: Set<String> = []
    /// The commit times of what was sent, to tell the lag when it is committed.
    private var commitTimes: [(lsn: LSN, microseconds: Int64)] = []
    private var transaction = OpenTransaction(watermark: .zero)
    private var saidStart = false

    private static let publishSeconds = 0.25
    private static let recordSeconds = 0.2
    /// So many messages, or bytes of them, are taken between two looks at the clock and at the size of what is open.
    private static let messagesPerLook = 64
    private static let bytesPerLook = 1 << 20

    init(context: RoleContext, leg: Leg) throws {
        self.context = context
        self.leg = leg
        uuid = try context.record().uuid
        ledger = IncidentLedger(context: context, leg: leg, uuid: uuid)
        schema = SchemaWatch(context: context, leg: leg)
        publisher = StatusPublisher(context.exportDirectory, capture: false)
        let now = secondsNow()
        status = ApplyStatus(direction: leg.direction, now: now)
        meter = RateMeter(startedAt: now)
        // Until the database is reached, what it said last; never a zero that means "not known".
        let path = StatusFile.path(context.exportDirectory, capture: false)
        if let last = StatusFile.read(ApplyStatus.self, from: path), last.status.direction == leg.direction {
            status.totalEvents = last.status.totalEvents
            status.appliedLSN = last.status.appliedLSN
            tableCounts = last.tables
        }
    }

    /// Applies until the leg has ended or a stop is asked for; returns true when the leg has ended.
    func run() throws -> Bool {
        var backoff = Backoff()
        while true {
            do {
                return try apply { backoff.reset() }
            } catch is Reseek {
                continue
            } catch is WatermarkMoved {
                continue
            } catch let need as GoRowByRow {
                // A table that is met for the first time gets another try in windows, its updates split.
                if let table = need.table, splitTables.insert(table).inserted {
                    context.log(
                        .info, "apply", "unique values of \(table) move between rows; its updates are split")
                } else {
                    rowsThrough = max(rowsThrough, need.through)
                    rowsLinger = need.isUnfoldable
                }
            } catch let need as GoCarefully {
                careful.extend(through: need.through, window: rowsThrough)
                rowsThrough = max(rowsThrough, careful.through)
            } catch let need as TableDoesNotFit {
                schema.suspect(need)
            } catch  where isConnectionLoss(error) {
                let wait = backoff.next()
                status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: wait)
                status.state = RoleState(word: .retrying, reason: "\(error)", since: secondsNow())
                if backoff.attempts == 1 { context.log(.warning, "apply", "\(error); trying again") }
                let until = secondsNow() + Double(wait) / 1000
                while secondsNow() < until {
                    if context.stop.isRequested { throw CancellationError() }
                    publish(force: false)
                    usleep(20_000)
                }
                if try legHasEnded() { return true }
            } catch {
                status.state = RoleState(word: .stopped, reason: "\(error)", since: secondsNow())
                publish(force: true)
                throw error
            }
        }
    }

    /// The position in the log is void: begin again at the watermark.
    private struct Reseek: Error {}

    /// The transaction that was void when we last began again. What is complete before it is committed before its
    /// beginning, or the same void transaction would send us back for ever.
    private var voidLSN: LSN?

    private func legHasEnded() throws -> Bool { try context.record().hasEnded(leg) }

    private func apply(connected: () -> Void) throws -> Bool {
        let connection = try context.connect(leg.direction.destination, as: "apply")
        try context.checkIdentity(leg.direction.destination, connection)
        try connection.ensureMetadata(migration: uuid)
        try connection.becomeReplica()
        try schema.begin(connection)
        let record = try context.record()
        let tables = try connection.tables(inSchemas: record.schemas)
        let aim = try LaneAim(record.applyMode, tables, schemas: record.schemas, connection)
        let lanes = try openLanes(aim, record, connection)
        try schema.finish(lanes.plan)
        gate = RelationGate(lanes)
        unannounced = [:]
        tableCounts = try connection.appliedCounts(migration: uuid)
        try ledger.carryOver(connection)
        try ledger.passed(lanes.lowest)
        let place = connection.place
        status.totalEvents = lanes.counts
        status.appliedLSN = lanes.lowest
        status.lanes = lanes.plan.channels.count
        connected()
        let stage = ApplyStage(lanes, rowsThrough: rowsThrough, carefulThrough: careful.through)
        let writer = try makeWriter(
            stage, lanes,
            destinations: Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) }), connection)
        let watch =
            writer is LaneWriter
            ? CatalogWatch(
                try context.connect(leg.direction.destination, as: "apply watch"), schemas: record.schemas,
                aim.tablesOfOneKey) : nil
        self.writer = writer
        carefulWriter = writer as? CarefulWriter
        commitTimes = []
        defer {
            self.writer = nil
            carefulWriter = nil
        }
        if !saidStart { context.log(.info, "apply", "applying to \(place) from \(lanes.lowest)") }
        saidStart = true
        status.state = RoleState(word: .streaming, since: secondsNow())

        guard let first = try awaitFirstSegment(lanes.lowest) else { return true }
        let watchOfLog = SegmentWatch(exportDirectory: context.exportDirectory)
        // What a held table has before it needs the log.
        let heldSegment = try lanes.heldFrom(without: record.excluded).flatMap {
            try firstSegment($0)?.number
        }
        var reader = SegmentReader(exportDirectory: context.exportDirectory, from: first)
        transaction = OpenTransaction(watermark: lanes.lowest)
        var recordAt = 0.0
        var (now, messagesSinceLook, bytesSinceLook) = (secondsNow(), 0, 0)
        var idleSince: Double?
        var pace = WindowPace()
        while true {
            var isBarrier = false
            let frame = try reader.next { message in
                isBarrier = try take(message)
                bytesSinceLook += message.byteCount
            }
            messagesSinceLook += 1
            var isLook = false
            if case .message = frame, messagesSinceLook < Self.messagesPerLook,
                bytesSinceLook < Self.bytesPerLook
            {
                // A look a message would cost as much as the message. A transaction that goes on needs none.
                if transaction.isOpen { continue }
            } else {
                now = secondsNow()
                (messagesSinceLook, bytesSinceLook) = (0, 0)
                isLook = true
            }
            switch frame {
            case .header(let header):
                if header.leg != leg.number {
                    // The log goes on with the next leg; this one's is at its end.
                    try commitAll()
                    return try awaitEndOfLeg()
                }
                if !header.continuesTransaction, transaction.isOpen {
                    // The capture died inside a transaction; the server sends it again whole. What else is in our
                    // destination transaction goes with it and is applied again from the watermark.
                    voidLSN = transaction.finalLSN
                    throw Reseek()
                }
                note(try writer.settle(wait: true))
                transaction.segment = header.number
                let isPending = transaction.isOpen || transaction.batchStartedAt != nil
                try context.journal.segmentsApplied(
                    below: min(
                        isPending ? transaction.batchSegment : header.number, heldSegment ?? header.number),
                    leg: leg.number, toSource: leg.direction == .reverse)
            case .message:
                idleSince = nil
                let isFull =
                    writer.pendingChanges >= stage.changesMax || writer.pendingBytes >= stage.bytesMax
                if transaction.isOpen {
                    if isFull { try writer.writePart(of: transaction.finalLSN) }
                } else if isBarrier || isFull && transaction.batchStartedAt != nil
                    || stage.endsWindow(at: transaction.batchLSN)
                    || (transaction.batchStartedAt.map { now - $0 > stage.batchSeconds } ?? false)
                {
                    try commit()
                    if isBarrier { note(try writer.settle(wait: true)) }
                } else if transaction.batchStartedAt != nil {
                    if reader.isDrained {
                        // What is there goes out before the log is looked at again.
                        now = secondsNow()
                        try sendIfDue(&pace, at: now)
                    } else if isLook,
                        pace.isWorthwhile(changes: writer.pendingChanges, bytes: writer.pendingBytes)
                    {
                        note(try writer.settle(wait: false))
                        try sendIfDue(&pace, at: now)
                    }
                }
            case .end:
                note(try writer.settle(wait: false))
                try sendIfDue(&pace, at: now)
                publish(force: false)
                idleSince = idleSince ?? now
                if watchOfLog.wait(writer.awaited, isBrief: transaction.batchStartedAt != nil) {
                    pace.logGrew(at: secondsNow())
                }
            }
            if !transaction.isOpen,
                stage.isOver(
                    at: max(transaction.watermark, transaction.batchLSN),
                    lingering(writer, idleSeconds: idleSince.map { now - $0 } ?? 0))
            {
                try commitAll()
                throw Reseek()
            }
            if now - recordAt > Self.recordSeconds {
                recordAt = now
                publish(force: false)
                if context.stop.isRequested { throw CancellationError() }
                let record = try context.record()
                if record.hasEnded(leg), case .end = frame, !transaction.isOpen {
                    try commitAll()
                    return try finish()
                }
                if record.isPaused, !transaction.isOpen {
                    try commitAll()
                    try waitWhilePaused()
                }
                // A new plan begins at a level point, on new connections.
                if !transaction.isOpen,
                    try record.applyMode != aim.mode || watch?.seesChange() == true
                        || record.isHeldOtherwise(than: lanes.plan, leg) || schema.seesChange()
                {
                    try commitAll()
                    throw Reseek()
                }
            }
        }
    }

    /// The lanes, under the plan that is wanted where they are level.
    private func openLanes(
        _ aim: LaneAim, _ record: MigrationRecord, _ connection: borrowing PostgresConnection
    ) throws -> OpenLanes {
        let book = LaneBook(context: context, leg: leg, uuid: uuid)
        var lanes = try book.open(connection)
        while let change = lanes.plan.step(toHold: record.tablesToHold(leg)) {
            lanes = try book.adopt(change, from: lanes, connection)
        }
        // Where the answer to a COMMIT was lost the server may still be at it: then a channel moves, and we begin again.
        guard lanes.isLevel, let change = aim.change(of: lanes.plan) else { return lanes }
        let next = try book.adopt(change, from: lanes, connection)
        context.log(.info, "apply", "applying \(aim.mode), from \(next.lowest)")
        return next
    }

    private func makeWriter(
        _ stage: ApplyStage, _ lanes: OpenLanes, destinations: [QualifiedName: Table],
        _ connection: consuming PostgresConnection
    ) throws -> any TransactionWriter {
        let sieve = lanes.needsSieve ? ChangeSieve(lanes) : nil
        switch stage.kind {
        case .changes:
            let setAside = try connection.setAsideCount(migration: uuid, leg: leg.number)
            return CarefulWriter(
                try ChangeApplier(
                    connection: connection, uuid: uuid, channels: lanes.active, destinations: destinations),
                sieve: sieve, ledger: ledger, setAside: setAside)
        case .rows:
            return RowWriter(
                try ChangeApplier(
                    connection: connection, uuid: uuid, channels: lanes.active, destinations: destinations),
                sieve: sieve)
        case .lanes where lanes.plan.channels.count > 1:
            return try laneWriter(lanes, destinations: destinations, connection)
        case .levelling, .lanes:
            return WindowWriter(
                try WindowApplier(
                    connection: connection, uuid: uuid, channels: lanes.active, splitTables: splitTables),
                destinations: destinations, sieve: sieve)
        }
    }

    /// A connection for each lane; the first one is there.
    private func laneWriter(
        _ lanes: OpenLanes, destinations: [QualifiedName: Table], _ connection: consuming PostgresConnection
    ) throws -> LaneWriter {
        func applier(_ slot: Int, _ connection: consuming PostgresConnection) throws -> WindowApplier {
            try connection.execute("set lock_timeout = '\(LaneWriter.lockSeconds)s'", doing: "ready a lane")
            return try WindowApplier(
                connection: connection, uuid: uuid, channels: [lanes.positions[slot]],
                splitTables: splitTables)
        }
        var appliers = [try applier(0, connection)]
        for slot in lanes.plan.channels.indices.dropFirst() {
            let connection = try context.connect(leg.direction.destination, as: "apply")
            try connection.becomeReplica()
            appliers.append(try applier(slot, connection))
        }
        return LaneWriter(appliers, plan: lanes.plan, destinations: destinations)
    }

    /// How it stands with rows that may stay a little longer; nil for everything else.
    private func lingering(_ writer: any TransactionWriter, idleSeconds: Double) -> ApplyStage.RowsSoFar? {
        guard rowsLinger, let rows = writer as? RowWriter else { return nil }
        return ApplyStage.RowsSoFar(foldableChanges: rows.foldableChanges, idleSeconds: idleSeconds)
    }

    /// Takes one message of the log; true when a transaction with a barrier has just ended.
    private func take(_ message: RawSpan) throws -> Bool {
        guard let writer else { return false }
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case UInt8(ascii: "I"), UInt8(ascii: "U"), UInt8(ascii: "D"), UInt8(ascii: "T"):
            transaction.changes += 1
            guard !transaction.isDuplicate else { break }
            if gate.isActive || !unannounced.isEmpty, try !isToBeApplied(message) { break }
            carefulWriter?.changeNumber = transaction.changes
            try writer.take(message, in: transaction.finalLSN)
        case UInt8(ascii: "B"):
            let finalLSN = LSN(bytes: try cursor.uint64(in: message))
            if let voidLSN, finalLSN >= voidLSN {
                try commitAll()
                self.voidLSN = nil
            }
            if transaction.batchStartedAt == nil { transaction.batchSegment = transaction.segment }
            transaction.isOpen = true
            transaction.changes = 0
            transaction.finalLSN = finalLSN
            transaction.commitMicroseconds = Int64(bitPattern: try cursor.uint64(in: message))
            transaction.isDuplicate = finalLSN <= max(transaction.watermark, transaction.batchLSN)
            transaction.isBarrier = false
        case UInt8(ascii: "C"):
            _ = try cursor.byte(in: message)
            let commitLSN = LSN(bytes: try cursor.uint64(in: message))
            transaction.isOpen = false
            guard !transaction.isDuplicate else { return false }
            transaction.batchLSN = commitLSN
            if transaction.batchStartedAt == nil { transaction.batchStartedAt = secondsNow() }
            return transaction.isBarrier
        case UInt8(ascii: "R"):
            // It reaches the writer with the first change that is to be applied: what was applied before may have been to a
            // table that is no longer so.
            if case .relation(let relation) = try ChangeMessage.decode(message) {
                unannounced[relation.id] = relation
                gate.announce(relation)
            }
        case UInt8(ascii: "M"):
            if case .message(_, _, Barrier.prefix, _) = try ChangeMessage.decode(message) {
                transaction.isBarrier = true
            }
        case UInt8(ascii: "O"), UInt8(ascii: "Y"): break
        default: throw MalformedMessage(offset: 0, expected: "the letter of a message of pgoutput protocol 1")
        }
        return false
    }

    /// Whether anything of a change is left to do; announces its tables to the writer before the first.
    private func isToBeApplied(_ message: RawSpan) throws -> Bool {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) != UInt8(ascii: "T") else {
            guard case .truncate(let ids, _, _) = try ChangeMessage.decode(message) else { return true }
            for id in ids { try announce(id) }
            return ids.contains { !gate.passes($0, transaction.finalLSN) }
        }
        let id = try cursor.uint32(in: message)
        if gate.passes(id, transaction.finalLSN) {
            if let relation = unannounced[id], gate.isNewsOfHeld(id) { try schema.noteHeld(relation) }
            return false
        }
        try announce(id)
        return true
    }

    private func announce(_ id: UInt32) throws {
        guard let writer, let relation = unannounced[id] else { return }
        if !gate.passes(id, transaction.finalLSN) {
            try schema.check(relation, isCatchingUp: gate.isCatchingUp(relation))
        }
        try writer.announce(relation, in: transaction.finalLSN)
        unannounced[id] = nil
    }

    /// Sends the batch where it is time. While the server is at one window the next one fills; it goes out when that one is
    /// through.
    private func sendIfDue(_ pace: inout WindowPace, at now: Double) throws {
        guard let writer, !transaction.isOpen, transaction.batchStartedAt != nil, writer.isSettled,
            pace.isWorthwhile(changes: writer.pendingChanges, bytes: writer.pendingBytes)
                || pace.isDue(at: now, committedAt: transaction.committedAt)
        else { return }
        pace.sent(changes: writer.pendingChanges, at: now)
        try commit()
    }

    /// Sends the batch for commit.
    private func commit() throws {
        guard let writer else { return }
        commitTimes.append((transaction.batchLSN, transaction.commitMicroseconds))
        transaction.batchStartedAt = nil
        note(try writer.commit(through: transaction.batchLSN))
    }

    /// Sends the batch, if there is one, and waits until all that was sent is committed.
    private func commitAll() throws {
        if transaction.batchStartedAt != nil { try commit() }
        if let writer { note(try writer.settle(wait: true)) }
    }

    /// Takes note of what is committed now.
    private func note(_ applied: [AppliedWindow]) {
        guard let last = applied.last else { return }
        let now = secondsNow()
        for window in applied {
            for (table, change) in window.counts {
                tableCounts[table, default: .zero] += change
                status.totalEvents += change
                status.eventsThisRun += change.total
            }
        }
        transaction.watermark = last.lsn
        notePassed(last.lsn)
        status.appliedLSN = last.lsn
        if let time = commitTimes.last(where: { $0.lsn <= last.lsn }) {
            status.commitLagSeconds = max(0, now - secondsOf(time.microseconds))
        }
        commitTimes.removeAll { $0.lsn <= last.lsn }
        publish(force: false)
    }

    private func notePassed(_ lsn: LSN) {
        do { try ledger.passed(lsn) } catch {
            // It is noted again by the next start.
            context.log(.warning, "apply", "the end of an incident could not be noted: \(error)")
        }
    }

    /// The file that holds what comes after a position.
    private func firstSegment(_ watermark: LSN) throws -> StoredSegment? {
        let segments = try context.journal.segments().filter {
            $0.leg == leg.number && !$0.continuesTransaction
        }
        return segments.last { $0.afterLSN <= watermark } ?? segments.first
    }

    /// The file to begin with; nil when the leg ended before there was any.
    private func awaitFirstSegment(_ watermark: LSN) throws -> Int? {
        while true {
            if let start = try firstSegment(watermark) {
                guard !start.isDeleted else {
                    throw RequestRefused(
                        "segment \(start.number) is needed from \(watermark) on and was deleted; bring it back to "
                            + "\(start.path) from the archive, then start again")
                }
                return start.number
            }
            if context.stop.isRequested { throw CancellationError() }
            if try legHasEnded() { return nil }
            publish(force: false)
            usleep(50_000)
        }
    }

    private func awaitEndOfLeg() throws -> Bool {
        while try !legHasEnded() {
            if context.stop.isRequested { throw CancellationError() }
            publish(force: false)
            usleep(50_000)
        }
        return try finish()
    }

    private func finish() throws -> Bool {
        try context.journal.segmentsApplied(below: .max, leg: leg.number, toSource: leg.direction == .reverse)
        status.state = RoleState(word: .done, since: secondsNow())
        publish(force: true)
        try LegCounts.keep(tableCounts, leg: leg.number, exported: false, journal: context.journal)
        return true
    }

    private func waitWhilePaused() throws {
        status.state = RoleState(word: .paused, reason: "paused by the operator", since: secondsNow())
        context.log(.info, "apply", "paused; the capture goes on")
        while try context.record().isPaused {
            if context.stop.isRequested { throw CancellationError() }
            publish(force: false)
            usleep(100_000)
        }
        status.state = RoleState(word: .streaming, since: secondsNow())
        context.log(.info, "apply", "resumed")
    }

    private func publish(force: Bool) {
        let now = secondsNow()
        guard force || now - status.publishedAt >= Self.publishSeconds else { return }
        meter.add(status.eventsThisRun - meteredEvents, at: now)
        meteredEvents = status.eventsThisRun
        status.eventsPerSecondLastMinute = meter.rate(overSeconds: 60, at: now)
        status.eventsPerSecondLast3Minutes = meter.rate(overSeconds: 180, at: now)
        status.eventsPerSecondLast10Minutes = meter.rate(overSeconds: 600, at: now)
        status.publishedAt = now
        publisher.publish(PublishedStatus(status: status, tables: tableCounts), wait: force)
    }
}
