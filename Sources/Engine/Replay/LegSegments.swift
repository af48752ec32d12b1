import Foundation
import Journal
import Records

/// The files of the log that hold one leg, as the apply goes through them: the one to begin with, those that are done with,
/// and the end.
struct LegSegments {
    private let context: RoleContext
    private let leg: Leg
    private let published: ApplyStatusWriter

    private static let lookMicroseconds: UInt32 = 50_000

    init(context: RoleContext, leg: Leg, published: ApplyStatusWriter) {
        self.context = context
        self.leg = leg
        self.published = published
    }

    func legHasEnded() throws -> Bool { try context.record().hasEnded(leg) }

    /// The file that holds what comes after a position.
    func first(after watermark: LSN) throws -> StoredSegment? {
        let segments = try context.journal.segments().filter {
            $0.leg == leg.number && !$0.continuesTransaction
        }
        return segments.last { $0.afterLSN <= watermark } ?? segments.first
    }

    /// Waits for the file to begin with; nil when the leg ended before there was any.
    func awaitFirst(after watermark: LSN) throws -> Int? {
        while true {
            if let start = try first(after: watermark) {
                guard !start.isDeleted else {
                    throw RequestRefused(
                        "segment \(start.number) is needed from \(watermark) on and was deleted; bring it back to "
                            + "\(start.path) from the archive, then start again")
                }
                return start.number
            }
            try context.stop.check()
            if try legHasEnded() { return nil }
            published.publish(force: false)
            usleep(Self.lookMicroseconds)
        }
    }

    /// Notes that all files below `number` are done with: what they hold is committed, and on the destination's disk, for they may
    /// be deleted now and could not make up for a commit that was lost.
    func applied(below number: Int) throws {
        let isNews = try context.journal.segments().contains {
            $0.number < number && $0.leg == leg.number && !$0.isApplied
        }
        guard isNews else { return }
        let connection = try context.connect(leg.direction.destination, as: "apply")
        try connection.makeCommitsDurable(migration: try context.record().uuid)
        try note(below: number)
    }

    private func note(below number: Int) throws {
        try context.journal.segmentsApplied(
            below: number, leg: leg.number, toSource: leg.direction == .reverse)
    }

    /// Waits until the leg has ended whose log is at its end.
    func awaitEndOfLeg() throws {
        while try !legHasEnded() {
            try context.stop.check()
            published.publish(force: false)
            usleep(Self.lookMicroseconds)
        }
    }

    /// Ends the leg, all of which is committed: its files are done with, and its counts are kept.
    func finish() throws {
        // The drain has brought it to the disk. The destination may be away by now, and the leg is over all the same.
        try note(below: .max)
        published.enter(.done)
        published.publish(force: true)
        try LegCounts.keep(published.tableCounts, leg: leg.number, exported: false, journal: context.journal)
    }
}
