import Journal
import Records

/// The stage before the capture's log that turns protocols 2 to 4 into protocol 1: whole transactions in
/// commit order.
///
/// A large transaction that the server streams before its commit is kept in a spill file. At its commit the
/// file is read back into the log piece by piece, between a BEGIN and a COMMIT made from the stream commit.
/// So only the log handles duplicates, snapshots, relations, barriers, rotation and counts. The changes of a
/// rolled back savepoint are cut off the file, and the file is deleted at the end of the transaction.
///
/// Positions: a keepalive's position may be after the beginning of a transaction that is still open, and it
/// is confirmed. That is safe, because only the COMMIT decides what the server sends again. A transaction
/// whose commit LSN is not below the confirmed position comes again, whole and from its first block. Its WAL
/// is kept from its beginning until it has ended (`restart_lsn` is never above the oldest open transaction).
/// A keepalive's position is the end of the decoded WAL, and all commits before it were sent before it.
final class StreamedTransactions {
    private let log: CaptureLog
    private let files: SpillFiles
    private var blocks = StreamBlocks()
    /// Ordinals of the last relation messages in each open transaction, by relation.
    private var described: [UInt32: [UInt32: UInt64]] = [:]
    /// The last relation message of each relation outside of open transactions, with its ordinal.
    private var current: [UInt32: (ordinal: UInt64, bytes: [UInt8])] = [:]
    private var relationMessages: UInt64 = 0
    /// Whether the next change is the first one after a relation message, whose values are checked.
    private var checksNextChange = false
    private var readBack: ReadBack?

    private struct ReadBack {
        let commit: StreamCommit
        let reader: SpillReader
        /// The last relation message of each relation in it.
        var relations: [UInt32: [UInt8]] = [:]
    }

    /// Bytes that are read back at once. Between two pieces the capture confirms positions and checks the
    /// stop and the disk.
    static let pieceBytes = 4 << 20

    /// Deletes the spill files of an earlier process; the server sends those transactions again.
    init(log: CaptureLog, exportDirectory: String) throws {
        self.log = log
        files = try SpillFiles(exportDirectory: exportDirectory)
    }

    /// Whether a transaction is being read back. Then no message may be taken before `readBackPiece` has
    /// ended it.
    var isReadingBack: Bool { readBack != nil }

    var openTransactions: Int { blocks.transactions.count }

    /// Takes one message of the output plugin.
    func take(_ message: RawSpan) throws -> CaptureLog.Outcome {
        precondition(readBack == nil, "a transaction that is read back goes into the log whole")
        if !checksNextChange, blocks.passesToLog(message) { return try log.take(message) }
        switch try blocks.take(message) {
        case .log:
            if checksNextChange { try check(message, inBlock: false) }
            return try log.take(message)
        case .logRelation:
            try keep(message)
            return try log.take(message)
        case .start(let transaction, let isFirst):
            guard !log.isInTransaction else {
                throw MalformedMessage(
                    offset: 0, expected: "the end of the transaction before a stream block")
            }
            if isFirst { described[transaction] = [:] }
        case .spill(let transaction, let number): try spill(message, transaction, number)
        case .stop: try files.flush()
        case .cut(let transaction, let number):
            try files.cut(number, of: transaction)
            // The server sends each relation message again before the next change of that relation
            // (cleanup_rel_sync_cache in pgoutput.c).
            described[transaction] = [:]
        case .discard(let transaction):
            try files.remove(transaction)
            described[transaction] = nil
        case .commit(let commit): return try begin(commit)
        case .ignore: break
        }
        return .taken
    }

    /// Forgets all open transactions, at a lost connection or the end of the leg; the server sends them
    /// again, whole.
    func forget() throws {
        readBack = nil
        try files.removeAll()
        blocks = StreamBlocks()
        described = [:]
        current = [:]
    }

    // MARK: Before the commit

    private func spill(_ message: RawSpan, _ transaction: UInt32, _ number: UInt32) throws {
        var cursor = MessageCursor()
        let letter = try cursor.byte(in: message)
        if letter == MessageKind.relation {
            _ = try cursor.uint32(in: message)
            relationMessages += 1
            let relation = try cursor.uint32(in: message)
            described[transaction]?[relation] = relationMessages
            checksNextChange = true
        } else if checksNextChange {
            try check(message, inBlock: true)
        }
        try files.append(
            letter: letter, message.extracting(5..<message.byteCount), of: transaction, number: number)
    }

    /// Keeps a relation message outside of open transactions.
    private func keep(_ message: RawSpan) throws {
        var cursor = MessageCursor(offset: 1)
        let relation = try cursor.uint32(in: message)
        relationMessages += 1
        // Sound: the bytes are copied within the call.
        current[relation] = (relationMessages, unsafe message.withUnsafeBytes { unsafe Array($0) })
        checksNextChange = true
    }

    /// Refuses values in binary form before any of them is in the log. The form is an option of the whole
    /// stream, so that it is enough to check the first change after each relation message.
    private func check(_ message: RawSpan, inBlock: Bool) throws {
        guard case .change(let change, _) = try OutputMessage.decode(message, inBlock: inBlock) else {
            return
        }
        switch change {
        case .insert, .update, .delete: checksNextChange = false
        case .begin, .commit, .origin, .relation, .type, .truncate, .message: return
        }
        if change.hasBinaryValues { throw BinaryValue() }
    }

    // MARK: The commit

    private func begin(_ commit: StreamCommit) throws -> CaptureLog.Outcome {
        guard !log.isInTransaction else {
            throw MalformedMessage(offset: 0, expected: "the end of the transaction before a stream commit")
        }
        try pass(MessageBytes.begin(commit))
        guard let reader = try files.reader(of: commit.transaction) else { return try end(commit, [:]) }
        readBack = ReadBack(commit: commit, reader: reader)
        return .taken
    }

    /// Passes the next piece of the committed transaction to the log. After the last piece `isReadingBack` is
    /// false, and the outcome is that of the commit.
    func readBackPiece(bytesMax: Int = StreamedTransactions.pieceBytes) throws -> CaptureLog.Outcome {
        guard let reader = readBack?.reader else { return .taken }
        let until = reader.offset + bytesMax
        while reader.offset < until {
            let isThere = try reader.next { message in
                // The frames contain messages of protocol 1.
                var cursor = MessageCursor()
                if try cursor.byte(in: message) == MessageKind.relation {
                    // Sound: the bytes are copied within the call.
                    readBack?.relations[try cursor.uint32(in: message)] =
                        unsafe message.withUnsafeBytes { unsafe Array($0) }
                }
                _ = try log.take(message)
            }
            if !isThere {
                guard let done = readBack else { break }
                readBack = nil
                return try end(done.commit, done.relations)
            }
        }
        return .taken
    }

    private func end(_ commit: StreamCommit, _ relations: [UInt32: [UInt8]]) throws -> CaptureLog.Outcome {
        let outcome = try pass(MessageBytes.commit(commit))
        let described = described.removeValue(forKey: commit.transaction) ?? [:]
        // From here on the server counts on the relation message that it sent last, in this transaction or
        // outside of it: a later one may have come while this transaction was open (a schema can be renamed
        // meanwhile).
        for (relation, bytes) in relations {
            if let ordinal = described[relation], ordinal > current[relation]?.ordinal ?? 0 {
                current[relation] = (ordinal, bytes)
            } else if let known = current[relation] {
                try pass(known.bytes)
            }
        }
        try files.remove(commit.transaction)
        return outcome
    }

    @discardableResult
    private func pass(_ bytes: [UInt8]) throws -> CaptureLog.Outcome {
        // Sound: the array outlives the span, which is used only within this call.
        try unsafe log.take(bytes.span.bytes)
    }
}
