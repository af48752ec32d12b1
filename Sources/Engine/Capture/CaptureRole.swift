import Foundation
import Journal
import Postgres
import Records

/// The capture role's stream: one database's changes into the segment log, for one leg.
///
/// It lives on a thread of its own; its loop looks at the stop signal and the journal at least every 200 ms.
actor CaptureRole {
    private nonisolated let thread = SessionThread(name: "capture")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private var status: CaptureStatus
    private let publisher: StatusPublisher
    private var meter: RateMeter
    private let log: CaptureLog
    private let streamed: StreamedTransactions
    private var meteredEvents: Int64 = 0
    private var lastBarrierSeen = false
    private var flushedAt = 0.0
    /// Whether this connection was asked for transactions before their commit, and whether the next one is.
    private var streamsOpenTransactions = false
    private var takesOpenTransactions = true
    private let originWatch: OriginWatch
    private var slotWatch = SlotWatch()
    /// On this connection.
    private var isBeatRefused = false
    private var gauge: QueueGauge

    private static let publishSeconds = 0.25
    private static let recordSeconds = 0.2
    private static let slotSeconds = 2.0
    private static let confirmSeconds = 5.0
    /// While a transaction is read back nothing is read of the stream, nor is a keepalive answered.
    private static let confirmSecondsReadingBack = 1.0
    private static let lastBarrierSeconds = 10.0
    private static let roomMicroseconds: UInt32 = 200_000
    /// A right that lacks, no such function, a read-only transaction, not supported.
    private static let beatRefusals = ["42501", "42883", "25006", "0A000"]
    /// What was appended is on disk after as long, or as much, at the latest.
    private static let syncSeconds = 0.1
    private static let syncBytes = 8 << 20
    /// With as much beyond the sync that is under way, the stream waits for it.
    private static let unsyncedBytesMax = 64 << 20
    /// A stream that has brought so many messages at once is busy: a pause lets the server gather more of them, which costs
    /// both sides far less than waking for each. An idle stream is answered at once.
    private static let busyMessages = 64
    private static let busyPauseMicroseconds: UInt32 = 150
    /// Of a busy stream the reader of the log is told so often: each time wakes it.
    private static let busyFlushSeconds = 0.001
    /// And inside a transaction so often, for what came before it.
    private static let openFlushSeconds = 0.005
    /// So long a message is waited for, and only so long while the reader has not been told of all.
    private static let waitMilliseconds = 20
    private static let unflushedWaitMilliseconds = 1
    /// So many messages at most between two looks at the clock.
    private static let receiveMessagesMax = 4000

    private static var streamEnded: PostgresError {
        PostgresError(kind: .connection, message: "the server ended the stream", doing: "stream")
    }

    init(context: RoleContext, leg: Leg) throws {
        self.context = context
        self.leg = leg
        originWatch = OriginWatch(context: context, leg: leg)
        gauge = QueueGauge(try context.journal.segments().filter { $0.leg == leg.number })
        publisher = StatusPublisher(context.exportDirectory, capture: true)
        let now = secondsNow()
        status = CaptureStatus(direction: leg.direction, slotName: leg.slotName, now: now)
        meter = RateMeter(startedAt: now)
        var snapshotLSNs: [QualifiedName: LSN] = [:]
        if leg.direction == .forward {
            for table in try context.journal.tables() { snapshotLSNs[table.table.name] = table.snapshotLSN }
        }
        log = try CaptureLog(
            journal: context.journal, exportDirectory: context.exportDirectory, leg: leg,
            snapshotLSNs: snapshotLSNs)
        streamed = try StreamedTransactions(log: log, exportDirectory: context.exportDirectory)
    }

    /// Streams until the leg has ended or a stop is asked for; returns true when the leg has ended.
    func run() throws -> Bool {
        var backoff = Backoff()
        defer { forgetStreamed() }
        while true {
            do {
                return try stream { backoff.reset() }
            } catch  where isConnectionLoss(error) {
                try log.connectionLost()
                try streamed.forget()
                let wait = backoff.next()
                status.state = RoleState(word: .retrying, reason: "\(error)", since: secondsNow())
                status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: wait)
                if backoff.attempts == 1 { context.log(.warning, "capture", "\(error); trying again") }
                if try pauseBeforeRetry(milliseconds: wait) { return true }
            } catch let error as PostgresError where error.isOfStream && streamsOpenTransactions {
                // PostgreSQL (15, 17 and 18 were seen) fails so, again and again, where a savepoint that changed a table's
                // catalog rows, by TRUNCATE say, was rolled back and the transaction changes them once more: in its
                // middle it takes the row for deleted by what was rolled back. At the commit it knows better.
                takesOpenTransactions = false
                try log.connectionLost()
                try streamed.forget()
                context.log(
                    .warning, "capture",
                    "\(error); the server cannot decode a transaction that is still open, and is asked for whole ones from here on"
                )
            } catch {
                status.state = RoleState(word: .stopped, reason: "\(error)", since: secondsNow())
                publish(force: true)
                throw error
            }
        }
    }

    /// What is streamed before its commit means nothing without the connection; where a file of it cannot be deleted now, the
    /// next start does it.
    private func forgetStreamed() {
        do { try streamed.forget() } catch { context.log(.warning, "capture", "\(error)") }
    }

    /// Waits, publishing on; true when the leg ended meanwhile.
    private func pauseBeforeRetry(milliseconds: Int) throws -> Bool {
        let until = secondsNow() + Double(milliseconds) / 1000
        while secondsNow() < until {
            if context.stop.isRequested { throw CancellationError() }
            publish(force: false)
            usleep(20_000)
        }
        return try legHasEnded()
    }

    private func legHasEnded() throws -> Bool { try context.record().hasEnded(leg) }

    private func stream(connected: () -> Void) throws -> Bool {
        let control = try context.connect(leg.direction.origin, as: "capture")
        try checkSlot(control)
        let stream = try ReplicationStream(
            try context.access(leg.direction.origin),
            applicationName: "\(PostgresConnection.applicationPrefix) stream")
        try start(stream, control)
        isBeatRefused = false
        connected()
        context.log(.info, "capture", "streaming from \(control.place), slot \(leg.slotName)")
        status.state = RoleState(word: .streaming, since: secondsNow())

        var (syncedAt, recordAt, slotAt, confirmedAt) = (secondsNow(), 0.0, 0.0, 0.0)
        while true {
            let now = secondsNow()
            let event = try receive(stream)
            var isDurable = try log.finishSync(wait: log.unsyncedBytes > Self.unsyncedBytesMax)
            if log.unsyncedBytes > 0 {
                if !log.isSyncing, now - syncedAt > Self.syncSeconds || log.unsyncedBytes > Self.syncBytes {
                    try log.startSync()
                    syncedAt = now
                }
            } else if event == .nothing, !log.isSyncing {
                // Nothing waits for the disk: what was received and not logged is as good as durable.
                try log.sync()
                isDurable = log.durableThrough > status.confirmedLSN
            }
            let confirmSeconds =
                streamed.isReadingBack ? Self.confirmSecondsReadingBack : Self.confirmSeconds
            if isDurable || now - confirmedAt > confirmSeconds {
                try confirm(stream, at: now)
                confirmedAt = now
            }
            if case .keepalive(_, true) = event { try confirm(stream, at: now) }
            if event == .ended { throw Self.streamEnded }
            if now - slotAt > Self.slotSeconds {
                try watchSlot(control)
                slotAt = now
            }
            if now - recordAt > Self.recordSeconds {
                recordAt = now
                try originWatch.look(
                    control, truncates: log.truncates, received: log.receivedThrough)
                if context.stop.isRequested {
                    try log.sync()
                    try confirm(stream, at: now)
                    throw CancellationError()
                }
                if try legHasEnded() { return try finish(stream, control) }
                try waitForRoom(stream, control)
            }
            publish(force: false)
        }
    }

    /// Starts the slot, waiting a bounded time for a walsender of ours that died to let go of it.
    private func start(_ stream: borrowing ReplicationStream, _ control: borrowing PostgresConnection) throws
    {
        let waitMilliseconds = 200
        let attemptsMax = 50
        let asked =
            takesOpenTransactions ? stream.streamProtocol : stream.streamProtocol.withoutOpenTransactions
        streamsOpenTransactions = asked.streamsOpenTransactions
        for attempt in 1...attemptsMax {
            do {
                return try stream.start(
                    slot: leg.slotName, at: .zero, publication: leg.publicationName, asking: asked)
            } catch {
                // 55000: its WAL went between the look at it and now; 42704: the slot itself did. The look says it better.
                if ["55000", "42704"].contains(error.sqlState) { try checkSlot(control) }
                guard error.sqlState == "55006", attempt < attemptsMax else { throw error }
                status.state = RoleState(
                    word: .waiting, reason: "the slot is still held by an earlier connection",
                    since: secondsNow())
                publish(force: true)
                usleep(UInt32(waitMilliseconds * 1000))
            }
        }
    }

    private func receive(_ stream: borrowing ReplicationStream) throws -> StreamEvent {
        if streamed.isReadingBack {
            try act(on: try streamed.readBackPiece())
            return .change
        }
        // What waits in the buffer becomes visible before we wait for more.
        var event = StreamEvent.nothing
        for received in 0..<Self.receiveMessagesMax {
            event = try stream.next(waitMilliseconds: 0) { try take($0) }
            switch event {
            case .change: if streamed.isReadingBack { return event }
            case .keepalive(let end, let reply):
                log.keepalive(walEnd: end)
                if reply { return event }
            case .nothing:
                let isBusy = received >= Self.busyMessages
                // Of a transaction that is open the rest is on its way.
                let isFlushed = try flush(
                    after: isBusy ? Self.busyFlushSeconds : log.isInTransaction ? Self.openFlushSeconds : 0)
                if isBusy { usleep(Self.busyPauseMicroseconds) }
                event = try stream.next(
                    waitMilliseconds: isFlushed ? Self.waitMilliseconds : Self.unflushedWaitMilliseconds
                ) { try take($0) }
                if case .keepalive(let end, _) = event { log.keepalive(walEnd: end) }
                return event
            case .ended: return event
            }
        }
        return event
    }

    /// Makes what was appended visible to the reader of the log, where it is as long since it was last; false where not.
    private func flush(after seconds: Double) throws -> Bool {
        let now = secondsNow()
        // A clock that is set back must not hold it.
        guard !(0..<seconds).contains(now - flushedAt) else { return false }
        try log.flush()
        flushedAt = now
        return true
    }

    private func take(_ message: RawSpan) throws { try act(on: try streamed.take(message)) }

    private func act(on outcome: CaptureLog.Outcome) throws {
        switch outcome {
        case .taken: break
        case .barrier(let content, let lsn):
            try log.sync()
            if Barrier.parse(content)?.name == "last" { lastBarrierSeen = true }
            noteBarrier(content, lsn)
        }
    }

    /// Notes a barrier of the open cutover that came through; one of an earlier cutover means nothing any more.
    private func noteBarrier(_ content: String, _ lsn: LSN) {
        guard let (token, name) = Barrier.parse(content) else { return }
        let transactions = log.counter.transactions
        do {
            try context.update { record in
                guard let index = record.cutovers.indices.last, record.cutovers[index].token == token,
                    record.cutovers[index].isOpen, record.cutovers[index].barriers[name] == nil
                else { return }
                record.cutovers[index].barriers[name] = Cutover.Barrier(lsn: lsn, transactions: transactions)
            }
        } catch {
            // The step that waits for the barrier writes it again.
            context.log(.warning, "capture", "the barrier at \(lsn) could not be noted: \(error)")
        }
    }

    private func confirm(_ stream: borrowing ReplicationStream, at now: Double) throws {
        // Microseconds since 2000-01-01, as the protocol counts.
        try stream.confirm(log.durableThrough, nowMicroseconds: Int64((now - 946_684_800) * 1_000_000))
        status.confirmedLSN = log.durableThrough
    }

    /// Ends the leg: one more barrier tells whether anybody wrote to the origin after it was proved quiet. Such a write
    /// is past undoing; it is named, never passed over.
    private func finish(_ stream: borrowing ReplicationStream, _ control: borrowing PostgresConnection) throws
        -> Bool
    {
        let cutover = try context.record().cutovers.last {
            $0.options.ends == leg.direction && $0.releasedAt != nil
        }
        if let cutover, let quiet = cutover.barriers["quiet"] {
            try control.query(
                "select pg_catalog.pg_logical_emit_message(true, $1, $2)",
                [Barrier.prefix, Barrier.content(token: cutover.token, name: "last")],
                doing: "write the last barrier")
            let until = secondsNow() + Self.lastBarrierSeconds
            lastBarrierSeen = false
            while !lastBarrierSeen, secondsNow() < until { _ = try receive(stream) }
            let late = log.counter.transactions - quiet.transactions
            if late > 0 || !lastBarrierSeen {
                context.log(
                    .error, "cutover",
                    late > 0
                        ? "\(late) transactions wrote to \(leg.direction.origin.rawValue) after it was proved quiet at \(quiet.lsn); "
                            + "they are in the newest segment and were not applied: compare the tables and carry them over by hand"
                        : "whether anybody wrote to \(leg.direction.origin.rawValue) after \(quiet.lsn) is not known: the stream was "
                            + "silent for \(Int(Self.lastBarrierSeconds)) s; compare the tables")
            }
        }
        try log.sync()
        try confirm(stream, at: secondsNow())
        try log.noteSize()
        status.state = RoleState(word: .done, since: secondsNow())
        publish(force: true)
        try LegCounts.keep(log.counter.counts, leg: leg.number, exported: true, journal: context.journal)
        return true
    }

    // MARK: Watching

    private func checkSlot(_ control: borrowing PostgresConnection) throws {
        try context.checkIdentity(leg.direction.origin, control)
        let slot = try control.slotState(leg.slotName)
        status.note(slot)
        try checkSlot(slot, at: control.place)
    }

    private func checkSlot(_ slot: SlotState?, at place: String) throws {
        let lost = "the changes after \(log.counter.lastCommitLSN), the last commit in the log,"
        if let loss = slotIsLost(slot, name: leg.slotName, place: place, lost: lost) { throw loss }
    }

    private func watchSlot(_ control: borrowing PostgresConnection) throws {
        let slot = try control.slotState(leg.slotName)
        status.note(slot)
        try checkSlot(slot, at: control.place)
        if let slot, let notice = slotWatch.look(slot, name: leg.slotName, place: control.place) {
            context.log(notice.level, "capture", notice.text)
        }
        try beat(control)
        try measureDisk()
        try log.noteSize()
    }

    /// An idle slot moves only past WAL of its own database: a message that means nothing moves it. Where the role may not
    /// write one, or the server has none, the slot moves with the application's own changes.
    private func beat(_ control: borrowing PostgresConnection) throws {
        guard !isBeatRefused else { return }
        do {
            try control.query(
                "select pg_catalog.pg_logical_emit_message(false, 'switchback-heartbeat', '')",
                doing: "write a heartbeat")
        } catch {
            guard Self.beatRefusals.contains(error.sqlState) else { throw error }
            isBeatRefused = true
            context.log(
                .warning, "capture",
                "\(error); while nobody writes to this database the slot \(leg.slotName) keeps the WAL of the server's others, and a "
                    + "cutover needs the same right: grant execute on function "
                    + "pg_catalog.pg_logical_emit_message(boolean, text, text) to \(quoteIdentifier(control.user))"
            )
        }
    }

    private func measureDisk() throws {
        status.diskFreeBytes = diskFreeBytes(context.exportDirectory)
        let files = try SegmentFile.list(context.exportDirectory)
        status.queueBytes =
            files.reduce(0) { $0 + $1.bytes }
            + (try spillFiles(context.exportDirectory).reduce(0) { $0 + $1.bytes })
        // Without a word of apply nothing counts as applied: the capture pauses too early, never too late.
        let apply = StatusFile.read(
            ApplyStatus.self, from: StatusFile.path(context.exportDirectory, capture: false))?.status
        status.unappliedBytes = gauge.unappliedBytes(
            files, end: log.endLSN,
            applied: apply?.direction == leg.direction ? apply?.appliedLSN ?? .zero : .zero)
    }

    /// Holds the capture while the disk is nearly full or the queue too long; the server keeps the changes meanwhile.
    private func waitForRoom(_ stream: borrowing ReplicationStream, _ control: borrowing PostgresConnection)
        throws
    {
        guard try shortage(stream) != nil else { return }
        var (said, confirmedAt, slotAt) = (false, 0.0, secondsNow())
        while let reason = try shortage(stream) {
            if context.stop.isRequested { throw CancellationError() }
            if try legHasEnded() { break }
            let now = secondsNow()
            status.state = RoleState(word: .paused, reason: reason, since: said ? status.state.since : now)
            if !said { context.log(.warning, "capture", reason) }
            said = true
            if now - confirmedAt > Self.confirmSeconds {
                try log.sync()
                try confirm(stream, at: now)
                confirmedAt = now
            }
            if now - slotAt > Self.slotSeconds {
                try watchSlot(control)
                slotAt = now
            }
            publish(force: false)
            usleep(Self.roomMicroseconds)
        }
        if said { context.log(.info, "capture", "there is room again, the capture goes on") }
        status.state = RoleState(word: .streaming, since: secondsNow())
    }

    /// Why nothing more is to be logged for now. For the queue's sake alone it never stops inside a transaction: that could
    /// not be applied before its end came.
    private func shortage(_ stream: borrowing ReplicationStream) throws -> String? {
        let limits = try context.record().diskLimits
        if let reason = limits.shortage(context.exportDirectory) { return reason }
        guard limits.queueBytesMax != nil else { return nil }
        try measureDisk()
        guard limits.excess(status.unappliedBytes ?? 0) != nil else { return nil }
        let until = secondsNow() + Self.recordSeconds
        while log.isInTransaction {
            // A long one is read on by the ordinary loop, which comes back here.
            guard secondsNow() < until else { return nil }
            if try receive(stream) == .ended { throw Self.streamEnded }
        }
        try log.flush()
        try measureDisk()
        return limits.excess(status.unappliedBytes ?? 0)
    }

    private func publish(force: Bool) {
        let now = secondsNow()
        guard force || now - status.publishedAt >= Self.publishSeconds else { return }
        meter.add(log.eventsThisRun - meteredEvents, at: now)
        meteredEvents = log.eventsThisRun
        status.totalEvents = log.counter.total
        status.eventsThisRun = log.eventsThisRun
        status.loggedLSN = log.counter.lastCommitLSN
        status.eventsPerSecondLastMinute = meter.rate(overSeconds: 60, at: now)
        status.eventsPerSecondLast3Minutes = meter.rate(overSeconds: 180, at: now)
        status.eventsPerSecondLast10Minutes = meter.rate(overSeconds: 600, at: now)
        status.publishedAt = now
        publisher.publish(PublishedStatus(status: status, tables: log.counter.counts), wait: force)
    }
}

/// The counts by table of legs that have ended, so that reports need neither database nor log.
enum LegCounts {
    static func key(leg: Int, exported: Bool) -> String {
        "counts.leg\(leg).\(exported ? "exported" : "imported")"
    }

    static func keep(_ counts: [String: ChangeCounts], leg: Int, exported: Bool, journal: Journal) throws {
        try journal.update([String: ChangeCounts].self, key: key(leg: leg, exported: exported), initial: [:])
        {
            $0 = counts
        }
    }

    static func read(leg: Int, exported: Bool, journal: Journal) throws -> [String: ChangeCounts]? {
        try journal.document([String: ChangeCounts].self, key: key(leg: leg, exported: exported))
    }
}
