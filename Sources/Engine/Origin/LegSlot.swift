import Foundation
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

    /// Throws if the origin is another database, or the slot is lost: nothing can be streamed then.
    func check() throws {
        let state = try context.origin(of: leg).logState()
        try publish(state.slot, at: state.place)
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
        published.note(slot, at: secondsNow())
        let lost = "the changes after \(log.counter.lastCommitLSN), the last commit in the log,"
        if let refusal = lostSlotRefusal(slot, name: leg.slotName, at: server, lost: lost) { throw refusal }
    }

    /// Throws if the origin's WAL does not continue what was received.
    private func checkOrigin(_ stream: any OriginStream) throws {
        let promotedAt = try OriginCheck(context: context, leg: leg).check(
            try stream.timeline(), at: stream.place, received: log.counter.lastCommitLSN,
            switches: stream.switches)
        guard let promotedAt else { return }
        log.originWasPromoted(at: promotedAt)
        context.log(
            .warning, "capture",
            "\(stream.place) was promoted at \(promotedAt), after everything that was received; the stream "
                + "continues there"
        )
    }

    /// Connects and starts the stream. Waits a bounded time if the walsender of an ended connection of ours
    /// still uses the slot; a connection that was refused the slot is not used again.
    func start(openTransactions: Bool) throws -> any OriginStream {
        var attempt = 1
        while true {
            try OriginCheck(context: context, leg: leg).refuseLost()
            let stream = try context.origin(of: leg).openStream()
            try checkOrigin(stream)
            do {
                try stream.start(
                    openTransactions: openTransactions, logged: log.counter.lastCommitLSN)
                return stream
            } catch let error as any DatabaseError {
                guard error.condition == .inUse, attempt < Self.startAttemptsMax else {
                    // The slot may have been lost or dropped after the check, whose refusal is clearer.
                    if error.refusesStatement {
                        do { try check() } catch let refusal as RequestRefused { throw refusal } catch {
                            // The first error says more.
                        }
                    }
                    throw error
                }
            }
            attempt += 1
            published.enter(.waiting, reason: "another connection still uses the slot")
            published.publish(log, force: true)
            usleep(UInt32(Self.startWaitMilliseconds * 1000))
        }
    }
}
