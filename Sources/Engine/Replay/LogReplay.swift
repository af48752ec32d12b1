import Journal
import Postgres
import Records

/// The log on its way to the writer over one connection, message by message: which transaction a message belongs to, what of
/// it is there already, and the batch it joins.
///
/// Order and durability: a batch holds whole source transactions, in the order of the log. What `transaction.watermark` says
/// is committed; nothing else.
final class LogReplay {
    let writer: any TransactionWriter
    private let announcements: Announcements
    private let carefulWriter: ChangeByChangeWriter?
    private let ledger: IncidentLedger
    private let published: ApplyStatusWriter
    private(set) var transaction: OpenTransaction
    /// The last commit in what was read of the log; at first where the destination is.
    private var lastCommitRead: LSN
    /// The transaction that was void when we last began again. What is complete before it is committed before its beginning,
    /// or the same void transaction would send us back for ever.
    private(set) var voidLSN: LSN?

    /// - Parameter watermark: where the destination is.
    init(
        to writer: any TransactionWriter, _ announcements: Announcements, from watermark: LSN,
        voidLSN: LSN?, ledger: IncidentLedger, published: ApplyStatusWriter
    ) {
        self.writer = writer
        self.announcements = announcements
        carefulWriter = writer as? ChangeByChangeWriter
        self.ledger = ledger
        self.published = published
        transaction = OpenTransaction(watermark: watermark)
        lastCommitRead = watermark
        self.voidLSN = voidLSN
    }

    /// The batch as it is now.
    var batch: ApplyCourse.Batch {
        ApplyCourse.Batch(
            isInTransaction: transaction.isOpen, startedAt: transaction.batchStartedAt,
            lastLSN: transaction.batchLSN, committedMicroseconds: transaction.commitMicroseconds,
            changes: writer.pendingChanges, bytes: writer.pendingBytes)
    }

    // MARK: The log

    /// A file begins.
    func begin(segment: Int) { transaction.segment = segment }

    /// Throws where the log before a file has less than the file says went before it: an older file was cut off, or damaged
    /// so that it seems to end sooner. What is missing is nowhere else any more.
    func checkGapless(_ header: SegmentHeader, in exportDirectory: String) throws {
        guard header.lastCommitLSN > lastCommitRead else { return }
        throw JournalError.file(
            path: segmentPath(exportDirectory, number: header.number - 1), doing: "read",
            reason:
                "it ends after the commit at \(lastCommitRead), and the next file goes on after \(header.lastCommitLSN); bring "
                + "the whole file back")
    }

    /// The transaction that is open turned out to be void; it comes again, whole.
    func noteVoid() { voidLSN = transaction.finalLSN }

    /// Takes one message of the log; true when a transaction with a barrier has just ended.
    func take(_ message: RawSpan) throws -> Bool {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.insert, MessageKind.update, MessageKind.delete, MessageKind.truncate:
            transaction.changes += 1
            guard !transaction.isDuplicate else { break }
            if announcements.areAsked,
                try !announcements.isToBeApplied(message, in: transaction.finalLSN)
            {
                break
            }
            carefulWriter?.changeNumber = transaction.changes
            try writer.take(message, in: transaction.finalLSN)
        case MessageKind.begin:
            let finalLSN = LSN(bytes: try cursor.uint64(in: message))
            if let voidLSN, finalLSN >= voidLSN {
                try commitAll()
                self.voidLSN = nil
            }
            transaction.begin(
                at: finalLSN, committedMicroseconds: Int64(bitPattern: try cursor.uint64(in: message)))
        case MessageKind.commit:
            _ = try cursor.byte(in: message)
            let commitLSN = LSN(bytes: try cursor.uint64(in: message))
            transaction.isOpen = false
            lastCommitRead = max(lastCommitRead, commitLSN)
            guard !transaction.isDuplicate else { return false }
            transaction.batchLSN = commitLSN
            if transaction.batchStartedAt == nil { transaction.batchStartedAt = secondsNow() }
            return transaction.isBarrier
        case MessageKind.relation:
            if case .relation(let relation) = try ChangeMessage.decode(message) {
                announcements.take(relation)
            }
        case MessageKind.message:
            if case .message(_, _, Barrier.prefix, _) = try ChangeMessage.decode(message) {
                transaction.isBarrier = true
            }
        case MessageKind.origin, MessageKind.type: break
        default: throw MalformedMessage(offset: 0, expected: "the letter of a message of pgoutput protocol 1")
        }
        return false
    }

    // MARK: The batch

    /// Sends what was taken of the open transaction, which goes on.
    func writePart() throws { try writer.writePart(of: transaction.finalLSN) }

    /// Sends the batch for commit.
    func commit() throws {
        published.sent(through: transaction.batchLSN, committedAt: transaction.commitMicroseconds)
        transaction.batchStartedAt = nil
        note(try writer.commit(through: transaction.batchLSN))
    }

    /// Looks for answers to what was sent, and with `wait` waits for all of them.
    func settle(wait: Bool) throws { note(try writer.settle(wait: wait)) }

    /// Sends the batch, if there is one, and waits until all that was sent is committed.
    func commitAll() throws {
        if transaction.hasBatch { try commit() }
        try settle(wait: true)
    }

    /// Takes note of what is committed now.
    private func note(_ applied: [AppliedWindow]) {
        guard let last = applied.last else { return }
        transaction.watermark = last.lsn
        ledger.notePassed(last.lsn)
        published.note(applied)
    }
}
