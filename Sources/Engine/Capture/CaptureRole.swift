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
    private let monitor: OriginMonitor
    private let diskUsage: DiskUsage
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
        monitor = OriginMonitor(context: context, leg: leg)
        diskUsage = try DiskUsage(context: context, leg: leg, log: log, published: published)
    }

    /// Streams until the leg has ended or a stop is asked for; returns true when the leg has ended.
    func run() throws -> Bool {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        var decoding = DecodingFaults()
        defer { forgetStreamed() }
        while true {
            do {
                try stream { patience.connected() }
                return true
            } catch {
                do {
                    switch patience.judge(error, progress: log.receivedThrough.bytes) {
                    case .again(let milliseconds, let isFirst):
                        if try waitAfter(error, milliseconds: milliseconds, isFirst: isFirst) { return true }
                    case .over(let error): try goOn(after: error, &decoding)
                    }
                } catch {
                    published.status.state = context.failures.state(
                        of: .capture, after: error, at: secondsNow())
                    published.publish(log, force: true)
                    throw error
                }
            }
        }
    }

    /// The connection is lost, or a statement met a condition that passes: waits. True when the leg ended meanwhile.
    private func waitAfter(_ error: any Error, milliseconds: Int, isFirst: Bool) throws -> Bool {
        try forgetConnection()
        lostAt = lostAt ?? secondsNow()
        published.enter(.retrying, reason: "\(error)")
        published.status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: milliseconds)
        if isFirst { context.log(.warning, "capture", "\(error); trying again") }
        return try pauseBeforeRetry(milliseconds: milliseconds)
    }

    /// Streams on after an error of the server's decoding; throws any other one, and one that comes again and again.
    private func goOn(after error: any Error, _ decoding: inout DecodingFaults) throws {
        guard let error = error as? PostgresError, error.isOfStream else { throw error }
        switch decoding.judge(
            error, streamsOpenTransactions: streamsOpenTransactions, received: log.receivedThrough)
        {
        case .takeWhole:
            takesOpenTransactions = false
            try forgetConnection()
            context.log(
                .warning, "capture",
                "\(error); the server cannot decode a transaction that is still open, and is asked for whole ones from here on"
            )
        case .again(let milliseconds):
            _ = try waitAfter(error, milliseconds: milliseconds, isFirst: true)
        case .beyondHelp:
            throw RequestRefused(
                DecodingFaults.words(
                    error, slot: leg.slotName, lastCommit: log.counter.lastCommitLSN,
                    origin: leg.direction.origin.rawValue))
        case .other:
            guard ["22021", "22P05"].contains(error.sqlState) else { throw error }
            throw RequestRefused(
                "\(error): a change after \(log.counter.lastCommitLSN), the last commit that came, holds text that the "
                    + "\(leg.direction.origin.rawValue) cannot convert to UTF-8. The slot cannot pass it: find what was written then, "
                    + "and begin a new migration with that text mended")
        }
    }

    /// Forgets what came over the connection and was not logged as a whole.
    private func forgetConnection() throws {
        try log.connectionLost()
        try streamed.forget()
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
        _ = try diskUsage.measure()
    }

    /// Waits, publishing on; true when the leg ended meanwhile.
    private func pauseBeforeRetry(milliseconds: Int) throws -> Bool {
        try pause(milliseconds: milliseconds) {
            try context.stop.check()
            try lookAfterLoss()
            published.publish(log, force: false)
        }
        return try context.record().hasEnded(leg)
    }

    /// Connects, and streams to the end of the leg.
    private func stream(connected: () -> Void) throws {
        let stream = try startStream()
        connected()
        lostAt = nil
        published.enter(.streaming)
        monitor.beginSession()
        let receiver = StreamReceiver(
            stream, into: log, streamed: streamed, context: context, published: published)
        try CaptureSession(
            context: context, leg: leg, receiver: receiver, log: log, published: published, slot: slot,
            monitor: monitor, diskUsage: diskUsage
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
