import Foundation
import Records

extension CaptureSession {
    private static let diskPollMicroseconds: UInt32 = 200_000

    /// Pauses the capture while a disk limit is exceeded; the server keeps the changes meanwhile.
    func waitForDiskSpace() throws {
        guard try shortage() != nil else { return }
        var pausedAt: Double?
        var confirmedAt = 0.0
        while let reason = try shortage() {
            try context.stop.check()
            if try legHasEnded() { break }
            let now = secondsNow()
            published.status.state = RoleState(word: .paused, reason: reason, since: pausedAt ?? now)
            if pausedAt == nil {
                context.log(.warning, "capture", reason)
                pausedAt = now
            }
            if hasPassed(StreamPace.confirmSeconds, since: confirmedAt, at: now) {
                try receiver.syncAndConfirm(at: now)
                confirmedAt = now
            }
            try readMonitor(at: now)
            published.publish(log, force: false)
            usleep(Self.diskPollMicroseconds)
        }
        if pausedAt != nil {
            context.log(.info, "capture", "the disk limits are met again; the capture continues")
        }
        published.enter(.streaming)
    }

    /// Returns why nothing more may be logged for now; nil if no limit is exceeded.
    ///
    /// The limit of the log's size never pauses inside a transaction, which could not be applied before its
    /// end.
    private func shortage() throws -> String? {
        let limits = try context.record().diskLimits
        if let reason = limits.shortage(context.exportDirectory) { return reason }
        guard limits.queueBytesMax != nil, limits.excess(try diskUsage.measure()) != nil else { return nil }
        let until = monotonicSeconds() + Self.recordSeconds
        while log.isInTransaction {
            // The session's loop continues a long transaction and calls this again.
            guard monotonicSeconds() < until else { return nil }
            if case .ended = try receiver.receive() { throw StreamEnded() }
        }
        try log.flush()
        return limits.excess(try diskUsage.measure())
    }
}
