import Foundation
import Journal
import Records

/// The capture role for one leg: streams one database's changes into the log, over one connection after
/// another.
///
/// It has a thread of its own. Its loop checks the stop signal and the journal at least every 200 ms.
actor CaptureRole {
    private nonisolated let thread = SessionThread(name: "capture")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
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
    private var machine: CaptureMachine

    init(context: RoleContext, leg: Leg) throws {
        self.context = context
        self.leg = leg
        published = CaptureStatusWriter(context.exportDirectory, leg: leg)
        var snapshotLSNs: [QualifiedName: LogPosition] = [:]
        if leg.start.hasSnapshot {
            for table in try context.journal.tables() { snapshotLSNs[table.table.name] = table.snapshotLSN }
        }
        log = try CaptureLog(
            journal: context.journal, exportDirectory: context.exportDirectory, leg: leg,
            snapshotLSNs: snapshotLSNs,
            segmentBytesMax: context.options.segmentBytesMax ?? CaptureLog.segmentBytesMax)
        streamed = try StreamedTransactions(log: log, exportDirectory: context.exportDirectory)
        slot = LegSlot(context: context, leg: leg, log: log, published: published)
        monitor = OriginMonitor(context: context, leg: leg)
        diskUsage = try DiskUsage(context: context, leg: leg, log: log, published: published)
        machine = CaptureMachine(attemptsMax: context.options.attemptsMax)
    }

    /// Streams until the leg has ended. Throws `StopRequested` if stopped, and errors that need the operator.
    func run() throws {
        defer { forgetSpilled() }
        do {
            while try !runConnection() {}
        } catch {
            published.status.state = context.failures.state(of: .capture, after: error, at: secondsNow())
            published.publish(log, force: true)
            throw error
        }
    }

    /// Streams over one connection, and does what its error asks for. Returns true if the leg has ended.
    private func runConnection() throws -> Bool {
        let action: CaptureMachine.Action
        do {
            try stream()
            return true
        } catch { action = machine.failed(error, received: log.receivedThrough, at: secondsNow()) }
        switch action {
        case .retry(let error, let milliseconds, let isFirst):
            return try waitAfter(error, milliseconds: milliseconds, isFirst: isFirst)
        case .retryDecoding(let error, let milliseconds):
            _ = try waitAfter(error, milliseconds: milliseconds, isFirst: true)
            return false
        case .requestWholeTransactions(let error):
            try forgetConnection()
            context.log(
                .warning, "capture",
                "\(error); the server cannot decode a transaction that is still open, and is asked for whole "
                    + "ones from here on"
            )
            return false
        case .endUndecodable(let error):
            throw RequestRefused(
                DecodingFaults.words(
                    error, slot: leg.slotName, lastCommit: log.counter.lastCommitLSN,
                    origin: leg.direction.origin.rawValue))
        case .endUnstreamable(let error, let fault):
            throw RequestRefused(
                fault.words(error, leg: leg, lastCommit: log.counter.lastCommitLSN))
        case .endUnconvertible(let error):
            throw RequestRefused(
                "\(error): a change after \(log.counter.lastCommitLSN), the last received commit, contains "
                    + "text that the \(leg.direction.origin.rawValue) cannot convert to UTF-8. The slot "
                    + "cannot skip it: find what was written then, and begin a new migration with that text "
                    + "mended")
        case .end(let error): throw error
        }
    }

    /// Waits after an error that may pass. Returns true if the leg ended meanwhile.
    private func waitAfter(_ error: any Error, milliseconds: Int, isFirst: Bool) throws -> Bool {
        try forgetConnection()
        published.enter(.retrying, reason: "\(error)")
        published.status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: milliseconds)
        published.status.failed(error, at: secondsNow())
        if isFirst { context.log(.warning, "capture", "\(error); trying again") }
        try pause(milliseconds: milliseconds) {
            try context.stop.check()
            try publishWithoutConnection()
        }
        return try context.record().hasEnded(leg)
    }

    /// Publishes the status while there is no connection. The slot's state soon is stale, and then removed.
    private func publishWithoutConnection() throws {
        switch machine.connection {
        case .none, .streaming: break
        case .lost(let since):
            if hasPassed(CaptureSession.staleSeconds, since: since, at: secondsNow()) {
                published.status.forgetSlot()
            }
            try diskUsage.measure()
        }
        published.publish(log, force: false)
    }

    /// Forgets what came over the connection and is not in the log as a whole transaction.
    private func forgetConnection() throws {
        try log.connectionLost()
        try streamed.forget()
    }

    /// Deletes the spill files at the end. If one cannot be deleted now, the next start does it.
    private func forgetSpilled() {
        do { try streamed.forget() } catch { context.log(.warning, "capture", "\(error)") }
    }

    /// Connects, and streams to the end of the leg.
    private func stream() throws {
        let stream = try startStream()
        published.enter(.streaming)
        monitor.beginSession()
        let receiver = StreamReceiver(
            stream, into: log, streamed: streamed, context: context, published: published)
        try CaptureSession(
            context: context, leg: leg, receiver: receiver, log: log, published: published, slot: slot,
            monitor: monitor, diskUsage: diskUsage
        ).run()
    }

    private func startStream() throws -> any OriginStream {
        try slot.check()
        published.status.answered(at: secondsNow())
        let requestsOpen = machine.requestsOpenTransactions
        let stream = try slot.start(openTransactions: requestsOpen)
        machine.connected(streamsOpenTransactions: requestsOpen && stream.canSendOpenTransactions)
        context.log(.info, "capture", "streaming from \(stream.place), slot \(leg.slotName)")
        return stream
    }
}
