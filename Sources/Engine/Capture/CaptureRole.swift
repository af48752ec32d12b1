import Foundation
import Journal
import Postgres
import Records

/// The capture role's stream: one database's changes into the segment log, for one leg, over one connection after another.
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
    private let log: CaptureLog
    private let streamed: StreamedTransactions
    private let published: CaptureStatusWriter
    private let slot: LegSlot
    private let lookout: OriginLookout
    private let diskWatch: DiskWatch
    /// Since when the connection is lost; nil while there is one.
    private var lostAt: Double?
    /// Whether this connection was asked for transactions before their commit, and whether the next one is.
    private var streamsOpenTransactions = false
    private var takesOpenTransactions = true

    init(context: RoleContext, leg: Leg) throws {
        self.context = context
        self.leg = leg
        published = CaptureStatusWriter(context.exportDirectory, leg: leg)
        var snapshotLSNs: [QualifiedName: LSN] = [:]
        if leg.direction == .forward {
            for table in try context.journal.tables() { snapshotLSNs[table.table.name] = table.snapshotLSN }
        }
        log = try CaptureLog(
            journal: context.journal, exportDirectory: context.exportDirectory, leg: leg,
            snapshotLSNs: snapshotLSNs)
        streamed = try StreamedTransactions(log: log, exportDirectory: context.exportDirectory)
        slot = LegSlot(context: context, leg: leg, log: log, published: published)
        lookout = OriginLookout(context: context, leg: leg)
        diskWatch = try DiskWatch(context: context, leg: leg, log: log, published: published)
    }

    /// Streams until the leg has ended or a stop is asked for; returns true when the leg has ended.
    func run() throws -> Bool {
        var backoff = Backoff()
        defer { forgetStreamed() }
        while true {
            do {
                try stream { backoff.reset() }
                return true
            } catch  where isConnectionLoss(error) {
                try log.connectionLost()
                try streamed.forget()
                lostAt = lostAt ?? secondsNow()
                let wait = backoff.next()
                published.enter(.retrying, reason: "\(error)")
                published.status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: wait)
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
                published.enter(.stopped, reason: "\(error)")
                published.publish(log, force: true)
                throw error
            }
        }
    }

    /// What is streamed before its commit means nothing without the connection; where a file of it cannot be deleted now, the
    /// next start does it.
    private func forgetStreamed() {
        do { try streamed.forget() } catch { context.log(.warning, "capture", "\(error)") }
    }

    /// While the origin is away nothing is known of it: what was seen last is soon shown no more.
    private func lookAfterLoss() throws {
        guard let lostAt else { return }
        if hasPassed(CaptureSession.unseenSeconds, since: lostAt, at: secondsNow()) {
            published.status.forgetSlot()
        }
        _ = try diskWatch.look()
    }

    /// Waits, publishing on; true when the leg ended meanwhile.
    private func pauseBeforeRetry(milliseconds: Int) throws -> Bool {
        let until = steadySeconds() + Double(milliseconds) / 1000
        while steadySeconds() < until {
            if context.stop.isRequested { throw CancellationError() }
            try lookAfterLoss()
            published.publish(log, force: false)
            usleep(20_000)
        }
        return try context.record().hasEnded(leg)
    }

    /// Connects, and streams to the end of the leg.
    private func stream(connected: () -> Void) throws {
        let stream = try startStream()
        connected()
        lostAt = nil
        published.enter(.streaming)
        lookout.beginSession()
        let receiver = StreamReceiver(
            stream, into: log, streamed: streamed, context: context, published: published)
        try CaptureSession(
            context: context, leg: leg, receiver: receiver, log: log, published: published, slot: slot,
            lookout: lookout, diskWatch: diskWatch
        ).run()
    }

    private func startStream() throws -> ReplicationStream {
        let control = try context.connect(leg.direction.origin, as: "capture")
        try slot.check(control)
        let takesOpen = takesOpenTransactions
        let stream = try slot.start(control) {
            try ReplicationStream(
                try context.access(leg.direction.origin),
                applicationName: "\(PostgresConnection.applicationPrefix) stream")
        } asking: { stream in
            takesOpen ? stream.streamProtocol : stream.streamProtocol.withoutOpenTransactions
        }
        streamsOpenTransactions = takesOpen && stream.streamProtocol.streamsOpenTransactions
        context.log(.info, "capture", "streaming from \(control.place), slot \(leg.slotName)")
        return stream
    }
}
