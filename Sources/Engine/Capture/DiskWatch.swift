import Journal
import Records

/// Measures how much of the disk the capture takes, and how much is left.
final class DiskWatch {
    private let context: RoleContext
    private let leg: Leg
    private let log: CaptureLog
    private let published: CaptureStatusWriter
    private var gauge: QueueGauge

    init(context: RoleContext, leg: Leg, log: CaptureLog, published: CaptureStatusWriter) throws {
        self.context = context
        self.leg = leg
        self.log = log
        self.published = published
        gauge = QueueGauge(try context.journal.segments().filter { $0.leg == leg.number })
    }

    /// Measures, and returns the bytes of the queue that are not applied yet: too many at times, never too few.
    @discardableResult
    func look() throws -> Int64 {
        published.status.diskFreeBytes = diskFreeBytes(context.exportDirectory)
        let files = try SegmentFile.list(context.exportDirectory)
        published.status.queueBytes =
            files.reduce(0) { $0 + $1.bytes }
            + (try spillFiles(context.exportDirectory).reduce(0) { $0 + $1.bytes })
        // Without a word of apply nothing counts as applied: the capture pauses too early, never too late.
        let apply = StatusFile.read(
            ApplyStatus.self, from: StatusFile.path(context.exportDirectory, capture: false))?.status
        let unapplied = gauge.unappliedBytes(
            files, end: log.endLSN,
            applied: apply?.direction == leg.direction ? apply?.appliedLSN ?? .zero : .zero)
        published.status.unappliedBytes = unapplied
        return unapplied
    }
}
