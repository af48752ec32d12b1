import Foundation
import Journal
import Records

/// The capture over one connection: passes the stream into the log, and between messages checks the record,
/// the stop signal, the disk limits and the monitor's readings.
final class CaptureSession {
    let context: RoleContext
    private let leg: Leg
    let receiver: StreamReceiver
    let log: CaptureLog
    let published: CaptureStatusWriter
    private let slot: LegSlot
    private let monitor: OriginMonitor
    let diskUsage: DiskUsage
    private var originReading = OriginReading.current(readAt: secondsNow())
    /// When the monitor has last answered, by the monotonic clock.
    private var answeredAt = monotonicSeconds()
    /// What the stream had received when it was last seen to answer.
    private var answeredThrough = LogPosition.zero

    /// The state of the last reading of the origin.
    private enum OriginReading {
        case current(readAt: Double)
        /// Too old to be shown; the operator was warned.
        case stale
    }

    static let recordSeconds = 0.2
    /// Age at which a reading of the origin is stale.
    static let staleSeconds = 10.0

    init(
        context: RoleContext, leg: Leg, receiver: StreamReceiver, log: CaptureLog,
        published: CaptureStatusWriter, slot: LegSlot, monitor: OriginMonitor, diskUsage: DiskUsage
    ) {
        self.context = context
        self.leg = leg
        self.receiver = receiver
        self.log = log
        self.published = published
        self.slot = slot
        self.monitor = monitor
        self.diskUsage = diskUsage
    }

    /// Streams until the leg has ended. Throws errors of the connection, and `StopRequested`.
    func run() throws {
        var recordAt = 0.0
        while true {
            let now = secondsNow()
            let event = try receiver.receive()
            try receiver.settle(after: event, at: now)
            if case .ended = event { throw StreamEnded() }
            if hasPassed(Self.recordSeconds, since: recordAt, at: now) {
                recordAt = now
                if log.receivedThrough > answeredThrough {
                    answeredThrough = log.receivedThrough
                    published.status.answered(at: now)
                }
                try readMonitor(at: now)
                if context.stop.isRequested {
                    try receiver.syncAndConfirm(at: now)
                    throw StopRequested()
                }
                if try legHasEnded() { return try finish() }
                try waitForDiskSpace()
            }
            published.publish(log, force: false)
        }
    }

    func legHasEnded() throws -> Bool { try context.record().hasEnded(leg) }

    /// Takes the monitor's reading, if there is one, and has the next check started.
    func readMonitor(at now: Double) throws {
        let reading = try monitor.poll(at: now) { isServerDue in
            OriginMonitor.Input(
                isServerDue: isServerDue, truncates: log.truncates, received: log.receivedThrough,
                logged: log.durableCommit, segment: log.segmentSize)
        }
        guard let server = reading?.server else { return try noteSilence(at: now) }
        originReading = .current(readAt: now)
        answeredAt = monotonicSeconds()
        published.status.answered(at: now)
        try slot.note(server.slot, at: server.address)
        receiver.isAwaited = server.slot?.isAwaited ?? false
        if let refusal = server.refusal { context.log(.warning, "capture", refusal) }
        diskUsage.note(server.disk)
    }

    /// Handles the lack of a new reading. A check may be blocked, by a lock on a catalog for example; the
    /// stream continues, unless it is only ours while the monitor says so.
    private func noteSilence(at now: Double) throws {
        if let seconds = receiver.claimSeconds, monotonicSeconds() - answeredAt > seconds {
            throw ClaimNotRenewed(origin: leg.direction.origin, seconds: seconds)
        }
        switch originReading {
        case .current(let readAt):
            guard !(0...Self.staleSeconds).contains(now - readAt) else { return }
            originReading = .stale
            context.log(
                .warning, "capture",
                "the \(leg.direction.origin.rawValue) has not answered the queries for its slot and its "
                    + "tables for \(Int(Self.staleSeconds)) s; the stream continues. See what the session "
                    + "'switchback capture watch' waits for there"
            )
        case .stale: break
        }
        published.status.forgetSlot()
        try diskUsage.measure()
    }

    /// Ends the leg: passes one more barrier through the stream if a cutover has ended the leg, and stores
    /// the counts.
    private func finish() throws {
        if let lastBarrier = LastBarrier(try context.record().cutovers, ending: leg.direction) {
            try pass(lastBarrier)
        }
        try receiver.syncAndConfirm(at: secondsNow())
        try log.storeSize()
        published.enter(.done)
        published.publish(log, force: true)
        try LegCounts.keep(log.counter.counts, leg: leg.number, exported: true, journal: context.journal)
    }

    /// Writes the last barrier, and waits a bounded time until it comes through the stream.
    private func pass(_ lastBarrier: LastBarrier) throws {
        try context.origin(of: leg).writeLastBarrier(lastBarrier.content)
        let until = monotonicSeconds() + LastBarrier.waitSeconds
        receiver.lastBarrier = lastBarrier
        while receiver.lastBarrier?.isSeen == false, monotonicSeconds() < until { _ = try receiver.receive() }
        let finding = receiver.lastBarrier?.finding(
            transactions: log.counter.transactions, origin: leg.direction.origin)
        if let finding { context.log(.error, "cutover", finding) }
    }
}
