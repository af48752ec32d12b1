import Postgres
import Records

/// Says what becomes of each message of a stream in which transactions may come before their commit: the order of the
/// protocol as a state machine without I/O.
struct StreamBlocks {
    /// What is to be done with a message.
    enum Action: Equatable {
        /// It is of protocol 1 and stands outside of blocks: it goes to the log as it is.
        case log
        /// The same of a relation.
        case announce
        /// A block of a transaction begins; `isFirst` where it has had none on this connection.
        case start(UInt32, isFirst: Bool)
        case stop
        /// A change, relation, type or message of the open block, with the number of its subtransaction; 0 where it does
        /// not say.
        case spill(UInt32, number: UInt32)
        /// It says nothing that we keep.
        case pass
        case commit(StreamCommit)
        /// A subtransaction, and all inside it, is taken back.
        case cut(UInt32, number: UInt32)
        /// The whole transaction is taken back.
        case discard(UInt32)
    }

    /// The transaction whose block is open.
    private(set) var openBlock: UInt32?
    /// Those that have begun and not ended.
    private(set) var transactions: Set<UInt32> = []

    /// Whether `take` would say `.log`, of what nearly all of a stream consists of.
    func passesToLog(_ message: RawSpan) -> Bool {
        guard openBlock == nil, message.byteCount > 0 else { return false }
        // In bounds: the guard above.
        switch unsafe message.unsafeLoad(fromByteOffset: 0, as: UInt8.self) {
        case MessageKind.begin, MessageKind.commit, MessageKind.insert, MessageKind.update,
            MessageKind.delete:
            return true
        default: return false
        }
    }

    /// Throws `MalformedMessage` where a message stands where the protocol has none of its kind, and
    /// `PreparedTransactionRefused`.
    mutating func take(_ message: RawSpan) throws -> Action {
        var cursor = MessageCursor()
        let letter = try cursor.byte(in: message)
        guard let openBlock else { return try takeOutside(letter, message) }
        switch letter {
        case MessageKind.insert, MessageKind.update, MessageKind.delete, MessageKind.relation,
            MessageKind.truncate,
            MessageKind.type:
            return .spill(openBlock, number: try cursor.uint32(in: message))
        case MessageKind.message:
            _ = try cursor.uint32(in: message)
            // The server gives a logical message the number of the whole transaction, even where a savepoint stands
            // before it (pgoutput_message). So it marks no place; one of a savepoint that is rolled back later goes with
            // the changes around it, or stays. Ours, the barriers, are alone in their transactions.
            return try cursor.byte(in: message) & 1 != 0 ? .spill(openBlock, number: 0) : .pass
        case MessageKind.origin: return .pass
        case MessageKind.streamStop:
            self.openBlock = nil
            return .stop
        default: throw MalformedMessage(offset: 0, expected: "a message that belongs into a stream block")
        }
    }

    private mutating func takeOutside(_ letter: UInt8, _ message: RawSpan) throws -> Action {
        switch letter {
        case MessageKind.relation: return .announce
        case MessageKind.streamStart, MessageKind.streamCommit, MessageKind.streamAbort,
            MessageKind.beginPrepare, MessageKind.prepare,
            MessageKind.commitPrepared, MessageKind.rollbackPrepared, MessageKind.streamPrepare,
            MessageKind.streamStop:
            break
        default: return .log
        }
        switch try OutputMessage.decode(message, inBlock: false) {
        case .streamStart(let transaction, let isFirst):
            // The first block of one that has had some, or a later one of an unknown: a part would be missing or twice.
            guard transactions.contains(transaction) != isFirst else {
                throw MalformedMessage(
                    offset: 5, expected: isFirst ? "a later stream block" : "a first stream block")
            }
            transactions.insert(transaction)
            openBlock = transaction
            return .start(transaction, isFirst: isFirst)
        case .streamCommit(let commit):
            guard transactions.remove(commit.transaction) != nil else {
                throw MalformedMessage(offset: 1, expected: "a transaction that was streamed before")
            }
            return .commit(commit)
        case .streamAbort(let transaction, let subtransaction, _, _):
            // One of which no change was streamed may be named all the same.
            guard transactions.contains(transaction) else { return .pass }
            guard transaction == subtransaction else { return .cut(transaction, number: subtransaction) }
            transactions.remove(transaction)
            return .discard(transaction)
        case .prepared(let step): throw PreparedTransactionRefused(lsn: step.lsn)
        case .streamStop: throw MalformedMessage(offset: 0, expected: "a stream block before its end")
        case .change: return .log
        }
    }
}
