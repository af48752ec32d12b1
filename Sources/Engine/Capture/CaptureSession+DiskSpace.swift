import Foundation
import Postgres
import Records

extension CaptureSession {
    private static let roomMicroseconds: UInt32 = 200_000

    /// Holds the capture while the disk is nearly full or the queue too long; the server keeps the changes meanwhile.
    func waitForDiskSpace() throws {
        guard try shortage() != nil else { return }
        var (said, confirmedAt) = (false, 0.0)
        while let reason = try shortage() {
            try context.stop.check()
            if try legHasEnded() { break }
            let now = secondsNow()
            published.status.state = RoleState(
                word: .paused, reason: reason, since: said ? published.status.state.since : now)
            if !said { context.log(.warning, "capture", reason) }
            said = true
            if hasPassed(StreamPace.confirmSeconds, since: confirmedAt, at: now) {
                try receiver.syncAndConfirm(at: now)
                confirmedAt = now
            }
            try readMonitor(at: now)
            published.publish(log, force: false)
            usleep(Self.roomMicroseconds)
        }
        if said { context.log(.info, "capture", "there is room again, the capture goes on") }
        published.enter(.streaming)
    }

    /// Why nothing more is to be logged for now. For the queue's sake alone it never stops inside a transaction: that could
    /// not be applied before its end came.
    private func shortage() throws -> String? {
        let limits = try context.record().diskLimits
        if let reason = limits.shortage(context.exportDirectory) { return reason }
        guard limits.queueBytesMax != nil, limits.excess(try diskUsage.measure()) != nil else { return nil }
        let until = monotonicSeconds() + Self.recordSeconds
        while log.isInTransaction {
            // A long one is read on by the ordinary loop, which comes back here.
            guard monotonicSeconds() < until else { return nil }
            if case .ended = try receiver.receive() { throw StreamReceiver.streamEnded }
        }
        try log.flush()
        return limits.excess(try diskUsage.measure())
    }
}
