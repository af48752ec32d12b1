/// A step of a two-phase commit.
package struct PreparedTransaction: Sendable, Equatable {
    /// The step of the two-phase commit that a message announces.
    package enum Step: Sendable, Equatable { case begin, prepare, commit, rollback, streamPrepare }

    package let step: Step
    /// Start of this step's WAL record; for a rollback, the end of the PREPARE.
    package let lsn: LogPosition
    package let endLSN: LogPosition
    /// Time of this step; for a rollback, of the PREPARE.
    package let microseconds: Int64
    package let rollbackMicroseconds: Int64?
    package let transaction: UInt32
    package let globalIdentifier: String
}

/// A message of the output plugin `pgoutput`, protocols 1 to 4 (manual chapter "Logical Replication Message
/// Formats").
///
/// From protocol 2 on the server may send a large transaction before its commit, in blocks: `streamStart`,
/// messages, `streamStop`. Other transactions, whole or in blocks of their own, come between blocks. A block
/// is never inside another block or inside a whole transaction. The last message is `streamCommit`, in the
/// order of all commits, or `streamAbort`.
package enum OutputMessage: Sendable, Equatable {
    /// A message that protocol 1 has too. Inside a block `transaction` is its subtransaction; a logical
    /// message always has the number of the whole transaction.
    case change(ChangeMessage, transaction: UInt32?)
    case streamStart(transaction: UInt32, isFirst: Bool)
    case streamStop
    case streamCommit(StreamCommit)
    /// The rollback of the whole transaction or of a subtransaction. LSN and time come only with `streaming
    /// 'parallel'`.
    case streamAbort(
        transaction: UInt32, subtransaction: UInt32, abortLSN: LogPosition?, abortMicroseconds: Int64?)
    case prepared(PreparedTransaction)

    /// Reads one message. Throws with the offset of what does not fit; never traps.
    ///
    /// - Parameter inBlock: whether the message is between `streamStart` and `streamStop`.
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
            let lsn = LogPosition(number: try cursor.uint64(in: bytes))
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
        let commit = LogPosition(number: try cursor.uint64(in: bytes))
        let end = LogPosition(number: try cursor.uint64(in: bytes))
        return StreamCommit(
            transaction: transaction, commitLSN: commit, endLSN: end,
            commitMicroseconds: Int64(bitPattern: try cursor.uint64(in: bytes)))
    }

    private static func prepared(
        _ step: PreparedTransaction.Step, _ cursor: inout MessageCursor, _ bytes: RawSpan
    ) throws(MalformedMessage) -> OutputMessage {
        // All steps but the first have a byte of flags, unused so far.
        if step != .begin { _ = try cursor.byte(in: bytes) }
        let lsn = LogPosition(number: try cursor.uint64(in: bytes))
        let end = LogPosition(number: try cursor.uint64(in: bytes))
        let time = Int64(bitPattern: try cursor.uint64(in: bytes))
        let rollback = step == .rollback ? Int64(bitPattern: try cursor.uint64(in: bytes)) : nil
        let transaction = try cursor.uint32(in: bytes)
        return .prepared(
            PreparedTransaction(
                step: step, lsn: lsn, endLSN: end, microseconds: time, rollbackMicroseconds: rollback,
                transaction: transaction, globalIdentifier: try cursor.string(in: bytes)))
    }
}
