import Journal
import Postgres
import Records

/// The files of the segment log as one leg's capture writes them: appends messages to the newest, begins the next, and brings
/// them to the disk. What goes into them is `CaptureLog`'s to decide.
///
/// Order and durability: what is behind `durableThrough` is on the disk; after a sync has failed nothing more is.
final class SegmentLog {
    private let journal: Journal
    private let exportDirectory: String
    private let leg: Leg
    private(set) var counter: LogCounter
    private var nextSegment: Int
    private var writer: SegmentWriter?
    /// Of what was received, that below it is on the disk.
    private(set) var durableThrough: LSN
    private let background = SegmentSync()
    /// Why the log cannot be brought to the disk. Nothing more is durable then: the next capture reads the file back.
    private var syncFailure: (any Error)?
    /// What is durable when the sync that is under way has ended.
    private var syncingThrough: LSN?

    /// A file is closed when it has grown to as much.
    private let segmentBytesMax: Int

    /// Reads back the newest segment and stands ready to append after it.
    init(journal: Journal, exportDirectory: String, leg: Leg, segmentBytesMax: Int) throws {
        self.journal = journal
        self.exportDirectory = exportDirectory
        self.leg = leg
        self.segmentBytesMax = segmentBytesMax
        let known = try journal.segments()
        let (recovered, newest) = try Self.recover(
            exportDirectory, leg: leg, known, tables: try journal.tables().map(\.table.name))
        // Of what was there the server sends nothing again.
        if let lost = known.first(where: {
            $0.number > newest && !$0.isArchived && !$0.isDeleted && $0.durableBytes > 0
        }) {
            throw JournalError.file(
                path: lost.path, doing: "read",
                reason: "it is missing, and \(lost.durableBytes) bytes of it were there; bring it back")
        }
        counter = recovered
        // A row without a file is of a crash between the two; its number is free, but skipping it would hold the reader.
        nextSegment = newest + 1
        durableThrough = recovered.lastCommitLSN
    }

    /// Scans the newest file only; the header says what went before.
    private static func recover(
        _ exportDirectory: String, leg: Leg, _ known: [StoredSegment], tables: [QualifiedName]
    ) throws -> (LogCounter, Int) {
        let fresh = LogCounter(lastCommitLSN: .zero, transactions: 0, counts: [:])
        guard let newest = try segmentNumbers(exportDirectory).max() else { return (fresh, -1) }
        var reader = SegmentReader(exportDirectory: exportDirectory, from: newest)
        // A file has its name only when its whole header is on the disk.
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
        ) { try counter.follow($0) }
        counter.discardOpenTransaction()
        return (header.leg == leg.number ? counter : fresh, newest)
    }

    // MARK: What is appended

    /// The file that is written; below zero where none is.
    var number: Int { writer?.number ?? -1 }

    func append(_ message: RawSpan) throws {
        if writer == nil { try openSegment(continues: false) }
        try writer!.append(message)
        try counter.follow(message)
    }

    func append(_ bytes: [UInt8]) throws {
        // The array outlives the span, which is used within this call.
        try unsafe append(bytes.span.bytes)
    }

    /// Appends a row's change to the file that is written; the counter has its relation, and need not read the message.
    ///
    /// - Parameter place: where the counter counts it, see `place(ofRelation:)`.
    func append(change: RawSpan, _ letter: UInt8, countedAt place: Int) throws {
        try writer!.append(change)
        counter.count(letter, at: place)
    }

    /// Where the counter counts the changes of a relation that was appended.
    func place(ofRelation relation: UInt32) -> Int { counter.place(ofRelation: relation) }

    // MARK: Files

    /// A transaction larger than a file goes on in the next one.
    func continueWhereFull() throws {
        guard let bytes = writer?.bytes, bytes >= 2 * segmentBytesMax else { return }
        try rotate()
        try openSegment(continues: true)
    }

    /// Closes a full file, between transactions.
    func closeWhereFull() throws {
        if let bytes = writer?.bytes, bytes >= segmentBytesMax { try rotate() }
    }

    /// Closes the file; the next message begins another one, whose header says that a transaction without its end is void.
    func rotate() throws {
        // Of an error the kernel tells one of the two only.
        _ = try finishSync(wait: true)
        try syncWriter()
        try noteSize()
        writer = nil
    }

    /// The server sends the open transaction again.
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

    /// The file that is written, as far as it has come to the disk; nil where none is.
    var segmentSize: SegmentSize? {
        guard let number = writer?.number, let bytes = writer?.bytesSynced else { return nil }
        return SegmentSize(number: number, durableBytes: bytes, events: counter.total.total)
    }

    /// Keeps that in the journal.
    func noteSize() throws {
        guard let size = segmentSize else { return }
        try journal.segmentGrown(size)
    }

    // MARK: To the reader and to the disk

    /// The bytes that wait in the buffer or in the kernel for the disk.
    var unsyncedBytes: Int { writer?.unsyncedBytes ?? 0 }

    /// Makes what was appended visible to the reader.
    func flush() throws { try writer?.flush() }

    var isSyncing: Bool { syncingThrough != nil }

    /// Begins to bring what was appended to the disk; `finishSync` tells when it is there, and what was received `through`
    /// that position is durable then.
    func startSync(through received: LSN) throws {
        if let syncFailure { throw syncFailure }
        guard syncingThrough == nil else { return }
        guard unsyncedBytes > 0 else {
            durableThrough = received
            return
        }
        try writer?.startSync(background)
        syncingThrough = received
    }

    /// True when a sync has ended since it was asked last, and `durableThrough` has moved.
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

    /// Brings all that was appended to the disk: what was received `through` that position is durable then.
    func sync(through received: LSN) throws {
        _ = try finishSync(wait: true)
        // The disk is left alone where it has everything: asked again it would flush its cache for nothing.
        if unsyncedBytes > 0 { try syncWriter() }
        durableThrough = received
    }

    private func syncWriter() throws {
        do { try writer?.sync() } catch {
            syncFailure = error
            throw error
        }
    }

    /// What was told beyond `position` is of a log that is no more.
    func forget(beyond position: LSN) { durableThrough = min(durableThrough, position) }
}
