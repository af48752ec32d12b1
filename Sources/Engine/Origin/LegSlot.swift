import Foundation
import Postgres

/// The slot a leg is streamed from, as an ordinary connection beside the stream sees it.
final class LegSlot {
    private let context: RoleContext
    private let leg: Leg
    private let log: CaptureLog
    private let published: CaptureStatusWriter
    private var notices = SlotNotices()

    init(context: RoleContext, leg: Leg, log: CaptureLog, published: CaptureStatusWriter) {
        self.context = context
        self.leg = leg
        self.log = log
        self.published = published
    }

    /// Throws where the database is another one, or the slot is lost: then nothing can be streamed.
    func check(_ control: borrowing PostgresConnection) throws {
        try context.checkIdentity(leg.direction.origin, control)
        try take(try control.slotState(leg.slotName), seenAt: control.place)
    }

    /// Takes note of the slot as it was seen, nil where there is none of its name. Throws where it is lost, and tells of one
    /// that may be soon.
    func note(_ slot: SlotState?, seenAt place: String) throws {
        try take(slot, seenAt: place)
        if let slot, let notice = notices.check(slot, name: leg.slotName, place: place) {
            context.log(notice.level, "capture", notice.text)
        }
        if let notice = notices.checkAwaited(slot, place: place) {
            context.log(notice.level, "capture", notice.text)
        }
    }

    private func take(_ slot: SlotState?, seenAt place: String) throws {
        published.status.note(slot)
        let lost = "the changes after \(log.counter.lastCommitLSN), the last commit in the log,"
        if let loss = lostSlotRefusal(slot, name: leg.slotName, place: place, lost: lost) { throw loss }
    }

    /// Throws where the origin's log does not go on from what was received.
    private func checkOrigin(
        _ stream: borrowing ReplicationStream, beside control: borrowing PostgresConnection
    ) throws {
        let promotedAt = try OriginCheck(context: context, leg: leg).check(
            stream, beside: control, received: log.counter.lastCommitLSN)
        guard let promotedAt else { return }
        log.originWasPromoted(at: promotedAt)
        context.log(
            .warning, "capture",
            "\(control.place) was promoted at \(promotedAt), behind all that was received; the stream goes on there"
        )
    }

    /// Connects and starts the stream, waiting a bounded time for a walsender of ours that died to let go of the slot. A
    /// connection that was refused it is not used again.
    func start(
        _ control: borrowing PostgresConnection, connect: () throws -> ReplicationStream,
        asking asked: (borrowing ReplicationStream) -> StreamProtocol
    ) throws -> ReplicationStream {
        let waitMilliseconds = 200
        let attemptsMax = 50
        var attempt = 1
        while true {
            var stream = try connect()
            try checkOrigin(stream, beside: control)
            do {
                try stream.start(
                    slot: leg.slotName, at: .zero, publication: leg.publicationName, asking: asked(stream))
                return stream
            } catch let error as PostgresError {
                // 55000: its WAL went between the look at it and now; 42704: the slot itself did. The look says it better.
                if ["55000", "42704"].contains(error.sqlState) { try check(control) }
                guard error.sqlState == "55006", attempt < attemptsMax else { throw error }
            }
            attempt += 1
            published.enter(.waiting, reason: "the slot is still held by an earlier connection")
            published.publish(log, force: true)
            usleep(UInt32(waitMilliseconds * 1000))
        }
    }
}
