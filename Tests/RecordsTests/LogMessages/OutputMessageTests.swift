import Records
import Support
import Testing

/// The messages of protocols 2 to 4, and the decoder's bounds under any bytes.
@Suite struct OutputMessageTests {
    /// Messages that have their transaction inside a block.
    private static let changes: [[UInt8]] = [
        StreamMessage.type, StreamMessage.relation(7, "public", "t", columns: [("id", true), ("v", false)]),
        StreamMessage.relation(8, "", "pg_things", identity: "f", columns: []),
        StreamMessage.insert(7, [.text("1"), .null]),
        StreamMessage.insert(7, [.binary([0, 1]), .binary([])]),
        StreamMessage.update(7, [.text("1"), .unchanged]),
        StreamMessage.update(7, old: [.text("1"), .null], [.text("2"), .text("é")]),
        StreamMessage.update(7, old: [.text("1"), .text("a")], oldKind: "O", [.text("1"), .text("")]),
        StreamMessage.delete(7, [.text("1"), .null]),
        StreamMessage.delete(7, [.text("1"), .binary([9])], kind: "O"),
        StreamMessage.truncate([7, 8], options: 3), StreamMessage.logical("body", prefix: "switchback"),
        StreamMessage.logical("", prefix: "", isTransactional: false),
    ]

    private static let others: [[UInt8]] = [
        StreamMessage.begin(0x10), StreamMessage.commit(0x10), StreamMessage.origin,
        StreamMessage.streamStart(700, isFirst: true), StreamMessage.streamStop,
        StreamMessage.streamCommit(700, 99),
        StreamMessage.streamAbort(700, 702), StreamMessage.streamAbort(700, 700, lsn: 8),
        StreamMessage.prepared("b", lsn: 5, transaction: 700, "gid"),
        StreamMessage.prepared("P", lsn: 5, transaction: 700, "gid"),
        StreamMessage.prepared("K", lsn: 5, transaction: 700, "gid"),
        StreamMessage.prepared("r", lsn: 5, transaction: 700, "gid"),
        StreamMessage.prepared("p", lsn: 5, transaction: 700, ""),
    ]

    private static let letters = Array("BCORYIUDTMSEcAbPKrp".utf8)

    private func decode(_ bytes: [UInt8], inBlock: Bool = false) throws -> OutputMessage {
        try lend(bytes) { try OutputMessage.decode($0, inBlock: inBlock) }
    }

    @Test func `a stream block has its transaction, and says whether it is the first`() throws {
        #expect(
            try decode(StreamMessage.streamStart(700, isFirst: true))
                == .streamStart(transaction: 700, isFirst: true))
        #expect(
            try decode(StreamMessage.streamStart(701, isFirst: false))
                == .streamStart(transaction: 701, isFirst: false))
        #expect(try decode(StreamMessage.streamStop, inBlock: true) == .streamStop)
    }

    @Test func `a stream commit has a transaction's LSNs and time`() throws {
        let commit = StreamCommit(
            transaction: 700, commitLSN: LogPosition(number: 99), endLSN: LogPosition(number: 120),
            commitMicroseconds: -4)
        #expect(try decode(StreamMessage.streamCommit(700, 99, end: 120, time: -4)) == .streamCommit(commit))
    }

    @Test func `a stream abort names a subtransaction, and LSN and time if they were sent`() throws {
        #expect(
            try decode(StreamMessage.streamAbort(700, 702))
                == .streamAbort(
                    transaction: 700, subtransaction: 702, abortLSN: nil, abortMicroseconds: nil))
        #expect(
            try decode(StreamMessage.streamAbort(700, 700, lsn: 55))
                == .streamAbort(
                    transaction: 700, subtransaction: 700, abortLSN: LogPosition(number: 55),
                    abortMicroseconds: 7))
    }

    @Test func `each step of a two-phase commit is distinguished`() throws {
        let steps: [(Character, PreparedTransaction.Step)] = [
            ("b", .begin), ("P", .prepare), ("K", .commit), ("r", .rollback), ("p", .streamPrepare),
        ]
        for (letter, step) in steps {
            let bytes = StreamMessage.prepared(letter, lsn: 64, transaction: 9, "a name")
            guard case .prepared(let found) = try decode(bytes) else {
                Issue.record("no step \(step)")
                continue
            }
            #expect(
                found.step == step && found.lsn == LogPosition(number: 64)
                    && found.endLSN == LogPosition(number: 72))
            #expect(found.transaction == 9 && found.globalIdentifier == "a name" && found.microseconds == 7)
            #expect(found.rollbackMicroseconds == (step == .rollback ? 8 : nil))
        }
    }

    @Test func `inside a block a change has its subtransaction, and is otherwise the same`() throws {
        for message in Self.changes {
            guard case .change(let outside, nil) = try decode(message),
                case .change(let inside, 4711) = try decode(
                    StreamMessage.inBlock(message, of: 4711), inBlock: true)
            else {
                Issue.record("\(message)")
                continue
            }
            // Their ranges are four bytes later; everything else is the same.
            #expect(ranges(inside).map { $0.lowerBound - 4..<$0.upperBound - 4 } == ranges(outside))
            #expect(shape(inside) == shape(outside))
        }
        #expect(try decode(StreamMessage.origin, inBlock: true) == .change(.origin, transaction: nil))
    }

    @Test func `a value in binary form is distinguished from text`() throws {
        let bytes = StreamMessage.insert(7, [.binary([1, 2, 3]), .text("x")])
        guard case .change(.insert(7, let new), nil) = try decode(bytes), case .binary(let range) = new[0],
            case .text = new[1]
        else {
            Issue.record("no insert")
            return
        }
        #expect(Array(bytes[range]) == [1, 2, 3])
    }

    @Test func `a message cut off at any byte is malformed`() {
        let whole = Self.changes.map { ($0, false) } + Self.others.map { ($0, false) }
        let blocks = Self.changes.map { (StreamMessage.inBlock($0, of: 4711), true) }
        for (message, inBlock) in whole + blocks {
            // Origin and type messages are not read; an abort may end before its LSN.
            let unread = "OY".utf8.contains(message[0])
            for length in 0..<(unread ? 1 : message.count) {
                if message[0] == UInt8(ascii: "A"), length == 9 { continue }
                #expect(throws: MalformedMessage.self) {
                    try decode(Array(message[..<length]), inBlock: inBlock)
                }
            }
        }
    }

    @Test func `no bytes make the decoder trap, or return a range outside the message`() {
        var random = Randomness("the fuzz of all protocols")
        let valid = Self.changes + Self.others + Self.changes.map { StreamMessage.inBlock($0, of: 4711) }
        var (decoded, refused) = (0, 0)
        for round in 0..<300_000 {
            var bytes: [UInt8]
            switch round % 4 {
            case 0:
                bytes = random.bytes(random.below(48))
                if !bytes.isEmpty, round % 8 == 0 {
                    bytes[0] = Self.letters[random.below(Self.letters.count)]
                }
            case 1:
                bytes = valid[random.below(valid.count)]
                bytes.removeLast(random.below(bytes.count + 1))
            default:
                bytes = valid[random.below(valid.count)]
                for _ in 0...random.below(4) where !bytes.isEmpty {
                    switch random.below(4) {
                    case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
                    case 1: bytes[random.below(bytes.count)] = random.below(2) == 0 ? 0xFF : 0
                    case 2: bytes.remove(at: random.below(bytes.count))
                    default: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count + 1))
                    }
                }
            }
            let fault = lend(bytes) { decodes($0, inBlock: round % 3 == 0) }
            switch fault {
            case .none: decoded += 1
            case .refused: refused += 1
            case .outside(let what): Issue.record("\(what) of \(bytes), in a block \(round % 3 == 0)")
            }
        }
        // Both outcomes occurred often.
        #expect(decoded > 10_000 && refused > 10_000)
    }

    private enum Fault { case none, refused, outside(String) }

    private func decodes(_ bytes: RawSpan, inBlock: Bool) -> Fault {
        do {
            guard case .change(let change, _) = try OutputMessage.decode(bytes, inBlock: inBlock) else {
                return .none
            }
            let outside = ranges(change).first { $0.lowerBound < 0 || $0.upperBound > bytes.byteCount }
            return outside.map { .outside("range \($0)") } ?? .none
        } catch {
            return error.offset >= 0 && error.offset <= bytes.byteCount
                ? .refused : .outside("offset \(error.offset)")
        }
    }

    private func values(_ message: ChangeMessage) -> [TupleValue] {
        switch message {
        case .insert(_, let new): new
        case .update(_, let old, _, let new): (old ?? []) + new
        case .delete(_, let old, _): old
        case .message(_, _, _, let content): [.text(content)]
        case .begin, .commit, .origin, .relation, .type, .truncate: []
        }
    }

    private func ranges(_ message: ChangeMessage) -> [Range<Int>] {
        values(message).compactMap { value in
            switch value {
            case .text(let range), .binary(let range): range
            case .null, .unchanged: nil
            }
        }
    }

    /// Describes a message without its ranges.
    private func shape(_ message: ChangeMessage) -> String {
        let kinds = values(message).map { value in
            switch value {
            case .null: "null"
            case .unchanged: "unchanged"
            case .text(let range): "text \(range.count)"
            case .binary(let range): "binary \(range.count)"
            }
        }
        switch message {
        case .insert(let relation, _): return "insert \(relation) \(kinds)"
        case .update(let relation, let old, let isKey, _):
            return "update \(relation) \(old?.count ?? -1) \(isKey) \(kinds)"
        case .delete(let relation, _, let isKey): return "delete \(relation) \(isKey) \(kinds)"
        case .message(let isTransactional, let lsn, let prefix, _):
            return "message \(isTransactional) \(lsn) \(prefix) \(kinds)"
        case .begin, .commit, .origin, .relation, .type, .truncate: return "\(message)"
        }
    }
}
