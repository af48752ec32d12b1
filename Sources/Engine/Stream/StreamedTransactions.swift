import Journal
import Postgres
import Records

/// Stands before the capture's log where the server streams large transactions before their commit (protocols 2 to 4), and
/// makes of it the sequence of protocol 1: whole transactions in the order of their commits.
///
/// What comes of such a transaction waits in a file of its own. When its commit comes, the file is read back through the
/// log piece by piece, between a BEGIN and a COMMIT made of what the commit says; so duplicates, snapshots, relations,
/// barriers, rotation and counts are the log's alone. What a rolled back savepoint wrote is cut off the file, and with the
/// transaction the file goes.
///
/// Positions: a keepalive may name a position behind the beginning of a transaction that is still open, and it is confirmed.
/// That is safe, because the server decides by the COMMIT alone what it sends again: every transaction whose commit record
/// is not below the confirmed position comes again, whole and from its first block, and the WAL from its beginning on is
/// kept until it has ended (`restart_lsn` is never above the oldest open transaction). A keepalive's position is the end of
/// what was decoded, and a commit in it has been sent before it.
final class StreamedTransactions {
    private let log: CaptureLog
    private let files: SpillFiles
    private var blocks = StreamBlocks()
    /// Relations that were announced in each open transaction, by when that was.
    private var announced: [UInt32: [UInt32: UInt64]] = [:]
    /// The announcement each relation has outside of open transactions, and when it came.
    private var inForce: [UInt32: (at: UInt64, bytes: [UInt8])] = [:]
    private var announcements: UInt64 = 0
    /// Whether the next change is the first one after an announcement.
    private var looksAtNextChange = false
    private var readBack: ReadBack?

    private struct ReadBack {
        let commit: StreamCommit
        let reader: SpillReader
        /// The last announcement of each relation in it.
        var relations: [UInt32: [UInt8]] = [:]
    }

    /// Read back in one piece; between pieces positions are confirmed, and the stop and the disk are looked at.
    static let pieceBytes = 4 << 20

    /// Deletes what an earlier process left of such transactions; the server sends them again.
    init(log: CaptureLog, exportDirectory: String) throws {
        self.log = log
        files = try SpillFiles(exportDirectory: exportDirectory)
    }

    /// While this is true no message may be taken: `readBackPiece` is to be called until it is false.
    var isReadingBack: Bool { readBack != nil }

    var openTransactions: Int { blocks.transactions.count }

    /// Takes one message of the output plugin.
    func take(_ message: RawSpan) throws -> CaptureLog.Outcome {
        precondition(readBack == nil, "a transaction that is read back goes into the log whole")
        if !looksAtNextChange, blocks.passesToLog(message) { return try log.take(message) }
        switch try blocks.take(message) {
        case .log:
            if looksAtNextChange { try look(message, inBlock: false) }
            return try log.take(message)
        case .announce:
            try noteInForce(message)
            return try log.take(message)
        case .start(let transaction, let isFirst):
            guard !log.isInTransaction else {
                throw MalformedMessage(
                    offset: 0, expected: "the end of the transaction before a stream block")
            }
            if isFirst { announced[transaction] = [:] }
        case .spill(let transaction, let number): try spill(message, transaction, number)
        case .stop: try files.flush()
        case .cut(let transaction, let number):
            try files.cut(number, of: transaction)
            // The server counts on none of them any more, and announces each again before its next change
            // (cleanup_rel_sync_cache in pgoutput.c).
            announced[transaction] = [:]
        case .discard(let transaction):
            try files.remove(transaction)
            announced[transaction] = nil
        case .commit(let commit): return try begin(commit)
        case .pass: break
        }
        return .taken
    }

    /// The connection is gone, or the leg at its end: all open transactions are forgotten, and come again, whole.
    func forget() throws {
        readBack = nil
        try files.removeAll()
        blocks = StreamBlocks()
        announced = [:]
        inForce = [:]
    }

    // MARK: Before the commit

    private func spill(_ message: RawSpan, _ transaction: UInt32, _ number: UInt32) throws {
        var cursor = MessageCursor()
        let letter = try cursor.byte(in: message)
        if letter == MessageKind.relation {
            _ = try cursor.uint32(in: message)
            announcements += 1
            let relation = try cursor.uint32(in: message)
            announced[transaction]?[relation] = announcements
            looksAtNextChange = true
        } else if looksAtNextChange {
            try look(message, inBlock: true)
        }
        try files.append(
            letter: letter, message.extracting(5..<message.byteCount), of: transaction, number: number)
    }

    private func noteInForce(_ message: RawSpan) throws {
        var cursor = MessageCursor(offset: 1)
        let relation = try cursor.uint32(in: message)
        announcements += 1
        inForce[relation] = (announcements, unsafe message.withUnsafeBytes { unsafe Array($0) })
        looksAtNextChange = true
    }

    /// Refuses values in binary form before any of them is in the log. They are an option of the whole stream, so that the
    /// first change after each announcement tells it.
    private func look(_ message: RawSpan, inBlock: Bool) throws {
        guard case .change(let change, _) = try OutputMessage.decode(message, inBlock: inBlock) else {
            return
        }
        switch change {
        case .insert, .update, .delete: looksAtNextChange = false
        case .begin, .commit, .origin, .relation, .type, .truncate, .message: return
        }
        if change.hasBinaryValues { throw BinaryValue() }
    }

    // MARK: The commit

    private func begin(_ commit: StreamCommit) throws -> CaptureLog.Outcome {
        guard !log.isInTransaction else {
            throw MalformedMessage(offset: 0, expected: "the end of the transaction before a stream commit")
        }
        try feed(StreamCommitText.begin(commit))
        guard let reader = try files.reader(of: commit.transaction) else { return try end(commit, [:]) }
        readBack = ReadBack(commit: commit, reader: reader)
        return .taken
    }

    /// Feeds the log with the next piece of the transaction that has committed; `isReadingBack` is false after the last one,
    /// whose outcome is the commit's.
    func readBackPiece(bytesMax: Int = StreamedTransactions.pieceBytes) throws -> CaptureLog.Outcome {
        guard let reader = readBack?.reader else { return .taken }
        let until = reader.offset + bytesMax
        while reader.offset < until {
            let isThere = try reader.next { message in
                // The file's frames hold messages as protocol 1 has them.
                var cursor = MessageCursor()
                if try cursor.byte(in: message) == MessageKind.relation {
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
        let outcome = try feed(StreamCommitText.commit(commit))
        let announced = announced.removeValue(forKey: commit.transaction) ?? [:]
        // What the server takes for known from here on is what it announced last, wherever that was: the transaction may have
        // stood open while a later announcement came (a schema can be renamed under it).
        for (relation, bytes) in relations {
            if let at = announced[relation], at > inForce[relation]?.at ?? 0 {
                inForce[relation] = (at, bytes)
            } else if let known = inForce[relation] {
                try feed(known.bytes)
            }
        }
        try files.remove(commit.transaction)
        return outcome
    }

    @discardableResult
    private func feed(_ bytes: [UInt8]) throws -> CaptureLog.Outcome {
        // The array outlives the span, which is used within this call.
        try unsafe log.take(bytes.span.bytes)
    }
}

/// The BEGIN and COMMIT of protocol 1, made of a stream commit.
enum StreamCommitText {
    static func begin(_ commit: StreamCommit) -> [UInt8] {
        [MessageKind.begin] + bytes(of: commit.commitLSN.bytes)
            + bytes(of: UInt64(bitPattern: commit.commitMicroseconds)) + bytes(of: commit.transaction)
    }

    static func commit(_ commit: StreamCommit) -> [UInt8] {
        [MessageKind.commit, 0] + bytes(of: commit.commitLSN.bytes) + bytes(of: commit.endLSN.bytes)
            + bytes(of: UInt64(bitPattern: commit.commitMicroseconds))
    }

    private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: number >> $0)
        }
    }
}
