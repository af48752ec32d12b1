import Journal
import Records

/// The replay of the log into the writer of one connection, message by message: which transaction a message
/// belongs to, whether it is applied already, and the batch that it joins.
///
/// Order and durability: a batch contains whole source transactions, in the order of the log. Only what is at
/// or below `transaction.watermark` is committed.
final class LogReplay {
    let writer: any TransactionWriter
    private let relations: PendingRelations
    private let ledger: IncidentLedger
    private let published: ApplyStatusWriter
    private(set) var transaction: OpenTransaction
    /// The last commit that was read from the log; at first the destination's watermark.
    private var lastCommitRead: LogPosition
    /// The transaction that was void when apply last began again. Whole transactions before it are
    /// committed before it begins. Otherwise the same void transaction would make apply begin again for ever.
    private(set) var voidLSN: LogPosition?

    /// - Parameter watermark: everything up to here is applied
    init(
        to writer: any TransactionWriter, _ relations: PendingRelations, from watermark: LogPosition,
        voidLSN: LogPosition?, ledger: IncidentLedger, published: ApplyStatusWriter
    ) {
        self.writer = writer
        self.relations = relations
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

    /// Takes note that a file begins.
    func begin(segment: Int) { transaction.segment = segment }

    /// Throws if the log before a file ends earlier than the file's header says: an older file was cut off,
    /// or is damaged so that it seems to end sooner. The missing changes are nowhere else.
    func checkGapless(_ header: SegmentHeader, in exportDirectory: String) throws {
        guard header.lastCommitLSN > lastCommitRead else { return }
        throw JournalError.file(
            path: segmentPath(exportDirectory, number: header.number - 1), doing: "read",
            reason:
                "it ends after the commit at \(lastCommitRead), and the next file continues after "
                + "\(header.lastCommitLSN); bring the whole file back")
    }

    /// Notes that the open transaction is void; the log has it again, whole.
    func noteVoid() { voidLSN = transaction.finalLSN }

    /// Takes one message of the log; returns true if it ends a transaction with a barrier.
    func take(_ message: RawSpan) throws -> Bool {
        var cursor = MessageCursor()
        switch try cursor.byte(in: message) {
        case MessageKind.insert, MessageKind.update, MessageKind.delete, MessageKind.truncate:
            transaction.changes += 1
            guard !transaction.isDuplicate else { break }
            if relations.mustAsk,
                try !relations.isToBeApplied(message, in: transaction.finalLSN)
            {
                break
            }
            try writer.take(message, in: transaction.finalLSN, number: transaction.changes)
        case MessageKind.begin:
            let finalLSN = LogPosition(number: try cursor.uint64(in: message))
            if let voidLSN, finalLSN >= voidLSN {
                try commitAll()
                self.voidLSN = nil
            }
            transaction.begin(
                at: finalLSN, committedMicroseconds: Int64(bitPattern: try cursor.uint64(in: message)))
        case MessageKind.commit:
            _ = try cursor.byte(in: message)
            let commitLSN = LogPosition(number: try cursor.uint64(in: message))
            transaction.isOpen = false
            lastCommitRead = max(lastCommitRead, commitLSN)
            guard !transaction.isDuplicate else { return false }
            transaction.batchLSN = commitLSN
            if transaction.batchStartedAt == nil { transaction.batchStartedAt = secondsNow() }
            return transaction.isBarrier
        case MessageKind.relation:
            if case .relation(let relation) = try ChangeMessage.decode(message) {
                relations.take(relation)
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

    /// Sends what was taken of the open transaction, without committing it.
    func writePart() throws { try writer.writePart(of: transaction.finalLSN) }

    /// Sends the batch for commit.
    func commit() throws {
        published.sent(through: transaction.batchLSN, committedAt: transaction.commitMicroseconds)
        transaction.batchStartedAt = nil
        note(try writer.commit(through: transaction.batchLSN))
    }

    /// Reads the answers that have arrived, and with `wait` waits for all of them.
    func settle(wait: Bool) throws { note(try writer.settle(wait: wait)) }

    /// Sends the batch, if there is one, and waits until everything that was sent is committed.
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
