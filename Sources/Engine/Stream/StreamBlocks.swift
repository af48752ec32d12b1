import Records

/// The order of a stream in which transactions may come before their commit, as a state machine without I/O:
/// a message in, an action out.
struct StreamBlocks {
    /// The action that the caller takes with a message.
    enum Action: Equatable {
        /// Pass it to the log as it is: it is of protocol 1 and outside of blocks.
        case log
        /// The same for a relation message.
        case logRelation
        /// Begin a block of a transaction; `isFirst` if it is the first one on this connection.
        case start(UInt32, isFirst: Bool)
        /// End the block.
        case stop
        /// Add a change, relation, type or logical message to the spill file, with the number of its
        /// subtransaction, 0 if it names none.
        case spill(UInt32, number: UInt32)
        /// Ignore it.
        case ignore
        case commit(StreamCommit)
        /// Cut off a subtransaction and all inside it: it was rolled back.
        case cut(UInt32, number: UInt32)
        /// Discard the whole transaction: it was rolled back.
        case discard(UInt32)
    }

    /// The transaction whose block is open.
    private(set) var openBlock: UInt32?
    /// The transactions that have begun and not ended.
    private(set) var transactions: Set<UInt32> = []

    /// Whether `take` would return `.log`, for the messages that make up nearly all of a stream.
    func passesToLog(_ message: RawSpan) -> Bool {
        guard openBlock == nil, message.byteCount > 0 else { return false }
        // Sound: the guard above checks the bounds.
        switch unsafe message.unsafeLoad(fromByteOffset: 0, as: UInt8.self) {
        case MessageKind.begin, MessageKind.commit, MessageKind.insert, MessageKind.update,
            MessageKind.delete:
            return true
        default: return false
        }
    }

    /// Returns the action for a message. Throws `MalformedMessage` if the protocol has no message of its kind
    /// at this point, and `PreparedTransactionRefused`.
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
            // The server gives a logical message the number of the whole transaction, even after a savepoint
            // (pgoutput_message). So it begins and ends no subtransaction: if its savepoint is rolled back
            // later, it is cut off with the changes around it, or stays. Our own, the barriers, are alone in
            // their transactions.
            return try cursor.byte(in: message) & 1 != 0 ? .spill(openBlock, number: 0) : .ignore
        case MessageKind.origin: return .ignore
        case MessageKind.streamStop:
            self.openBlock = nil
            return .stop
        default: throw MalformedMessage(offset: 0, expected: "a message that belongs into a stream block")
        }
    }

    private mutating func takeOutside(_ letter: UInt8, _ message: RawSpan) throws -> Action {
        switch letter {
        case MessageKind.relation: return .logRelation
        case MessageKind.streamStart, MessageKind.streamCommit, MessageKind.streamAbort,
            MessageKind.beginPrepare, MessageKind.prepare,
            MessageKind.commitPrepared, MessageKind.rollbackPrepared, MessageKind.streamPrepare,
            MessageKind.streamStop:
            break
        default: return .log
        }
        switch try OutputMessage.decode(message, inBlock: false) {
        case .streamStart(let transaction, let isFirst):
            // A second first block, or a later block of an unknown transaction: changes would be missing or
            // doubled.
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
            // The server may also name a transaction of which it has streamed no change.
            guard transactions.contains(transaction) else { return .ignore }
            guard transaction == subtransaction else { return .cut(transaction, number: subtransaction) }
            transactions.remove(transaction)
            return .discard(transaction)
        case .prepared(let step): throw PreparedTransactionRefused(lsn: step.lsn)
        case .streamStop: throw MalformedMessage(offset: 0, expected: "a stream block before its end")
        case .change: return .log
        }
    }
}
