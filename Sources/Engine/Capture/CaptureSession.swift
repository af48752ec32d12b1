import Foundation
import Journal
import Postgres
import Records

/// The capture over one connection: the stream into the log, and between its messages a look at the slot, the origin's
/// catalog, the record and the disk.
final class CaptureSession {
    let context: RoleContext
    private let leg: Leg
    let receiver: StreamReceiver
    let log: CaptureLog
    let published: CaptureStatusWriter
    private let slot: LegSlot
    private let monitor: OriginMonitor
    let diskUsage: DiskUsage
    /// When the server was looked at last.
    private var seenAt = secondsNow()
    private var saidUnseen = false

    static let recordSeconds = 0.2
    /// What was seen of the server longer ago than this is shown as unknown.
    static let unseenSeconds = 10.0

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

    /// Streams until the leg has ended; throws where the connection does, or a stop is asked for.
    func run() throws {
        var recordAt = 0.0
        while true {
            let now = secondsNow()
            let event = try receiver.receive()
            try receiver.settle(after: event, at: now)
            if case .ended = event { throw StreamReceiver.streamEnded }
            if hasPassed(Self.recordSeconds, since: recordAt, at: now) {
                recordAt = now
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

    /// Takes note of what was seen beside the stream, and has the next look begun.
    func readMonitor(at now: Double) throws {
        let finding = try monitor.poll(at: now) { isServerDue in
            OriginMonitor.Order(
                isServerDue: isServerDue, truncates: log.truncates, received: log.receivedThrough,
                segment: log.segmentSize)
        }
        guard let server = finding?.server else {
            if !(0...Self.unseenSeconds).contains(now - seenAt) { try noteUnseen() }
            return
        }
        (seenAt, saidUnseen) = (now, false)
        try slot.note(server.slot, seenAt: server.place)
        receiver.isAwaited = server.slot?.isAwaited ?? false
        if let refusal = server.refusal { context.log(.warning, "capture", refusal) }
        diskUsage.note(server.disk)
    }

    /// The look is held up, by a lock on a catalog say; the stream goes on.
    private func noteUnseen() throws {
        published.status.forgetSlot()
        _ = try diskUsage.measure()
        if !saidUnseen {
            context.log(
                .warning, "capture",
                "the \(leg.direction.origin.rawValue) has not answered for \(Int(Self.unseenSeconds)) s what its slot and its tables "
                    + "are like, and the stream goes on without; see what the session 'switchback capture watch' waits for there"
            )
        }
        saidUnseen = true
    }

    /// Ends the leg: passes one more barrier through the stream where a cutover has ended it, and keeps the counts.
    private func finish() throws {
        if let lastBarrier = LastBarrier(try context.record().cutovers, ending: leg.direction) {
            try pass(lastBarrier)
        }
        try receiver.syncAndConfirm(at: secondsNow())
        try log.noteSize()
        published.enter(.done)
        published.publish(log, force: true)
        try LegCounts.keep(log.counter.counts, leg: leg.number, exported: true, journal: context.journal)
    }

    private func pass(_ lastBarrier: LastBarrier) throws {
        let connection = try context.connect(leg.direction.origin, as: "capture")
        // Where commits on the origin wait for our confirmation this one would: this thread is the one to send it.
        try connection.execute("set synchronous_commit = local", doing: "write the last barrier")
        try connection.writeBarrier(
            lastBarrier.content, asRowOf: try context.record().barrierRows(ofLeg: leg.number))
        let until = monotonicSeconds() + LastBarrier.waitSeconds
        receiver.lastBarrier = lastBarrier
        while receiver.lastBarrier?.isSeen == false, monotonicSeconds() < until { _ = try receiver.receive() }
        let finding = receiver.lastBarrier?.finding(
            transactions: log.counter.transactions, origin: leg.direction.origin)
        if let finding { context.log(.error, "cutover", finding) }
    }
}
