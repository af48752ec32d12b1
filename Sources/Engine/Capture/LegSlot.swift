import Foundation
import Postgres

/// The slot a leg is streamed from, as an ordinary connection beside the stream sees it.
final class LegSlot {
    private let context: RoleContext
    private let leg: Leg
    private let log: CaptureLog
    private let published: CaptureStatusWriter
    private var watch = SlotWatch()

    init(context: RoleContext, leg: Leg, log: CaptureLog, published: CaptureStatusWriter) {
        self.context = context
        self.leg = leg
        self.log = log
        self.published = published
    }

    /// Throws where the database is another one, or the slot is lost: then nothing can be streamed.
    func check(_ control: borrowing PostgresConnection) throws {
        try context.checkIdentity(leg.direction.origin, control)
        _ = try read(control)
    }

    /// Throws where the slot is lost, and tells of one that may be soon.
    func look(_ control: borrowing PostgresConnection) throws {
        if let slot = try read(control),
            let notice = watch.look(slot, name: leg.slotName, place: control.place)
        {
            context.log(notice.level, "capture", notice.text)
        }
    }

    private func read(_ control: borrowing PostgresConnection) throws -> SlotState? {
        let slot = try control.slotState(leg.slotName)
        published.status.note(slot)
        let lost = "the changes after \(log.counter.lastCommitLSN), the last commit in the log,"
        if let loss = slotIsLost(slot, name: leg.slotName, place: control.place, lost: lost) { throw loss }
        return slot
    }

    /// Starts the stream, waiting a bounded time for a walsender of ours that died to let go of the slot.
    func start(
        _ stream: borrowing ReplicationStream, _ control: borrowing PostgresConnection,
        asking asked: StreamProtocol
    ) throws {
        let waitMilliseconds = 200
        let attemptsMax = 50
        for attempt in 1...attemptsMax {
            do {
                return try stream.start(
                    slot: leg.slotName, at: .zero, publication: leg.publicationName, asking: asked)
            } catch {
                // 55000: its WAL went between the look at it and now; 42704: the slot itself did. The look says it better.
                if ["55000", "42704"].contains(error.sqlState) { try check(control) }
                guard error.sqlState == "55006", attempt < attemptsMax else { throw error }
                published.enter(.waiting, reason: "the slot is still held by an earlier connection")
                published.publish(log, force: true)
                usleep(UInt32(waitMilliseconds * 1000))
            }
        }
    }
}
