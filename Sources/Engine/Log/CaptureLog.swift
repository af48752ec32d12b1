import Journal
import Records

/// The writing end of one leg's log: takes the server's messages, omits those that the log or a table's
/// snapshot already has, and appends the rest.
///
/// Order: transactions are in the order of their commit LSNs. Durability: only positions up to
/// `durableThrough` may be confirmed to the server.
///
/// The commit LSN is a transaction's position and identity, here and in `LogCounter`: one at or below the
/// last commit LSN in the log is a duplicate. That is right because PostgreSQL gives each commit record an
/// LSN of its own, and sends transactions in that order.
final class CaptureLog {
    private let journal: Journal
    private let leg: Leg
    private let snapshotLSNs: [QualifiedName: LogPosition]
    let segments: SegmentLog
    private var relations = ReceivedRelations()
    private var open = ReceivedTransaction()
    /// Everything below this LSN was received; it is durable after the next `sync`.
    private(set) var receivedThrough: LogPosition
    private(set) var eventsThisRun: Int64 = 0
    /// Commit time of the last transaction that began to arrive, by the origin's clock.
    private(set) var committedAt = 0.0
    private(set) var truncates: ReceivedTruncates
    /// Whether `truncates` has some that the journal lacks. They are stored before their commit is in the
    /// log: the server does not send them again after that.
    private var hasUnstoredTruncates = false
    private var typeNames: [UInt32: String] = [:]

    /// Size in bytes at which a segment is closed.
    static let segmentBytesMax = 64 << 20

    /// The result of taking one message.
    enum Outcome: Equatable {
        case taken
        /// A transaction with one of our barriers ended.
        case barrier(String, LogPosition)
    }

    /// Reads the newest segment, to append after it.
    init(
        journal: Journal, exportDirectory: String, leg: Leg, snapshotLSNs: [QualifiedName: LogPosition],
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

    var isInTransaction: Bool { open.isOpen }

    /// The last commit LSN in the log; inside a transaction, its commit LSN.
    var endLSN: LogPosition {
        let last = segments.counter.lastCommitLSN
        return isInTransaction ? max(open.finalLSN, last) : last
    }

    /// Takes one message of the output plugin.
    func take(_ message: RawSpan) throws -> Outcome {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.begin:
            // The connection was lost inside a transaction that is partly in the log. Its segment ends here,
            // and the header of the next one says that the part is void.
            if open.isLogged { try segments.rotate() }
            let finalLSN = LogPosition(number: try cursor.uint64(in: message))
            committedAt = secondsOf(Int64(bitPattern: try cursor.uint64(in: message)))
            open.begin(
                with: message, finalLSN: finalLSN, number: try cursor.uint32(in: message),
                isDuplicate: finalLSN <= segments.counter.lastCommitLSN)
        case MessageKind.relation: try takeRelation(message)
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

    /// Records that the server has sent all its WAL below `end`. Between transactions that moves an idle slot
    /// forward.
    func keepalive(logEnd: LogPosition) {
        if !isInTransaction, logEnd > receivedThrough { receivedThrough = logEnd }
    }

    /// Records that the origin's WAL branched off at `position`, which is after the last received commit.
    /// Positions of keepalives beyond it belong to WAL that no longer exists, and must not be confirmed.
    func originWasPromoted(at position: LogPosition) {
        receivedThrough = min(receivedThrough, position)
        segments.forget(beyond: position)
    }

    /// Records that the connection is lost: the server sends an open transaction again from its beginning.
    /// The segment ends with the part that is in the log; the header of the next one says that the part is
    /// void.
    func connectionLost() throws {
        try sync()
        if open.isLogged { try segments.rotate() }
        open.end()
        segments.discardOpenTransaction()
    }

    // MARK: Messages

    private func takeRelation(_ message: RawSpan) throws {
        guard case .relation(let relation) = try ChangeMessage.decode(message) else { return }
        relations.add(
            // Sound: the bytes are copied within the call.
            relation, unsafe message.withUnsafeBytes { unsafe Array($0) },
            snapshotLSN: snapshotLSNs[relation.name] ?? .zero)
    }

    private func takeChange(_ message: RawSpan, _ letter: UInt8, relation id: UInt32) throws {
        guard !open.isDuplicate else { return }
        guard let index = relations.index(of: id) else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        var facts = relations[index]
        guard open.finalLSN >= facts.snapshotLSN else { return }
        guard !facts.isOfBarriers else { return try takeBarrierRow(message) }
        try logBegin()
        try segments.continueIfFull()
        if facts.segment != segments.number {
            try logRelation(id, at: index)
            facts = relations[index]
        }
        try segments.append(change: message, letter, tally: facts.tally)
        open.events += 1
    }

    /// Stores the name of a type of the origin's own, before a value of that type is in the log.
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
        let known = ids.compactMap { id in relations.index(of: id).map { (id: id, index: $0) } }
        guard open.isDuplicate || known.count == ids.count else {
            throw MalformedMessage(offset: 6, expected: "relations that were announced before")
        }
        for (_, index) in known { truncates.add(relations.name(index), in: open.number) }
        hasUnstoredTruncates = true
        guard !open.isDuplicate else { return }
        let tables = known.filter { !relations[$0.index].isOfBarriers }
        let logged = tables.filter { open.finalLSN >= relations[$0.index].snapshotLSN }
        guard !logged.isEmpty else { return }
        try logBegin()
        for (id, index) in logged { try logRelation(id, at: index) }
        var loggedOptions = options.intersection([.cascade, .restartIdentity])
        if logged.count < tables.count { loggedOptions.insert(.isPartial) }
        try segments.append(MessageBytes.truncate(relations: logged.map(\.id), loggedOptions))
    }

    private func takeLogicalMessage(_ message: RawSpan) throws {
        guard !open.isDuplicate, isInTransaction,
            case .message(true, _, Barrier.prefix, let content) = try ChangeMessage.decode(message)
        else { return }
        try logBegin()
        try segments.append(message)
        open.barrier = MessageCursor().text(content, in: message)
    }

    /// Logs a barrier's row as the logical message that it replaces, so that no reader of the log meets a
    /// table of ours.
    private func takeBarrierRow(_ change: RawSpan) throws {
        guard let content = try Barrier.content(of: change) else { return }
        try logBegin()
        try segments.append(
            MessageBytes.logicalMessage(prefix: Barrier.prefix, content, at: open.finalLSN))
        open.barrier = content
    }

    private func takeCommit(_ message: RawSpan) throws -> Outcome {
        // A letter and flags precede the two LSNs, and the commit time follows them.
        var cursor = MessageCursor(offset: 2)
        let commitLSN = LogPosition(number: try cursor.uint64(in: message))
        let endLSN = LogPosition(number: try cursor.uint64(in: message))
        _ = try cursor.uint64(in: message)
        defer { open.end() }
        if hasUnstoredTruncates {
            try truncates.store(in: journal, leg)
            hasUnstoredTruncates = false
        }
        if open.isLogged {
            try segments.append(message)
            eventsThisRun += open.events
            try segments.closeIfFull()
        }
        receivedThrough = max(receivedThrough, endLSN)
        return open.barrier.map { .barrier($0, commitLSN) } ?? .taken
    }

    private func logBegin() throws {
        guard !open.isLogged else { return }
        open.beginsInLog()
        try open.withBegin { try segments.append($0) }
    }

    /// Appends a relation message, unless the current segment has it.
    private func logRelation(_ id: UInt32, at index: Int) throws {
        let segment = segments.number
        guard relations[index].segment != segment || segment < 0 else { return }
        try segments.append(relations.message(index))
        relations.logged(index, in: segments.number, tally: segments.tally(ofRelation: id))
    }
}
