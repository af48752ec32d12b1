import Journal
import Postgres
import Records

/// The capture's end of the segment log for one leg: takes the server's messages, leaves out what the log or a table's
/// snapshot has already, and appends the rest.
///
/// Order and durability: what `durableThrough` says may be confirmed to the server; nothing else.
final class CaptureLog {
    private let journal: Journal
    private let leg: Leg
    private let snapshotLSNs: [QualifiedName: LSN]
    private let segments: SegmentLog
    private var relations = ReceivedRelations()
    private var open = ReceivedTransaction()
    /// Everything below it was received; it is durable here after the next `sync`.
    private(set) var receivedThrough: LSN
    private(set) var eventsThisRun: Int64 = 0
    /// When the origin committed the transaction that has come last, by its clock.
    private(set) var committedAt = 0.0
    private(set) var truncates: ReceivedTruncates
    /// Whether the journal has them all: before their commits are in the log, for then the server tells of them no more.
    private var areTruncatesKept = true
    private var typeNames: [UInt32: String] = [:]

    /// A file is closed when it has grown to as much.
    static let segmentBytesMax = 64 << 20

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
        self.leg = leg
        self.snapshotLSNs = snapshotLSNs
        truncates = try ReceivedTruncates.read(journal, leg)
        segments = try SegmentLog(
            journal: journal, exportDirectory: exportDirectory, leg: leg, segmentBytesMax: segmentBytesMax)
        receivedThrough = segments.durableThrough
    }

    /// Counts what the log holds.
    var counter: LogCounter { segments.counter }

    var isInTransaction: Bool { open.isOpen }

    /// The last commit in the log; inside a transaction, that one's.
    var endLSN: LSN {
        let last = segments.counter.lastCommitLSN
        return isInTransaction ? max(open.finalLSN, last) : last
    }

    /// Takes one message of the output plugin.
    func take(_ message: RawSpan) throws -> Outcome {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.begin:
            // The connection was lost inside a transaction of which the log has a part: the file ends with that part, and
            // the next one's header says that it is void.
            if open.isLogged { try segments.rotate() }
            let finalLSN = LSN(bytes: try cursor.uint64(in: message))
            committedAt = secondsOf(Int64(bitPattern: try cursor.uint64(in: message)))
            open.begin(
                with: message, finalLSN: finalLSN, number: try cursor.uint32(in: message),
                isDuplicate: finalLSN <= segments.counter.lastCommitLSN)
        case MessageKind.relation: try announce(message)
        case let letter where LogCounter.isRowChange(letter):
            try takeChange(message, letter, relation: try cursor.uint32(in: message))
        case MessageKind.truncate: try takeTruncate(message)
        case MessageKind.message: try takeLogicalMessage(message)
        case MessageKind.commit: return try takeCommit(message)
        case MessageKind.type: try takeType(&cursor, message)
        case MessageKind.origin: break
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
        segments.forget(beyond: position)
    }

    /// The connection is gone, and the server will send an open transaction again from its beginning. Its part in the log
    /// ends with the file: the header of the next one tells the reader that it is void.
    func connectionLost() throws {
        try sync()
        if open.isLogged { try segments.rotate() }
        open.end()
        segments.discardOpenTransaction()
    }

    // MARK: Messages

    private func announce(_ message: RawSpan) throws {
        guard case .relation(let relation) = try ChangeMessage.decode(message) else { return }
        relations.announce(
            relation, unsafe message.withUnsafeBytes { unsafe Array($0) },
            snapshotLSN: snapshotLSNs[relation.name] ?? .zero)
    }

    private func takeChange(_ message: RawSpan, _ letter: UInt8, relation id: UInt32) throws {
        guard !open.isDuplicate else { return }
        guard let place = relations.index(of: id) else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        var known = relations[place]
        guard open.finalLSN >= known.snapshotLSN else { return }
        guard !known.isOfBarriers else { return try takeBarrierRow(message) }
        try logBegin()
        try segments.continueWhereFull()
        if known.loggedIn != segments.number {
            try logRelation(id, at: place)
            known = relations[place]
        }
        try segments.append(change: message, letter, countedAt: known.countedAt)
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
        guard case .truncate(let ids, let options) = try ChangeMessage.decode(message) else { return }
        let places = ids.compactMap { id in relations.index(of: id).map { (id: id, place: $0) } }
        guard open.isDuplicate || places.count == ids.count else {
            throw MalformedMessage(offset: 6, expected: "relations that were announced before")
        }
        for (_, place) in places { truncates.add(relations.name(place), in: open.number) }
        areTruncatesKept = false
        guard !open.isDuplicate else { return }
        let tables = places.filter { !relations[$0.place].isOfBarriers }
        let kept = tables.filter { open.finalLSN >= relations[$0.place].snapshotLSN }
        guard !kept.isEmpty else { return }
        try logBegin()
        for (id, place) in kept { try logRelation(id, at: place) }
        var logged = options.intersection([.cascade, .restartIdentity])
        if kept.count < tables.count { logged.insert(.isPartial) }
        try segments.append(ChangeMessage.truncateBytes(relations: kept.map(\.id), logged))
    }

    private func takeLogicalMessage(_ message: RawSpan) throws {
        guard !open.isDuplicate, isInTransaction,
            case .message(true, _, Barrier.prefix, let content) = try ChangeMessage.decode(message)
        else { return }
        try logBegin()
        try segments.append(message)
        open.barrier = MessageCursor().text(content, in: message)
    }

    /// The log holds the message that the row stands for, so that nobody behind it meets a table of ours.
    private func takeBarrierRow(_ change: RawSpan) throws {
        guard let content = try Barrier.content(of: change) else { return }
        try logBegin()
        try segments.append(Barrier.message(content, at: open.finalLSN))
        open.barrier = content
    }

    private func takeCommit(_ message: RawSpan) throws -> Outcome {
        // A letter and flags come before the two, and the time of the commit after them.
        var cursor = MessageCursor(offset: 2)
        let commitLSN = LSN(bytes: try cursor.uint64(in: message))
        let endLSN = LSN(bytes: try cursor.uint64(in: message))
        _ = try cursor.uint64(in: message)
        defer { open.end() }
        if !areTruncatesKept {
            try truncates.keep(in: journal, leg)
            areTruncatesKept = true
        }
        if open.isLogged {
            try segments.append(message)
            eventsThisRun += open.events
            try segments.closeWhereFull()
        }
        receivedThrough = max(receivedThrough, endLSN)
        return open.barrier.map { .barrier($0, commitLSN) } ?? .taken
    }

    private func logBegin() throws {
        guard !open.isLogged else { return }
        open.isLogged = true
        try open.withBegin { try segments.append($0) }
    }

    /// Appends a relation's announcement where the file that is written, or the one that will be, has none.
    private func logRelation(_ id: UInt32, at place: Int) throws {
        let segment = segments.number
        guard relations[place].loggedIn != segment || segment < 0 else { return }
        try segments.append(relations.announcement(place))
        relations.logged(place, in: segments.number, countedAt: segments.place(ofRelation: id))
    }
}

// MARK: To the reader and to the disk

extension CaptureLog {
    var durableThrough: LSN { segments.durableThrough }

    var unsyncedBytes: Int { segments.unsyncedBytes }

    var isSyncing: Bool { segments.isSyncing }

    var segmentSize: SegmentSize? { segments.segmentSize }

    func noteSize() throws { try segments.noteSize() }

    func flush() throws { try segments.flush() }

    /// Begins to make durable what was received so far; `finishSync` tells when it is. Inside a transaction that is whole
    /// transactions before it, which is what `receivedThrough` says.
    func startSync() throws { try segments.startSync(through: receivedThrough) }

    func finishSync(wait: Bool = false) throws -> Bool { try segments.finishSync(wait: wait) }

    /// Makes what was received durable; then `durableThrough` may be confirmed.
    func sync() throws { try segments.sync(through: receivedThrough) }
}
