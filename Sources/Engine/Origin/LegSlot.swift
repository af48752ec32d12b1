import Foundation
import Postgres
import Records

/// The slot that a leg is streamed from: checked over an ordinary connection, and started.
final class LegSlot {
    private let context: RoleContext
    private let leg: Leg
    private let log: CaptureLog
    private let published: CaptureStatusWriter
    private var notices = SlotNotices()

    /// Wait between two attempts to start a slot that an earlier connection still uses, and their number: 10
    /// s in all.
    private static let startWaitMilliseconds = 200
    private static let startAttemptsMax = 50

    init(context: RoleContext, leg: Leg, log: CaptureLog, published: CaptureStatusWriter) {
        self.context = context
        self.leg = leg
        self.log = log
        self.published = published
    }

    /// Throws if the connection is to another database, or the slot is lost: nothing can be streamed then.
    func check(_ control: borrowing PostgresConnection) throws {
        try context.checkIdentity(leg.direction.origin, control)
        try publish(try control.slotState(leg.slotName), at: control.place)
    }

    /// Publishes the slot's state, nil if the server has no such slot. Throws if the slot is lost; logs a
    /// notice if it may soon be.
    func note(_ slot: SlotState?, at server: String) throws {
        try publish(slot, at: server)
        if let slot, let notice = notices.check(slot, name: leg.slotName, at: server) {
            context.log(notice.level, "capture", notice.text)
        }
        if let notice = notices.checkAwaited(slot, at: server) {
            context.log(notice.level, "capture", notice.text)
        }
    }

    private func publish(_ slot: SlotState?, at server: String) throws {
        published.status.note(slot)
        let lost = "the changes after \(log.counter.lastCommitLSN), the last commit in the log,"
        if let refusal = lostSlotRefusal(slot, name: leg.slotName, at: server, lost: lost) { throw refusal }
    }

    /// Throws if the origin's WAL does not continue what was received.
    private func checkOrigin(
        _ stream: borrowing ReplicationStream, beside control: borrowing PostgresConnection
    ) throws {
        let promotedAt = try OriginCheck(context: context, leg: leg).check(
            stream, beside: control, received: log.counter.lastCommitLSN)
        guard let promotedAt else { return }
        log.originWasPromoted(at: promotedAt)
        context.log(
            .warning, "capture",
            "\(control.place) was promoted at \(promotedAt), after everything that was received; the stream "
                + "continues there"
        )
    }

    /// Connects and starts the stream. Waits a bounded time if the walsender of an ended connection of ours
    /// still uses the slot; a connection that was refused the slot is not used again.
    func start(
        _ control: borrowing PostgresConnection, connect: () throws -> ReplicationStream,
        asking streamProtocol: (borrowing ReplicationStream) -> StreamProtocol
    ) throws -> ReplicationStream {
        var attempt = 1
        while true {
            var stream = try connect()
            try checkOrigin(stream, beside: control)
            do {
                try stream.start(
                    slot: leg.slotName, at: .zero, publication: leg.publicationName,
                    asking: streamProtocol(stream))
                return stream
            } catch let error as PostgresError {
                // 55000: the slot lost its WAL after the check; 42704: it was dropped. The check's error is
                // clearer.
                if ["55000", "42704"].contains(error.sqlState) { try check(control) }
                guard error.sqlState == "55006", attempt < Self.startAttemptsMax else { throw error }
            }
            attempt += 1
            published.enter(.waiting, reason: "an earlier connection still uses the slot")
            published.publish(log, force: true)
            usleep(UInt32(Self.startWaitMilliseconds * 1000))
        }
    }
}
