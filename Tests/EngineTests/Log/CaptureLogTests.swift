import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// The log that the capture writes, with messages built by hand.
@Suite struct CaptureLogTests {
    final class Bench {
        let directory: String
        let journal: Journal
        let leg = Leg(
            number: 1, direction: .forward, start: .snapshot, uuid: "11111111-2222-3333-4444-555555555555")
        var snapshots: [QualifiedName: LogPosition] = [:]
        var segmentBytes = 1 << 20

        init() throws {
            directory = NSTemporaryDirectory() + "switchback-capture-" + UUID().uuidString
            for folder in ["data/queue", "metainfo"] {
                try FileManager.default.createDirectory(
                    atPath: directory + "/" + folder, withIntermediateDirectories: true)
            }
            journal = try Journal(exportDirectory: directory, create: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: directory)  // A leftover does no harm.
        }

        func log() throws -> CaptureLog {
            try CaptureLog(
                journal: journal, exportDirectory: directory, leg: leg, snapshotLSNs: snapshots,
                segmentBytesMax: segmentBytes)
        }

        /// Returns all frames of the log as a reader gets them; headers by their number.
        func frames() throws -> [(file: Int?, message: ChangeMessage?, text: String)] {
            var reader = SegmentReader(exportDirectory: directory, from: 0)
            var found: [(Int?, ChangeMessage?, String)] = []
            while true {
                var message: ChangeMessage?
                var text = ""
                let frame = try reader.next { bytes in
                    message = try ChangeMessage.decode(bytes)
                    if case .insert(_, let new)? = message, case .text(let range)? = new.first {
                        text = MessageCursor().text(range, in: bytes)
                    }
                }
                switch frame {
                case .header(let header):
                    found.append((header.number, nil, header.continuesTransaction ? "continues" : ""))
                case .message: found.append((nil, message, text))
                case .end: return found
                }
            }
        }

        /// Returns the transactions with a commit; void beginnings are omitted, as apply omits them.
        func transactions() throws -> [(lsn: UInt64, values: [String])] {
            var whole: [(UInt64, [String])] = []
            var open: [String]?
            for frame in try frames() {
                if frame.file != nil, frame.text != "continues" { open = nil }
                switch frame.message {
                case .begin: open = []
                case .insert: open?.append(frame.text)
                case .commit(let lsn, _, _): if let values = open { whole.append((lsn.number, values)) }
                default: break
                }
            }
            return whole
        }
    }

    static let table = StreamMessage.relation(7, "public", "t", columns: [("id", true)])
    static let other = StreamMessage.relation(8, "public", "u", columns: [("id", true)])

    static func transaction(_ lsn: UInt64, _ values: [String], relation: UInt32 = 7) -> [[UInt8]] {
        var messages: [[UInt8]] = [StreamMessage.begin(lsn)]
        for value in values { messages.append(StreamMessage.insert(relation, [.text(value)])) }
        messages.append(StreamMessage.commit(lsn))
        return messages
    }

    /// A transaction without its last messages.
    static func part(_ lsn: UInt64, _ values: [String], without: Int) -> [[UInt8]] {
        Array(transaction(lsn, values).dropLast(without))
    }

    @discardableResult
    private func feed(_ log: CaptureLog, _ parts: [[UInt8]]...) throws -> [CaptureLog.Outcome] {
        var outcomes: [CaptureLog.Outcome] = []
        for message in parts.joined() { outcomes.append(try lend(message) { try log.take($0) }) }
        return outcomes
    }

    @Test func `transactions that the server sends again after a restart are omitted`() throws {
        let bench = try Bench()
        let first = try bench.log()
        try feed(first, [Self.table], Self.transaction(10, ["a"]), Self.transaction(20, ["b", "c"]))
        try first.sync()
        let second = try bench.log()
        #expect(second.counter.lastCommitLSN == LogPosition(number: 20) && second.counter.transactions == 2)
        #expect(second.counter.counts == ["public.t": ChangeCounts(inserts: 3)])
        try feed(
            second, [Self.table], Self.transaction(10, ["a"]), Self.transaction(20, ["b", "c"]),
            Self.transaction(30, ["d"]))
        try second.sync()
        #expect(try bench.transactions().map(\.values) == [["a"], ["b", "c"], ["d"]])
    }

    @Test func `a missing newest segment is named, and not begun anew`() throws {
        let bench = try Bench()
        for (lsn, value) in [(10, "a"), (20, "b")] as [(UInt64, String)] {
            let log = try bench.log()
            try feed(log, [Self.table], Self.transaction(lsn, [value]))
            try log.sync()
            try log.storeSize()
        }
        let newest = try #require(try segmentNumbers(bench.directory).max())
        let path = segmentPath(bench.directory, number: newest)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: path)
        #expect {
            _ = try bench.log()
        } throws: { "\($0)".contains(path) && "\($0)".contains("bring it back") }
        try bytes.write(to: URL(fileURLWithPath: path))
        let log = try bench.log()
        #expect(log.counter.lastCommitLSN == LogPosition(number: 20))
        // A segment that the journal has and that was never created has nothing.
        try bench.journal.segmentOpened(
            number: newest + 1, path: segmentPath(bench.directory, number: newest + 1), leg: 1,
            afterLSN: .zero,
            continuesTransaction: false, exporterRole: "source_db_exporter")
        _ = try bench.log()
    }

    @Test func `a changed length in the durable part is damage, and stops the capture`() throws {
        let bench = try Bench()
        let log = try bench.log()
        try feed(log, [Self.table], Self.transaction(10, ["a"]))
        try log.sync()
        try log.storeSize()
        let path = segmentPath(bench.directory, number: try #require(log.segmentSize?.number))
        let durable = try Data(contentsOf: URL(fileURLWithPath: path))
        try feed(log, Self.transaction(20, ["b"]))
        try log.flush()
        let written = try Data(contentsOf: URL(fileURLWithPath: path))
        // The first frame after the header, and the first that is not known to be durable.
        let header = 8 + Int(durable[8]) + Int(durable[9]) << 8 + 8
        for (offset, isDamage) in [(header, true), (durable.count, false)] {
            var changed = written
            changed[offset + 1] ^= 0x7f
            try changed.write(to: URL(fileURLWithPath: path))
            do {
                let recovered = try bench.log()
                #expect(!isDamage && recovered.counter.lastCommitLSN == LogPosition(number: 10))
            } catch let error as JournalError {
                #expect(isDamage && "\(error)".contains(path))
            }
        }
    }

    @Test func `after a sync only what it covers may be confirmed`() throws {
        let bench = try Bench()
        let log = try bench.log()
        try feed(log, [Self.table], Self.transaction(10, ["a"]))
        let before = log.durableThrough
        try log.startSync()
        #expect(log.isSyncing && log.durableThrough == before)
        try feed(log, Self.transaction(20, ["b"]))
        #expect(try log.finishSync(wait: true))
        let first = log.durableThrough
        #expect(first >= LogPosition(number: 10) && first < LogPosition(number: 20))
        #expect(!log.isSyncing && log.unsyncedBytes > 0)
        try log.sync()
        #expect(log.durableThrough >= LogPosition(number: 20))
    }

    @Test func `a transaction cut off by a crash is void and comes again in the next segment`() throws {
        let bench = try Bench()
        do {
            let log = try bench.log()
            try feed(log, [Self.table], Self.transaction(10, ["a"]), Self.part(20, ["b", "c"], without: 2))
            try log.flush()
        }
        let log = try bench.log()
        #expect(log.counter.counts == ["public.t": ChangeCounts(inserts: 1)])
        try feed(log, [Self.table], Self.transaction(20, ["b", "c"]))
        try log.sync()
        #expect(try bench.transactions().map(\.values) == [["a"], ["b", "c"]])
        #expect(try bench.frames().compactMap(\.file) == [0, 1])
    }

    @Test func `a transaction cut off by a lost connection is never twice in one segment`() throws {
        let bench = try Bench()
        let log = try bench.log()
        try feed(log, [Self.table], Self.transaction(10, ["a"]), Self.part(20, ["b", "c"], without: 2))
        // The same log continues with the next connection, and the server sends the transaction from its
        // beginning.
        try feed(log, [Self.table], Self.transaction(20, ["b", "c"]))
        try log.sync()
        #expect(try bench.frames().compactMap(\.file) == [0, 1])
        #expect(try bench.transactions().map(\.values) == [["a"], ["b", "c"]])
        #expect(log.counter.transactions == 2)
    }

    @Test func `changes of a table before its snapshot are omitted, those of other tables are not`() throws {
        let bench = try Bench()
        bench.snapshots = [QualifiedName(schema: "public", name: "t"): LogPosition(number: 20)]
        let log = try bench.log()
        try feed(
            log, [Self.table, Self.other], Self.transaction(10, ["old"]),
            Self.transaction(12, ["kept"], relation: 8),
            Self.transaction(20, ["at"]), Self.transaction(30, ["new"]))
        try log.sync()
        #expect(try bench.transactions().map(\.values) == [["kept"], ["at"], ["new"]])
    }

    @Test func `a truncate names only the tables whose snapshot is older`() throws {
        let bench = try Bench()
        bench.snapshots = [QualifiedName(schema: "public", name: "t"): LogPosition(number: 20)]
        let log = try bench.log()
        let truncate = StreamMessage.truncate([7, 8], options: 2)
        try feed(
            log, [Self.table, Self.other], [StreamMessage.begin(10), truncate, StreamMessage.commit(10)])
        try feed(log, [StreamMessage.begin(25), truncate, StreamMessage.commit(25)])
        try log.sync()
        let found = try bench.frames().compactMap { frame -> ChangeMessage? in
            if case .truncate? = frame.message { frame.message } else { nil }
        }
        #expect(
            found == [
                .truncate(relations: [8], [.restartIdentity, .isPartial]),
                .truncate(relations: [7, 8], .restartIdentity),
            ])
    }

    @Test
    func `a received truncate is known after a restart, since the server does not send it again`()
        throws
    {
        let bench = try Bench()
        let truncate = StreamMessage.truncate([7])
        do {
            let log = try bench.log()
            try feed(
                log,
                [Self.table, StreamMessage.begin(10, transaction: 70), truncate, StreamMessage.commit(10)])
            // This transaction has no commit.
            try feed(log, [StreamMessage.begin(20, transaction: 71), truncate])
            try log.flush()
        }
        let log = try bench.log()
        let table = log.truncates[QualifiedName(schema: "public", name: "t")]
        #expect(table.count == 1 && table.transactions == [70])
        // A truncate that is sent again does not count again.
        for _ in 0..<2 {
            try feed(
                log,
                [
                    Self.table, StreamMessage.begin(10, transaction: 70), truncate, truncate,
                    StreamMessage.commit(10),
                ])
        }
        #expect(log.truncates[QualifiedName(schema: "public", name: "t")] == table)
        #expect(table.explainsNewFile(by: 70, isWithAll: false, since: 1))
        #expect(!table.explainsNewFile(by: 72, isWithAll: false, since: 0))
        #expect(
            table.explainsNewFile(by: 72, isWithAll: true, since: 0)
                && !table.explainsNewFile(by: 72, isWithAll: true, since: 1))
    }

    @Test
    func `a transaction marked as ours is in the log and counts as nobody's write, even after a recovery`()
        throws
    {
        let bench = try Bench()
        let own = StreamMessage.logical(Barrier.own, prefix: "switchback")
        let table = StreamMessage.relation(1, "public", "t", columns: [("id", true)])
        let messages = [
            StreamMessage.begin(10), table, StreamMessage.insert(1, [.text("1")]), own,
            StreamMessage.commit(10),
            StreamMessage.begin(20), StreamMessage.insert(1, [.text("2")]), StreamMessage.commit(20),
        ]
        let log = try bench.log()
        _ = try feed(log, messages)
        try log.sync()
        for counter in [log.counter, try bench.log().counter] {
            #expect(counter.transactions == 1)
            #expect(counter.counts["public.t"]?.inserts == 2)
        }
    }

    @Test func `only our own transactional messages are barriers`() throws {
        let bench = try Bench()
        let log = try bench.log()
        let barrier = StreamMessage.logical("tok/first", prefix: "switchback")
        #expect(
            try feed(log, [StreamMessage.begin(10), barrier, StreamMessage.commit(10)])
                == [.taken, .taken, .barrier("tok/first", LogPosition(number: 10))])
        let others = [
            StreamMessage.logical("x", prefix: "app"),
            StreamMessage.logical("x", prefix: "switchback", isTransactional: false),
        ]
        for message in others {
            #expect(
                try feed(log, [StreamMessage.begin(20), message, StreamMessage.commit(20)]).last == .taken)
        }
        #expect(log.counter.transactions == 0)
        #expect(Barrier.parse("tok/first")?.kind == .first)
        #expect(Barrier.parse("tok/first/x") == nil && Barrier.parse("none") == nil)
    }

    @Test
    func `each segment has its relation messages, and a large transaction continues in the next segment`()
        throws
    {
        let bench = try Bench()
        bench.segmentBytes = 4000
        let log = try bench.log()
        let values = (0..<600).map { "value number \($0)" }
        try feed(log, [Self.table], Self.transaction(10, values), Self.transaction(20, ["after"]))
        try log.sync()
        let frames = try bench.frames()
        #expect(frames.compactMap(\.file).count > 3)
        #expect(frames.contains { $0.text == "continues" })
        var isDescribed = false
        for frame in frames {
            if frame.file != nil { isDescribed = false }
            if case .relation? = frame.message { isDescribed = true }
            if case .insert? = frame.message { #expect(isDescribed) }
        }
        #expect(try bench.transactions().map(\.values) == [values, ["after"]])
        // The last segment's header has the counts of all before it.
        #expect(try bench.log().counter.counts == log.counter.counts)
        #expect(try bench.log().counter.transactions == 2)
        #expect(try bench.journal.segments().map(\.continuesTransaction).contains(true))
    }

    @Test func `a change without a relation message is malformed`() throws {
        let bench = try Bench()
        let log = try bench.log()
        #expect(throws: MalformedMessage.self) { try feed(log, Self.transaction(10, ["a"])) }
    }

    @Test
    func `a keepalive moves the position between transactions only, and nothing is durable before the sync`()
        throws
    {
        let bench = try Bench()
        let log = try bench.log()
        try feed(log, [Self.table], Self.part(10, ["a"], without: 1))
        log.keepalive(logEnd: LogPosition(number: 500))
        try log.sync()
        #expect(log.durableThrough == .zero)
        try feed(log, [StreamMessage.commit(10, end: 18)])
        #expect(log.durableThrough == .zero)
        try log.sync()
        #expect(log.durableThrough == LogPosition(number: 18))
        log.keepalive(logEnd: LogPosition(number: 600))
        try log.sync()
        #expect(log.durableThrough == LogPosition(number: 600))
    }

    /// A server has transactions in commit order, and each connection begins at the confirmed position, as
    /// that of a slot.
    @Test func `wherever the stream is cut off, the log has every transaction exactly once`() throws {
        var random = Randomness("the position rule")
        for _ in 0..<40 {
            let bench = try Bench()
            bench.segmentBytes = 600 + random.below(3000)
            var lsn: UInt64 = 100
            var transactions: [(lsn: UInt64, end: UInt64, values: [String])] = []
            for number in 0..<30 {
                lsn += UInt64(16 + random.below(200))
                var values: [String] = []
                for index in 0..<random.below(40) { values.append("\(number).\(index)") }
                transactions.append((lsn, lsn + 8, values))
            }
            var confirmed: UInt64 = 0
            var log: CaptureLog? = try bench.log()
            for run in 0..<30 {
                let stream = transactions.filter { $0.end > confirmed }
                if stream.isEmpty { break }
                var messages: [(bytes: [UInt8], sent: UInt64)] = []
                messages.append((Self.table, 0))
                for one in stream {
                    for message in Self.part(one.lsn, one.values, without: 1) {
                        messages.append((message, 0))
                    }
                    messages.append((StreamMessage.commit(one.lsn, end: one.end), one.end))
                }
                let cut = run == 29 ? messages.count : random.below(messages.count + 1)
                for (index, message) in messages.prefix(cut).enumerated() {
                    try feed(log!, [message.bytes])
                    // A keepalive names the end of what the server has sent, or any position before the next
                    // commit.
                    if message.sent > 0, random.below(4) == 0 {
                        let next: UInt64 =
                            messages[(index + 1)...].first { $0.sent > 0 }?.sent ?? message.sent + 50
                        let later: UInt64 = message.sent + UInt64(random.below(9))
                        log!.keepalive(logEnd: LogPosition(number: min(later, next - 9)))
                    }
                    if random.below(15) == 0 {
                        try log!.sync()
                        confirmed = max(confirmed, log!.durableThrough.number)
                    }
                }
                switch run == 29 ? 0 : random.below(3) {
                case 0: try log!.sync()  // The connection was lost; the same log continues.
                case 1:
                    try log!.flush()
                    log = nil
                default: log = nil  // The buffer is lost.
                }
                if log == nil { log = try bench.log() }
            }
            try log!.sync()
            let found = try bench.transactions()
            let wanted = transactions.filter { !$0.values.isEmpty }
            #expect(found.map(\.lsn) == wanted.map(\.lsn))
            #expect(found.map(\.values) == wanted.map(\.values))
            #expect(log!.counter.total.inserts == Int64(wanted.reduce(0) { $0 + $1.values.count }))
        }
    }
}
