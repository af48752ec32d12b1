import Journal
import Records

/// The segments that one leg's capture writes: appends messages to the newest segment, begins the next one,
/// and syncs them. `CaptureLog` decides what to append.
///
/// Durability: everything received below `durableThrough` is on the disk. After a failed sync nothing more
/// becomes durable.
final class SegmentLog {
    private let journal: Journal
    private let exportDirectory: String
    private let leg: Leg
    private(set) var counter: LogCounter
    private var nextSegment: Int
    private var writer: SegmentWriter?
    /// Everything received below this LSN is durable.
    private(set) var durableThrough: LogPosition
    private let background = SegmentSync()
    /// The error of a failed sync. Nothing more becomes durable then; the next capture reads the segment
    /// back.
    private var syncFailure: (any Error)?
    /// The value of `durableThrough` once the running sync has ended; nil if none runs.
    private var syncingThrough: LogPosition?

    /// Size in bytes at which a segment is closed.
    private let segmentBytesMax: Int

    /// Reads the newest segment, to append after it.
    init(journal: Journal, exportDirectory: String, leg: Leg, segmentBytesMax: Int) throws {
        self.journal = journal
        self.exportDirectory = exportDirectory
        self.leg = leg
        self.segmentBytesMax = segmentBytesMax
        let known = try journal.segments()
        let (recovered, newest) = try Self.recover(
            exportDirectory, leg: leg, known, tables: try journal.tables().map(\.table.name))
        // The server does not send again what was durable.
        if let lost = known.first(where: {
            $0.number > newest && !$0.isArchived && !$0.isDeleted && $0.durableBytes > 0
        }) {
            throw JournalError.file(
                path: lost.path, doing: "read",
                reason: "it is missing, and \(lost.durableBytes) bytes of it were durable; bring it back")
        }
        counter = recovered
        // A row without a file comes from a crash between the two. Its number is used again: the reader waits
        // at a number that is skipped.
        nextSegment = newest + 1
        durableThrough = recovered.lastCommitLSN
    }

    /// Counts the log: scans only the newest segment, whose header has the counts of the earlier ones.
    private static func recover(
        _ exportDirectory: String, leg: Leg, _ known: [StoredSegment], tables: [QualifiedName]
    ) throws -> (LogCounter, Int) {
        let fresh = LogCounter(lastCommitLSN: .zero, transactions: 0, counts: [:])
        guard let newest = try segmentNumbers(exportDirectory).max() else { return (fresh, -1) }
        var reader = SegmentReader(exportDirectory: exportDirectory, from: newest)
        // A segment gets its name only once its whole header is durable.
        guard case .header(let header) = try reader.next(message: { _ in }) else {
            throw JournalError.damaged(
                path: segmentPath(exportDirectory, number: newest), offset: 0,
                reason: "its header is not whole")
        }
        var counter = LogCounter(
            lastCommitLSN: header.lastCommitLSN, transactions: header.transactions,
            counts: header.counts.renamed(to: tables), openCounts: header.openCounts.renamed(to: tables))
        _ = try recoverNewestSegment(
            exportDirectory: exportDirectory,
            durableBytes: known.first { $0.number == newest }?.durableBytes ?? 0
        ) { try counter.add($0) }
        counter.discardOpenTransaction()
        return (header.leg == leg.number ? counter : fresh, newest)
    }

    // MARK: Messages

    /// Number of the segment being written; below zero if there is none.
    var number: Int { writer?.number ?? -1 }

    /// Appends a message and counts it; begins a segment if there is none.
    func append(_ message: RawSpan) throws {
        if writer == nil { try openSegment(continues: false) }
        try writer!.append(message)
        try counter.add(message)
    }

    func append(_ bytes: [UInt8]) throws {
        // Sound: the array outlives the span, which is used only within this call.
        try unsafe append(bytes.span.bytes)
    }

    /// Appends an insert, update or delete to the segment being written, which has its relation message; the
    /// counter need not read the change.
    ///
    /// - Parameter tally: the counter's tally of the table, see `tally(ofRelation:)`
    func append(change: RawSpan, _ letter: UInt8, tally: Int) throws {
        try writer!.append(change)
        counter.add(change: letter, tally: tally)
    }

    /// Returns the counter's tally of a relation whose message was appended.
    func tally(ofRelation relation: UInt32) -> Int { counter.tally(ofRelation: relation) }

    // MARK: Segments

    /// Continues a transaction that is larger than a segment in the next one.
    func continueIfFull() throws {
        guard let bytes = writer?.bytes, bytes >= 2 * segmentBytesMax else { return }
        try rotate()
        try openSegment(continues: true)
    }

    /// Closes a full segment, between transactions.
    func closeIfFull() throws {
        if let bytes = writer?.bytes, bytes >= segmentBytesMax { try rotate() }
    }

    /// Closes the segment. The next message begins another one, whose header says that a transaction without
    /// its commit is void.
    func rotate() throws {
        // The kernel reports a write error to one fsync only, so wait for the running one first.
        _ = try finishSync(wait: true)
        try syncWriter()
        try storeSize()
        writer = nil
    }

    /// Discards the counts of the open transaction, which the server sends again.
    func discardOpenTransaction() { counter.discardOpenTransaction() }

    private func openSegment(continues: Bool) throws {
        let header = SegmentHeader(
            number: nextSegment, leg: leg.number, direction: leg.direction, continuesTransaction: continues,
            lastCommitLSN: counter.lastCommitLSN, transactions: counter.transactions, counts: counter.counts,
            openCounts: continues ? counter.openCounts : [:])
        try journal.segmentOpened(
            number: nextSegment, path: segmentPath(exportDirectory, number: nextSegment), leg: leg.number,
            afterLSN: counter.lastCommitLSN, continuesTransaction: continues,
            exporterRole: leg.direction == .forward ? "source_db_exporter" : "target_db_exporter_fb")
        writer = try SegmentWriter(exportDirectory: exportDirectory, header: header)
        nextSegment += 1
    }

    /// Durable size of the segment being written; nil if there is none.
    var segmentSize: SegmentSize? {
        guard let number = writer?.number, let bytes = writer?.bytesSynced else { return nil }
        return SegmentSize(number: number, durableBytes: bytes, events: counter.total.total)
    }

    /// Stores that size in the journal.
    func storeSize() throws {
        guard let size = segmentSize else { return }
        try journal.segmentGrown(size)
    }

    // MARK: Durability

    /// Bytes that no sync covers, neither an ended nor a running one.
    var unsyncedBytes: Int { writer?.unsyncedBytes ?? 0 }

    /// Makes appended messages visible to the reader of the log.
    func flush() throws { try writer?.flush() }

    var isSyncing: Bool { syncingThrough != nil }

    /// Starts a sync of all appended messages. When `finishSync` reports its end, everything below `received`
    /// is durable.
    func startSync(through received: LogPosition) throws {
        if let syncFailure { throw syncFailure }
        guard syncingThrough == nil else { return }
        guard unsyncedBytes > 0 else {
            durableThrough = received
            return
        }
        try writer?.startSync(background)
        syncingThrough = received
    }

    /// Returns true if the running sync has ended, so that `durableThrough` has moved; with `wait` it waits
    /// for the end.
    func finishSync(wait: Bool = false) throws -> Bool {
        if let syncFailure { throw syncFailure }
        guard let through = syncingThrough else { return false }
        do {
            guard try background.isDone(wait: wait) else { return false }
        } catch {
            syncFailure = error
            writer?.cutToSynced()
            throw error
        }
        writer?.syncEnded()
        syncingThrough = nil
        durableThrough = max(durableThrough, through)
        return true
    }

    /// Syncs all appended messages; then everything below `received` is durable.
    func sync(through received: LogPosition) throws {
        _ = try finishSync(wait: true)
        // No sync if nothing is unsynced: the disk would flush its cache for nothing.
        if unsyncedBytes > 0 { try syncWriter() }
        durableThrough = received
    }

    private func syncWriter() throws {
        do { try writer?.sync() } catch {
            syncFailure = error
            throw error
        }
    }

    /// Sets `durableThrough` back to `position`: WAL of the origin beyond it no longer exists.
    func forget(beyond position: LogPosition) { durableThrough = min(durableThrough, position) }
}
