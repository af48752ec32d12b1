import Journal
import Postgres
import Records

/// The capture's end of the segment log for one leg: takes the server's messages, leaves out what the log or a table's
/// snapshot has already, and appends the rest.
///
/// Order and durability: what `durableThrough` says may be confirmed to the server; nothing else.
final class CaptureLog {
    private let journal: Journal
    private let exportDirectory: String
    private let leg: Leg
    private let snapshotLSNs: [QualifiedName: LSN]
    private(set) var counter: LogCounter
    private var nextSegment: Int
    private var writer: SegmentWriter?
    private var relations: [UInt32: Relation] = [:]
    private var open = OpenTransaction()
    /// Everything below it was received; it is durable here after the next `sync`.
    private(set) var receivedThrough: LSN
    private(set) var durableThrough: LSN
    private let background = SegmentSync()
    /// Why the log cannot be brought to the disk. Nothing more is durable then: the next capture reads the file back.
    private var syncFailure: (any Error)?
    /// What is durable when the sync that is under way has ended.
    private var syncingThrough: LSN?
    private(set) var eventsThisRun: Int64 = 0
    /// When the origin committed the transaction that has come last, by its clock.
    private(set) var committedAt = 0.0
    /// Truncates of each table that were told since the start.
    private(set) var truncates: [QualifiedName: Int] = [:]
    private var typeNames: [UInt32: String] = [:]

    /// A file is closed when it has grown to as much.
    private let segmentBytesMax: Int
    static let segmentBytesMax = 64 << 20

    private struct Relation {
        var name: QualifiedName
        var bytes: [UInt8]
    }

    /// What is looked up of a relation for every change.
    private struct RelationFacts {
        /// The segment in which it was announced last.
        var announcedIn = -1
        /// Commits below it are in the table's rows already.
        var snapshotLSN: LSN
        /// Where the counter counts it, once it is announced.
        var place = 0
        /// Its rows are barriers.
        var isOfBarriers = false
    }

    private var places = RelationPlaces()
    private var facts: [RelationFacts] = []

    private struct OpenTransaction {
        var isOpen = false
        /// The message that began it: the first bytes of a room that is kept for the next ones.
        private(set) var begin = [UInt8](repeating: 0, count: 32)
        private(set) var beginBytes = 0
        var finalLSN = LSN.zero
        /// The log has it from before.
        var isDuplicate = false
        var isLogged = false
        var events: Int64 = 0
        var barrier: String?

        /// Ends it, and keeps the room for the next one's beginning.
        mutating func end() {
            isOpen = false
            beginBytes = 0
            finalLSN = .zero
            isDuplicate = false
            isLogged = false
            events = 0
            if barrier != nil { barrier = nil }
        }

        mutating func begin(with message: RawSpan, finalLSN: LSN, isDuplicate: Bool) {
            end()
            isOpen = true
            beginBytes = message.byteCount
            if begin.count < beginBytes { begin = [UInt8](repeating: 0, count: beginBytes) }
            // There is room for it.
            unsafe message.withUnsafeBytes { message in
                unsafe begin.withUnsafeMutableBytes { unsafe $0.copyMemory(from: message) }
            }
            self.finalLSN = finalLSN
            self.isDuplicate = isDuplicate
        }
    }

    /// What a message came to.
    enum Outcome: Equatable {
        case taken
        /// A transaction ended that carries one of our barriers.
        case barrier(String, LSN)
    }

    /// Reads back the newest segment and stands ready to append after it.
    init(
        journal: Journal, exportDirectory: String, leg: Leg, snapshotLSNs: [QualifiedName: LSN],
        segmentBytesMax: Int = CaptureLog.segmentBytesMax
    ) throws {
        self.journal = journal
        self.segmentBytesMax = segmentBytesMax
        self.exportDirectory = exportDirectory
        self.leg = leg
        self.snapshotLSNs = snapshotLSNs
        let known = try journal.segments()
        let (recovered, newest) = try Self.recover(exportDirectory, leg: leg, known)
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
        receivedThrough = recovered.lastCommitLSN
        durableThrough = recovered.lastCommitLSN
    }

    /// Scans the newest file only; the header says what went before.
    private static func recover(_ exportDirectory: String, leg: Leg, _ known: [StoredSegment]) throws
        -> (LogCounter, Int)
    {
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
            lastCommitLSN: header.lastCommitLSN, transactions: header.transactions, counts: header.counts,
            openCounts: header.openCounts)
        _ = try recoverNewestSegment(
            exportDirectory: exportDirectory,
            durableBytes: known.first { $0.number == newest }?.durableBytes ?? 0
        ) { try counter.follow($0) }
        counter.discardOpenTransaction()
        return (header.leg == leg.number ? counter : fresh, newest)
    }

    /// The bytes that wait in the buffer or in the kernel for the disk.
    var unsyncedBytes: Int { writer?.unsyncedBytes ?? 0 }

    var isInTransaction: Bool { open.isOpen }

    /// The last commit in the log; inside a transaction, that one's.
    var endLSN: LSN { isInTransaction ? max(open.finalLSN, counter.lastCommitLSN) : counter.lastCommitLSN }

    /// Takes one message of the output plugin.
    func take(_ message: RawSpan) throws -> Outcome {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case UInt8(ascii: "B"):
            // The connection was lost inside a transaction of which the log has a part: the file ends with that part, and
            // the next one's header says that it is void.
            if open.isLogged { try rotate() }
            let finalLSN = LSN(bytes: try cursor.uint64(in: message))
            committedAt = secondsOf(Int64(bitPattern: try cursor.uint64(in: message)))
            open.begin(with: message, finalLSN: finalLSN, isDuplicate: finalLSN <= counter.lastCommitLSN)
        case UInt8(ascii: "R"): try announce(message)
        case let letter where LogCounter.isRowChange(letter):
            try takeChange(message, letter, relation: try cursor.uint32(in: message))
        case UInt8(ascii: "T"): try takeTruncate(message)
        case UInt8(ascii: "M"): try takeLogicalMessage(message)
        case UInt8(ascii: "C"): return try takeCommit(message)
        case UInt8(ascii: "Y"): try takeType(&cursor, message)
        case UInt8(ascii: "O"): break
        default: throw MalformedMessage(offset: 0, expected: "the letter of a message of pgoutput protocol 1")
        }
        return .taken
    }

    /// The server has sent all its WAL below `end`; between transactions that moves the position of an idle slot.
    func keepalive(walEnd: LSN) {
        if !isInTransaction, walEnd > receivedThrough { receivedThrough = walEnd }
    }

    /// The origin's log goes on from `position`, which is behind the last commit that was received: what a keepalive told beyond
    /// it was of a log that is no more, and must not be confirmed.
    func originWasPromoted(at position: LSN) {
        receivedThrough = min(receivedThrough, position)
        durableThrough = min(durableThrough, position)
    }

    /// Makes what was appended visible to the reader.
    func flush() throws { try writer?.flush() }

    var isSyncing: Bool { syncingThrough != nil }

    /// Begins to make durable what was received so far; `finishSync` tells when it is.
    func startSync() throws {
        if let syncFailure { throw syncFailure }
        guard syncingThrough == nil else { return }
        guard unsyncedBytes > 0 else {
            durableThrough = receivedThrough
            return
        }
        try writer?.startSync(background)
        syncingThrough = receivedThrough
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

    /// Makes what was received durable; then `durableThrough` may be confirmed.
    func sync() throws {
        _ = try finishSync(wait: true)
        // The disk is left alone where it has everything: asked again it would flush its cache for nothing.
        if unsyncedBytes > 0 { try syncWriter() }
        // Inside a transaction only whole transactions before it count; receivedThrough says just that.
        durableThrough = receivedThrough
    }

    private func syncWriter() throws {
        do { try writer?.sync() } catch {
            syncFailure = error
            throw error
        }
    }

    /// The connection is gone, and the server will send an open transaction again from its beginning. Its part in the log
    /// ends with the file: the header of the next one tells the reader that it is void.
    func connectionLost() throws {
        try sync()
        if open.isLogged { try rotate() }
        open.end()
        counter.discardOpenTransaction()
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

    // MARK: Messages

    private func copy(_ message: RawSpan) -> [UInt8] {
        unsafe message.withUnsafeBytes { unsafe Array($0) }
    }

    private func announce(_ message: RawSpan) throws {
        guard case .relation(let relation) = try ChangeMessage.decode(message) else { return }
        relations[relation.id] = Relation(name: relation.name, bytes: copy(message))
        let (place, new) = (
            places.add(relation.id),
            RelationFacts(
                snapshotLSN: snapshotLSNs[relation.name] ?? .zero,
                isOfBarriers: relation.name == Barrier.table)
        )
        if place == facts.count { facts.append(new) } else { facts[place] = new }
    }

    private func takeChange(_ message: RawSpan, _ letter: UInt8, relation id: UInt32) throws {
        guard !open.isDuplicate else { return }
        guard let place = places.place(of: id) else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        var known = facts[place]
        guard open.finalLSN >= known.snapshotLSN else { return }
        guard !known.isOfBarriers else { return try takeBarrierRow(message) }
        try logBegin()
        if let bytes = writer?.bytes, bytes >= 2 * segmentBytesMax {
            // A transaction larger than a file goes on in the next one.
            try rotate()
            try openSegment(continues: true)
        }
        if known.announcedIn != writer?.number {
            try logRelation(id)
            known = facts[place]
        }
        // The counter has the relation by now, and need not read the message.
        try writer!.append(message)
        counter.count(letter, at: known.place)
        open.events += 1
    }

    /// Keeps the name of a type of the origin's own, before anything of that type is logged.
    private func takeType(_ cursor: inout MessageCursor, _ message: RawSpan) throws {
        let oid = try cursor.uint32(in: message)
        let schema = try cursor.string(in: message)
        let name = schema + "." + (try cursor.string(in: message))
        guard typeNames[oid] != name else { return }
        typeNames[oid] = name
        try journal.update([UInt32: String].self, key: OriginTypes.key(leg), initial: [:]) { $0[oid] = name }
    }

    private func takeTruncate(_ message: RawSpan) throws {
        guard case .truncate(let ids, let cascade, let restart) = try ChangeMessage.decode(message) else {
            return
        }
        for id in ids { if let name = relations[id]?.name { truncates[name, default: 0] += 1 } }
        guard !open.isDuplicate else { return }
        let kept = ids.filter { id in
            guard let place = places.place(of: id) else { return true }
            return !facts[place].isOfBarriers && open.finalLSN >= facts[place].snapshotLSN
        }
        guard !kept.isEmpty else { return }
        try logBegin()
        for id in kept { try logRelation(id) }
        var bytes: [UInt8] = [UInt8(ascii: "T")]
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: kept.count >> shift)) }
        bytes.append((cascade ? 1 : 0) | (restart ? 2 : 0))
        for id in kept {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: id >> UInt32(shift))) }
        }
        try append(bytes)
    }

    private func takeLogicalMessage(_ message: RawSpan) throws {
        guard !open.isDuplicate, isInTransaction,
            case .message(true, _, Barrier.prefix, let content) = try ChangeMessage.decode(message)
        else { return }
        try logBegin()
        try append(message)
        open.barrier = MessageCursor().text(content, in: message)
    }

    /// The log holds the message that the row stands for, so that nobody behind it meets a table of ours.
    private func takeBarrierRow(_ change: RawSpan) throws {
        guard let content = try Barrier.content(of: change) else { return }
        try logBegin()
        try append(Barrier.message(content, at: open.finalLSN))
        open.barrier = content
    }

    private func takeCommit(_ message: RawSpan) throws -> Outcome {
        // A letter and flags come before the two, and the time of the commit after them.
        var cursor = MessageCursor(offset: 2)
        let commitLSN = LSN(bytes: try cursor.uint64(in: message))
        let endLSN = LSN(bytes: try cursor.uint64(in: message))
        _ = try cursor.uint64(in: message)
        defer { open.end() }
        if open.isLogged {
            try append(message)
            eventsThisRun += open.events
            if let bytes = writer?.bytes, bytes >= segmentBytesMax { try rotate() }
        }
        receivedThrough = max(receivedThrough, endLSN)
        return open.barrier.map { .barrier($0, commitLSN) } ?? .taken
    }

    // MARK: Files

    private func logBegin() throws {
        guard !open.isLogged else { return }
        open.isLogged = true
        let begin = open.begin
        // The array outlives the span, which is used within this call.
        try unsafe append(begin.span.bytes.extracting(0..<open.beginBytes))
    }

    private func logRelation(_ id: UInt32) throws {
        let segment = writer?.number ?? -1
        guard let place = places.place(of: id), let relation = relations[id],
            facts[place].announcedIn != segment || segment < 0
        else { return }
        try append(relation.bytes)
        facts[place].announcedIn = writer?.number ?? -1
        facts[place].place = counter.place(ofRelation: id)
    }

    private func append(_ bytes: [UInt8]) throws {
        // The array outlives the span, which is used within this call.
        try unsafe append(bytes.span.bytes)
    }

    private func append(_ message: RawSpan) throws {
        if writer == nil { try openSegment(continues: false) }
        try writer!.append(message)
        try counter.follow(message)
    }

    private func rotate() throws {
        // Of an error the kernel tells one of the two only.
        _ = try finishSync(wait: true)
        try syncWriter()
        try noteSize()
        writer = nil
    }

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
}
