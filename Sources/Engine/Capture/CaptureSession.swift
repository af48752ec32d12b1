import Foundation
import Journal
import Postgres
import Records

/// The capture over one connection: the stream into the log, and between its messages a look at the slot, the origin's
/// catalog, the record and the disk.
final class CaptureSession {
    let context: RoleContext
    private let leg: Leg
    /// An ordinary connection beside the stream.
    private let control: PostgresConnection
    let receiver: StreamReceiver
    let log: CaptureLog
    let published: CaptureStatusWriter
    private let slot: LegSlot
    private let originWatch: OriginWatch
    let diskWatch: DiskWatch
    private var heartbeat = Heartbeat()

    static let recordSeconds = 0.2
    static let slotSeconds = 2.0

    init(
        context: RoleContext, leg: Leg, control: consuming PostgresConnection, receiver: StreamReceiver,
        log: CaptureLog, published: CaptureStatusWriter, slot: LegSlot, originWatch: OriginWatch,
        diskWatch: DiskWatch
    ) {
        self.context = context
        self.leg = leg
        self.control = control
        self.receiver = receiver
        self.log = log
        self.published = published
        self.slot = slot
        self.originWatch = originWatch
        self.diskWatch = diskWatch
    }

    /// Streams until the leg has ended; throws where the connection does, or a stop is asked for.
    func run() throws {
        var (recordAt, slotAt) = (0.0, 0.0)
        while true {
            let now = secondsNow()
            let event = try receiver.receive()
            try receiver.settle(after: event, at: now)
            if event == .ended { throw StreamReceiver.streamEnded }
            if now - slotAt > Self.slotSeconds {
                try lookAtServer()
                slotAt = now
            }
            if now - recordAt > Self.recordSeconds {
                recordAt = now
                try originWatch.look(control, truncates: log.truncates, received: log.receivedThrough)
                if context.stop.isRequested {
                    try receiver.syncAndConfirm(at: now)
                    throw CancellationError()
                }
                if try legHasEnded() { return try finish() }
                try waitForRoom()
            }
            published.publish(log, force: false)
        }
    }

    func legHasEnded() throws -> Bool { try context.record().hasEnded(leg) }

    func lookAtServer() throws {
        try slot.look(control)
        if let refusal = try heartbeat.beat(control, slot: leg.slotName) {
            context.log(.warning, "capture", refusal)
        }
        try diskWatch.look()
        try log.noteSize()
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
        try control.query(
            "select pg_catalog.pg_logical_emit_message(true, $1, $2)",
            [Barrier.prefix, lastBarrier.content], doing: "write the last barrier")
        let until = secondsNow() + LastBarrier.waitSeconds
        receiver.lastBarrier = lastBarrier
        while receiver.lastBarrier?.isSeen == false, secondsNow() < until { _ = try receiver.receive() }
        let finding = receiver.lastBarrier?.finding(
            transactions: log.counter.transactions, origin: leg.direction.origin)
        if let finding { context.log(.error, "cutover", finding) }
    }
}
