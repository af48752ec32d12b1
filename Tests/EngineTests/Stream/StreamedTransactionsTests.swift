import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// Transactions that are streamed before their commit, with messages built by hand.
@Suite struct StreamedTransactionsTests {
    final class Machine {
        let bench: CaptureLogTests.Bench
        private(set) var log: CaptureLog
        private(set) var streamed: StreamedTransactions
        var pieceBytes = 200

        init(_ bench: CaptureLogTests.Bench) throws {
            self.bench = bench
            log = try bench.log()
            streamed = try StreamedTransactions(log: log, exportDirectory: bench.directory)
        }

        convenience init() throws { try self.init(CaptureLogTests.Bench()) }

        @discardableResult
        func feed(_ parts: [[UInt8]]...) throws -> [CaptureLog.Outcome] {
            var outcomes: [CaptureLog.Outcome] = []
            for message in parts.joined() {
                outcomes.append(try lend(message) { try streamed.take($0) })
                while streamed.isReadingBack {
                    let outcome = try streamed.readBackPiece(bytesMax: pieceBytes)
                    if outcome != .taken { outcomes.append(outcome) }
                }
            }
            return outcomes
        }

        func restart() throws {
            log = try bench.log()
            streamed = try StreamedTransactions(log: log, exportDirectory: bench.directory)
        }

        func connectionLost() throws {
            try log.connectionLost()
            try streamed.forget()
        }

        func values() throws -> [[String]] {
            try log.sync()
            return try bench.transactions().map(\.values)
        }

        var spills: [String] {
            get throws { try spillFiles(bench.directory).map(\.path) }
        }
    }

    static let table = CaptureLogTests.table

    /// Returns a block with the relation message and inserts, each of a subtransaction.
    static func block(
        _ transaction: UInt32, first: Bool = false, describing: Bool? = nil,
        _ rows: [(number: UInt32, value: String)]
    ) -> [[UInt8]] {
        var messages = [StreamMessage.streamStart(transaction, isFirst: first)]
        if describing ?? first { messages.append(StreamMessage.inBlock(table, of: transaction)) }
        for row in rows {
            messages.append(
                StreamMessage.inBlock(StreamMessage.insert(7, [.text(row.value)]), of: row.number))
        }
        return messages + [StreamMessage.streamStop]
    }

    static func commit(_ transaction: UInt32, _ lsn: UInt64) -> [[UInt8]] {
        [StreamMessage.streamCommit(transaction, lsn)]
    }

    @Test func `a streamed transaction is in the log in the order of its commit, as one of protocol 1`()
        throws
    {
        let machine = try Machine()
        try machine.feed(
            Self.block(700, first: true, [(700, "a"), (700, "b")]),
            [Self.table], CaptureLogTests.transaction(10, ["between"]),
            Self.block(700, [(700, "c")]), Self.commit(700, 20), CaptureLogTests.transaction(30, ["after"]))
        #expect(try machine.values() == [["between"], ["a", "b", "c"], ["after"]])
        #expect(try machine.spills == [] && machine.streamed.openTransactions == 0)
        #expect(machine.log.counter.transactions == 3 && machine.log.counter.total.inserts == 5)
        let begin = ChangeMessage.begin(
            finalLSN: LogPosition(number: 20), commitMicroseconds: 7, transaction: 700)
        #expect(try machine.bench.frames().contains { $0.message == begin })
    }

    @Test func `streamed transactions that interleave are in the log in the order of their commits`() throws {
        let machine = try Machine()
        try machine.feed(
            Self.block(700, first: true, [(700, "a1")]), Self.block(701, first: true, [(701, "b1")]),
            Self.block(700, [(700, "a2")]), Self.block(701, [(701, "b2")]), Self.commit(701, 10),
            Self.block(700, [(700, "a3")]), Self.commit(700, 20))
        #expect(try machine.values() == [["b1", "b2"], ["a1", "a2", "a3"]])
    }

    @Test func `a rolled back savepoint is not in the log, nor one inside it`() throws {
        let machine = try Machine()
        try machine.feed(
            Self.block(700, first: true, [(700, "a"), (701, "x"), (702, "y")]),
            [StreamMessage.streamAbort(700, 702), StreamMessage.streamAbort(700, 701)],
            Self.block(700, describing: true, [(703, "b"), (700, "c"), (704, "z")]),
            [StreamMessage.streamAbort(700, 704, lsn: 9)], Self.commit(700, 20))
        #expect(try machine.values() == [["a", "b", "c"]])
    }

    @Test func `a rolled back transaction leaves neither a file nor a frame`() throws {
        let machine = try Machine()
        try machine.feed(
            Self.block(700, first: true, [(700, "a")]),
            // The server may also name a transaction without streamed changes.
            [StreamMessage.streamAbort(699, 699), StreamMessage.streamAbort(700, 700)])
        #expect(try machine.spills == [] && machine.streamed.openTransactions == 0)
        // Its relation message does not count, and the server sends it again.
        try machine.feed([Self.table], CaptureLogTests.transaction(10, ["b"]))
        #expect(try machine.values() == [["b"]])
        #expect(throws: MalformedMessage.self) { try machine.feed(Self.commit(700, 20)) }
    }

    @Test func `a relation message in a streamed transaction is in force after its commit`() throws {
        let machine = try Machine()
        try machine.feed(Self.block(700, first: true, [(700, "a")]), Self.commit(700, 20))
        try machine.feed(CaptureLogTests.transaction(30, ["b"]))
        #expect(try machine.values() == [["a"], ["b"]])
    }

    @Test func `the later one of two relation messages is in force, inside or outside of a block`() throws {
        func named(_ name: String) -> [UInt8] {
            StreamMessage.relation(7, "public", name, columns: [("id", true)])
        }
        // The table is renamed while a streamed transaction is open.
        let machine = try Machine()
        let streamedFirst = [
            StreamMessage.streamStart(700, isFirst: true), StreamMessage.inBlock(named("old"), of: 700),
            StreamMessage.inBlock(StreamMessage.insert(7, [.text("a")]), of: 700), StreamMessage.streamStop,
        ]
        try machine.feed(streamedFirst, [named("new")], CaptureLogTests.transaction(10, ["b"]))
        try machine.feed(Self.commit(700, 20), CaptureLogTests.transaction(30, ["c"]))
        #expect(machine.log.counter.counts["public.new"] == ChangeCounts(inserts: 2))
        #expect(machine.log.counter.counts["public.old"] == ChangeCounts(inserts: 1))
        // In the other order the streamed one is in force.
        try machine.feed(
            [
                StreamMessage.streamStart(701, isFirst: true),
                StreamMessage.inBlock(named("newest"), of: 701),
                StreamMessage.inBlock(StreamMessage.insert(7, [.text("d")]), of: 701),
                StreamMessage.streamStop,
            ], Self.commit(701, 40), CaptureLogTests.transaction(50, ["e"]))
        #expect(machine.log.counter.counts["public.newest"] == ChangeCounts(inserts: 2))
        // One whose savepoint was rolled back is not in force outside; the server sends it again if it needs
        // it.
        try machine.feed(
            [
                StreamMessage.streamStart(702, isFirst: true),
                StreamMessage.inBlock(named("passing"), of: 702),
                StreamMessage.inBlock(StreamMessage.insert(7, [.text("f")]), of: 702),
                StreamMessage.inBlock(StreamMessage.insert(7, [.text("g")]), of: 703),
                StreamMessage.streamStop, StreamMessage.streamAbort(702, 703),
            ], Self.commit(702, 60), CaptureLogTests.transaction(70, ["h"]))
        #expect(machine.log.counter.counts["public.passing"] == ChangeCounts(inserts: 1))
        #expect(machine.log.counter.counts["public.newest"] == ChangeCounts(inserts: 3))
    }

    @Test
    func
        `a streamed transaction that the log has is dropped at its commit, and a snapshot's changes are omitted`()
        throws
    {
        let bench = try CaptureLogTests.Bench()
        bench.snapshots = [QualifiedName(schema: "public", name: "t"): LogPosition(number: 15)]
        let machine = try Machine(bench)
        try machine.feed(Self.block(700, first: true, [(700, "old")]), Self.commit(700, 10))
        try machine.feed(Self.block(701, first: true, [(701, "a")]), Self.commit(701, 20))
        #expect(try machine.values() == [["a"]])
        // The server sends both again.
        try machine.connectionLost()
        try machine.feed(Self.block(700, first: true, [(700, "old")]), Self.commit(700, 10))
        try machine.feed(Self.block(701, first: true, [(701, "a")]), Self.commit(701, 20))
        #expect(machine.log.receivedThrough == LogPosition(number: 28))
        try machine.feed(CaptureLogTests.transaction(30, ["b"]))
        #expect(try machine.values() == [["a"], ["b"]])
    }

    @Test func `a barrier, a truncate and a type in a streamed transaction come through`() throws {
        let machine = try Machine()
        let outcomes = try machine.feed(
            [
                StreamMessage.streamStart(700, isFirst: true), StreamMessage.origin,
                StreamMessage.inBlock(StreamMessage.type, of: 700),
                StreamMessage.inBlock(Self.table, of: 700),
                StreamMessage.inBlock(StreamMessage.truncate([7], options: 2), of: 700),
                StreamMessage.inBlock(StreamMessage.logical("tok/first", prefix: "switchback"), of: 700),
                StreamMessage.inBlock(
                    StreamMessage.logical("tok/not", prefix: "switchback", isTransactional: false), of: 700),
                StreamMessage.streamStop,
                StreamMessage.logical("tok/not", prefix: "switchback", isTransactional: false),
            ], Self.commit(700, 20))
        #expect(outcomes.filter { $0 != .taken } == [.barrier("tok/first", LogPosition(number: 20))])
        let table = machine.log.truncates[QualifiedName(schema: "public", name: "t")]
        #expect(table.count == 1 && table.transactions == [700])
        try machine.log.sync()
        let truncate = ChangeMessage.truncate(relations: [7], .restartIdentity)
        #expect(try machine.bench.frames().contains { $0.message == truncate })
        let types = try machine.bench.journal.document(
            [UInt32: String].self, key: OriginTypes.key(machine.bench.leg))
        #expect(types == [4711: "public.mood"])
    }

    @Test func `a streamed transaction without a migrated table moves the position, and leaves no frame`()
        throws
    {
        let machine = try Machine()
        try machine.feed(
            [StreamMessage.streamStart(700, isFirst: true), StreamMessage.streamStop], Self.commit(700, 20))
        try machine.log.sync()
        #expect(machine.log.durableThrough == LogPosition(number: 28))
        #expect(try machine.bench.frames().isEmpty)
    }

    @Test func `a keepalive between blocks is confirmed, and inside the read-back it is not`() throws {
        let machine = try Machine()
        try machine.feed(Self.block(700, first: true, (0..<50).map { (700, "value \($0)") }))
        machine.log.keepalive(logEnd: LogPosition(number: 15))
        try machine.log.sync()
        #expect(machine.log.durableThrough == LogPosition(number: 15))
        #expect(try lend(StreamMessage.streamCommit(700, 20)) { try machine.streamed.take($0) } == .taken)
        var pieces = 0
        while machine.streamed.isReadingBack {
            #expect(machine.log.isInTransaction)
            machine.log.keepalive(logEnd: LogPosition(number: 90))
            try machine.log.sync()
            #expect(machine.log.durableThrough == LogPosition(number: 15))
            #expect(try machine.streamed.readBackPiece(bytesMax: 100) == .taken)
            pieces += 1
        }
        #expect(pieces > 10)
        try machine.log.sync()
        #expect(machine.log.durableThrough == LogPosition(number: 28))
        #expect(try machine.values().map(\.count) == [50])
    }

    @Test
    func
        `a connection lost between blocks or in the read-back leaves no half transaction, and it comes again`()
        throws
    {
        let machine = try Machine()
        let rows = (0..<40).map { (number: UInt32(700), value: "v\($0)") }
        for cut in 0..<6 {
            try machine.feed(Self.block(700, first: true, rows))
            if cut > 0 {
                _ = try lend(StreamMessage.streamCommit(700, 20)) { try machine.streamed.take($0) }
                for _ in 1..<cut { _ = try machine.streamed.readBackPiece(bytesMax: 150) }
                #expect(machine.streamed.isReadingBack)
            }
            if cut % 2 == 0 { try machine.connectionLost() } else { try machine.restart() }
            #expect(try machine.spills == [] && machine.streamed.openTransactions == 0)
            #expect(machine.log.counter.transactions == 0)
        }
        try machine.feed(Self.block(700, first: true, rows), Self.commit(700, 20))
        #expect(try machine.values() == [rows.map(\.value)])
        #expect(machine.log.counter.total.inserts == 40)
    }

    @Test func `a message that the protocol does not have at that point is malformed`() throws {
        let start = StreamMessage.streamStart(700, isFirst: true)
        let insert = StreamMessage.inBlock(StreamMessage.insert(7, [.text("a")]), of: 700)
        let wrong: [[[UInt8]]] = [
            [StreamMessage.streamStop], [StreamMessage.streamStart(700, isFirst: false)], Self.commit(700, 5),
            [start, start], [start, StreamMessage.begin(9)], [start, StreamMessage.commit(9)],
            [start, StreamMessage.streamAbort(700, 700)], [start] + Self.commit(700, 9),
            [start, StreamMessage.streamStop, start], [StreamMessage.begin(9), start],
            [start, StreamMessage.streamStop, StreamMessage.begin(9)] + Self.commit(700, 9),
            [start, Array(insert.prefix(4))], [[]],
            // A change without a relation message is found at the commit.
            [start, insert, StreamMessage.streamStop] + Self.commit(700, 9),
        ]
        for messages in wrong {
            let machine = try Machine()
            #expect(throws: MalformedMessage.self, "\(messages)") { try machine.feed(messages) }
        }
    }

    @Test(arguments: ["b", "P", "K", "r", "p"] as [Character])
    func `a prepared transaction is refused by its LogPosition, without its name`(letter: Character)
        throws
    {
        let machine = try Machine()
        let message = StreamMessage.prepared(letter, lsn: 0xAB0, transaction: 700, "secret name")
        let refusal = #expect(throws: PreparedTransactionRefused.self) { try machine.feed([message]) }
        let text = "\(try #require(refusal))"
        #expect(text.contains("0/AB0") && text.contains("two_phase") && !text.contains("secret"))
    }

    @Test func `values in binary form are refused before they are in the log`() throws {
        let insert = StreamMessage.insert(7, [.null, .binary([1])])
        let whole = try Machine()
        #expect(throws: BinaryValue.self) {
            try whole.feed([Self.table, StreamMessage.begin(9), insert])
        }
        let block = try Machine()
        #expect(throws: BinaryValue.self) {
            try block.feed([
                StreamMessage.streamStart(700, isFirst: true), StreamMessage.inBlock(Self.table, of: 700),
                StreamMessage.inBlock(insert, of: 701),
            ])
        }
        #expect(try whole.bench.frames().isEmpty && block.bench.frames().isEmpty)
    }
}
