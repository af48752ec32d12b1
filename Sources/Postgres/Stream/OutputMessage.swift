import Records

/// Where and when a streamed transaction was committed.
package struct StreamCommit: Sendable, Equatable {
    package let transaction: UInt32
    package let commitLSN: LSN
    package let endLSN: LSN
    package let commitMicroseconds: Int64

    package init(transaction: UInt32, commitLSN: LSN, endLSN: LSN, commitMicroseconds: Int64) {
        self.transaction = transaction
        self.commitLSN = commitLSN
        self.endLSN = endLSN
        self.commitMicroseconds = commitMicroseconds
    }
}

/// A step of a two-phase commit.
package struct PreparedTransaction: Sendable, Equatable {
    package enum Step: Sendable, Equatable { case begin, prepare, commit, rollback, streamPrepare }

    package let step: Step
    /// Of the record of this step; at a rollback, the end of the PREPARE.
    package let lsn: LSN
    package let endLSN: LSN
    /// Of this step; at a rollback, of the PREPARE.
    package let microseconds: Int64
    package let rollbackMicroseconds: Int64?
    package let transaction: UInt32
    package let globalIdentifier: String
}

/// A message of the output plugin `pgoutput`, protocols 1 to 4 (manual chapter "Logical Replication Message Formats").
///
/// From protocol 2 on a large transaction may come before its commit, in blocks: `streamStart`, its messages so far,
/// `streamStop`. Between blocks come other transactions, whole or in blocks of their own; a block is never inside another
/// one or inside a whole transaction. In the end comes `streamCommit`, in the order of all commits, or `streamAbort`.
package enum OutputMessage: Sendable, Equatable {
    /// A message that protocol 1 has too. Inside a block `transaction` is the subtransaction it belongs to; of a logical
    /// message it is always the whole transaction.
    case change(ChangeMessage, transaction: UInt32?)
    case streamStart(transaction: UInt32, isFirst: Bool)
    case streamStop
    case streamCommit(StreamCommit)
    /// Whole transaction or one subtransaction; position and time only come with `streaming 'parallel'`.
    case streamAbort(
        transaction: UInt32, subtransaction: UInt32, abortLSN: LSN?, abortMicroseconds: Int64?)
    case prepared(PreparedTransaction)

    /// Reads one message; throws with the offset of what does not fit, and never traps.
    /// - Parameter inBlock: whether it stands between `streamStart` and `streamStop`.
    package static func decode(_ bytes: RawSpan, inBlock: Bool) throws(MalformedMessage) -> OutputMessage {
        var cursor = MessageCursor()
        let letter = try cursor.byte(in: bytes)
        switch letter {
        case MessageKind.relation, MessageKind.type, MessageKind.insert, MessageKind.update,
            MessageKind.delete,
            MessageKind.truncate, MessageKind.message:
            let transaction = inBlock ? try cursor.uint32(in: bytes) : nil
            return .change(try ChangeMessage.decode(letter, &cursor, bytes), transaction: transaction)
        case MessageKind.streamStart:
            let transaction = try cursor.uint32(in: bytes)
            return .streamStart(transaction: transaction, isFirst: try cursor.byte(in: bytes) == 1)
        case MessageKind.streamStop: return .streamStop
        case MessageKind.streamCommit: return .streamCommit(try streamCommit(&cursor, bytes))
        case MessageKind.streamAbort:
            let transaction = try cursor.uint32(in: bytes)
            let subtransaction = try cursor.uint32(in: bytes)
            guard cursor.offset < bytes.byteCount else {
                return .streamAbort(
                    transaction: transaction, subtransaction: subtransaction, abortLSN: nil,
                    abortMicroseconds: nil)
            }
            let lsn = LSN(bytes: try cursor.uint64(in: bytes))
            return .streamAbort(
                transaction: transaction, subtransaction: subtransaction, abortLSN: lsn,
                abortMicroseconds: Int64(bitPattern: try cursor.uint64(in: bytes)))
        case MessageKind.beginPrepare: return try prepared(.begin, &cursor, bytes)
        case MessageKind.prepare: return try prepared(.prepare, &cursor, bytes)
        case MessageKind.commitPrepared: return try prepared(.commit, &cursor, bytes)
        case MessageKind.rollbackPrepared: return try prepared(.rollback, &cursor, bytes)
        case MessageKind.streamPrepare: return try prepared(.streamPrepare, &cursor, bytes)
        default: return .change(try ChangeMessage.decode(letter, &cursor, bytes), transaction: nil)
        }
    }

    private static func streamCommit(_ cursor: inout MessageCursor, _ bytes: RawSpan)
        throws(MalformedMessage) -> StreamCommit
    {
        let transaction = try cursor.uint32(in: bytes)
        _ = try cursor.byte(in: bytes)
        let commit = LSN(bytes: try cursor.uint64(in: bytes))
        let end = LSN(bytes: try cursor.uint64(in: bytes))
        return StreamCommit(
            transaction: transaction, commitLSN: commit, endLSN: end,
            commitMicroseconds: Int64(bitPattern: try cursor.uint64(in: bytes)))
    }

    private static func prepared(
        _ step: PreparedTransaction.Step, _ cursor: inout MessageCursor, _ bytes: RawSpan
    ) throws(MalformedMessage) -> OutputMessage {
        // Flags, of no use so far, stand before all but the first step.
        if step != .begin { _ = try cursor.byte(in: bytes) }
        let lsn = LSN(bytes: try cursor.uint64(in: bytes))
        let end = LSN(bytes: try cursor.uint64(in: bytes))
        let time = Int64(bitPattern: try cursor.uint64(in: bytes))
        let rollback = step == .rollback ? Int64(bitPattern: try cursor.uint64(in: bytes)) : nil
        let transaction = try cursor.uint32(in: bytes)
        return .prepared(
            PreparedTransaction(
                step: step, lsn: lsn, endLSN: end, microseconds: time, rollbackMicroseconds: rollback,
                transaction: transaction, globalIdentifier: try cursor.string(in: bytes)))
    }
}
