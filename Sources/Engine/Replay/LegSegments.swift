import Foundation
import Journal
import Records

/// The files of the log that belong to one leg: the one to begin with, those that are no longer needed, and
/// the end.
struct LegSegments {
    private let context: RoleContext
    private let leg: Leg
    private let published: ApplyStatusWriter

    private static let pollMicroseconds: UInt32 = 50_000
    /// The reason of a state that the operator asked for.
    static let pausedReason = "paused by the operator"

    init(context: RoleContext, leg: Leg, published: ApplyStatusWriter) {
        self.context = context
        self.leg = leg
        self.published = published
    }

    func legHasEnded() throws -> Bool { try context.record().hasEnded(leg) }

    /// Returns the file that has the changes after a position.
    func first(after watermark: LogPosition) throws -> StoredSegment? {
        let segments = try context.journal.segments().filter {
            $0.leg == leg.number && !$0.continuesTransaction
        }
        return segments.last { $0.afterLSN <= watermark } ?? segments.first
    }

    /// Waits for the file to begin with; returns nil if the leg ended before there was one.
    func awaitFirst(after watermark: LogPosition) throws -> Int? {
        var isPaused = false
        while true {
            if let start = try first(after: watermark) {
                guard !start.isDeleted else {
                    throw RequestRefused(
                        "segment \(start.number) is needed from \(watermark) on and was deleted; bring it "
                            + "back to \(start.path) from the archive, then start again")
                }
                return start.number
            }
            try context.stop.check()
            let record = try context.record()
            if record.hasEnded(leg) { return nil }
            if record.isPaused != isPaused {
                isPaused = record.isPaused
                published.enter(isPaused ? .paused : .streaming, reason: isPaused ? Self.pausedReason : "")
            }
            published.publish(force: false)
            usleep(Self.pollMicroseconds)
        }
    }

    /// Notes that the files below `number` are no longer needed. Their changes are committed and on the
    /// destination's disk first, because a file that may be deleted cannot replace a lost commit.
    func applied(below number: Int) throws {
        let isNews = try context.journal.segments().contains {
            $0.number < number && $0.leg == leg.number && !$0.isApplied
        }
        guard isNews else { return }
        try context.destination(of: leg).makeCommitsDurable()
        try note(below: number)
    }

    private func note(below number: Int) throws {
        try context.journal.segmentsApplied(
            below: number, leg: leg.number, toSource: leg.direction == .reverse)
    }

    /// Waits until the leg has ended; its log is at its end.
    func awaitEndOfLeg() throws {
        while try !legHasEnded() {
            try context.stop.check()
            published.publish(force: false)
            usleep(Self.pollMicroseconds)
        }
    }

    /// Ends the leg after all of it is committed: its files are no longer needed, and its counts are kept.
    func finish() throws {
        // The drain has brought all commits to disk. The destination may be unreachable by now; the leg is
        // over all the same.
        try note(below: .max)
        published.enter(.done)
        published.publish(force: true)
        try LegCounts.keep(published.tableCounts, leg: leg.number, exported: false, journal: context.journal)
    }
}
