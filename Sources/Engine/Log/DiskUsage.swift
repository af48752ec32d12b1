import Journal
import Records

/// What the disk has of the migration, and how much it has left.
struct DiskReading: Sendable {
    let freeBytes: Int64?
    let files: [SegmentFile]
    let spillBytes: Int64
    /// Through here a leg's changes are applied. Without a word of apply nothing counts as applied: the capture pauses too early,
    /// never too late.
    let appliedLSN: LSN

    /// Looks at the disk, and at what apply has published of the leg.
    init(_ exportDirectory: String, _ leg: Leg) throws {
        freeBytes = diskFreeBytes(exportDirectory)
        files = try SegmentFile.list(exportDirectory)
        spillBytes = try spillFiles(exportDirectory).reduce(0) { $0 + $1.bytes }
        let path = StatusFile.path(exportDirectory, .apply)
        let apply = StatusFile.read(ApplyStatus.self, from: path)?.status
        appliedLSN = apply?.direction == leg.direction ? apply?.appliedLSN ?? .zero : .zero
    }
}

/// Tells how much of the disk the capture takes, and how much is left.
final class DiskUsage {
    private let context: RoleContext
    private let leg: Leg
    private let log: CaptureLog
    private let published: CaptureStatusWriter
    private var gauge: UnappliedEstimate

    init(context: RoleContext, leg: Leg, log: CaptureLog, published: CaptureStatusWriter) throws {
        self.context = context
        self.leg = leg
        self.log = log
        self.published = published
        gauge = UnappliedEstimate(try context.journal.segments().filter { $0.leg == leg.number })
    }

    /// Looks, and returns the bytes of the queue that are not applied yet: too many at times, never too few.
    func measure() throws -> Int64 { note(try DiskReading(context.exportDirectory, leg)) }

    /// Takes note of what was seen since the stream was last asked for; returns the same.
    @discardableResult
    func note(_ facts: DiskReading) -> Int64 {
        published.status.diskFreeBytes = facts.freeBytes
        published.status.queueBytes = facts.files.reduce(0) { $0 + $1.bytes } + facts.spillBytes
        let unapplied = gauge.unappliedBytes(facts.files, end: log.endLSN, applied: facts.appliedLSN)
        published.status.unappliedBytes = unapplied
        return unapplied
    }
}
