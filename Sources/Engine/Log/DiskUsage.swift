import Journal
import Records

/// One reading of the migration's files on the disk, and of the free space.
struct DiskReading: Sendable {
    let freeBytes: Int64?
    let files: [SegmentFile]
    let spillBytes: Int64
    /// Changes up to this LSN are applied. Without a status of apply for this leg it is zero: the capture
    /// then pauses too early, never too late.
    let appliedLSN: LogPosition

    /// Reads the disk, and the status that apply has published of the leg.
    init(_ exportDirectory: String, _ leg: Leg) throws {
        freeBytes = diskFreeBytes(exportDirectory)
        files = try SegmentFile.list(exportDirectory)
        spillBytes = try spillFiles(exportDirectory).reduce(0) { $0 + $1.bytes }
        let path = StatusFile.path(exportDirectory, .apply)
        let apply = StatusFile.read(ApplyStatus.self, from: path)?.status
        appliedLSN = apply.flatMap { $0.isOf(leg) ? $0.appliedLSN : nil } ?? .zero
    }
}

/// The disk space that a leg's log takes, for the published status and the limits.
final class DiskUsage {
    private let context: RoleContext
    private let leg: Leg
    private let log: CaptureLog
    private let published: CaptureStatusWriter
    private var unapplied: UnappliedEstimate

    init(context: RoleContext, leg: Leg, log: CaptureLog, published: CaptureStatusWriter) throws {
        self.context = context
        self.leg = leg
        self.log = log
        self.published = published
        unapplied = UnappliedEstimate(try context.journal.segments().filter { $0.leg == leg.number })
    }

    /// Reads the disk, and returns the unapplied bytes of the log: sometimes too many, never too few.
    @discardableResult
    func measure() throws -> Int64 { note(try DiskReading(context.exportDirectory, leg)) }

    /// Publishes a reading, which may be a little older than the log; returns the same bytes.
    @discardableResult
    func note(_ reading: DiskReading) -> Int64 {
        published.noteFree(reading.freeBytes, at: secondsNow())
        published.status.queueBytes = reading.files.reduce(0) { $0 + $1.bytes } + reading.spillBytes
        let bytes = unapplied.bytes(reading.files, end: log.endLSN, applied: reading.appliedLSN)
        published.status.unappliedBytes = bytes
        return bytes
    }
}
