import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// The rule of positions against a random server: confirmed transactions are durable, and each is in the log
/// once.
@Suite struct PositionRuleTests {
    /// A transaction in the server's WAL: its records are among those of others, its messages are not.
    struct Transaction {
        let number: UInt32
        /// LSN of its first record, before the commits of transactions that began later.
        let beginsAt: UInt64
        let commit: UInt64
        let end: UInt64
        let values: [String]

        var messages: [[UInt8]] {
            [StreamMessage.begin(commit, transaction: number)]
                + values.map { StreamMessage.insert(7, [.text($0)]) } + [
                    StreamMessage.commit(commit, end: end)
                ]
        }
    }

    /// A slot and its walsender: whole transactions in commit order, from the confirmed position on.
    struct Server {
        var transactions: [Transaction] = []
        var confirmed: UInt64 = 0
        private(set) var walEnd: UInt64 = 1000

        /// Writes transactions, of which several are open at once; a random one commits next.
        mutating func write(_ count: Int, sendsEmpty: Bool, _ random: inout Randomness) {
            var open: [(number: UInt32, beginsAt: UInt64)] = []
            var begun = transactions.count
            while transactions.count < count {
                walEnd += UInt64(8 + random.below(300))
                if begun < count, open.count < 4, random.below(2) == 0 || open.isEmpty {
                    begun += 1
                    open.append((UInt32(700 + begun), walEnd))
                    continue
                }
                let one = open.remove(at: random.below(open.count))
                let values = (0..<random.below(30)).map { "\(one.number).\($0)" }
                transactions.append(
                    Transaction(
                        number: one.number, beginsAt: one.beginsAt, commit: walEnd, end: walEnd + 8,
                        values: sendsEmpty || !values.isEmpty ? values : ["\(one.number).only"]))
            }
            walEnd += UInt64(random.below(100))
        }

        /// The transactions that a new connection gets.
        var stream: [Transaction] { transactions.filter { $0.end > confirmed } }
    }

    /// A capture and its disk; a power loss takes what was not synced.
    final class Machine {
        let bench: CaptureLogTests.Bench
        private(set) var log: CaptureLog
        /// Synced bytes of the segments, by number.
        private var syncedBytes: [Int: Int] = [:]

        init(segmentBytes: Int) throws {
            bench = try CaptureLogTests.Bench()
            bench.segmentBytes = segmentBytes
            log = try bench.log()
        }

        private func sizes() throws -> [Int: Int] {
            var sizes: [Int: Int] = [:]
            for number in try segmentNumbers(bench.directory) {
                let path = segmentPath(bench.directory, number: number)
                sizes[number] = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            }
            return sizes
        }

        func take(_ message: [UInt8]) throws {
            _ = try lend(message) { try log.take($0) }
            // A new segment is synced with its header, and the one before it was synced when it was closed.
            if unsafe access(segmentPath(bench.directory, number: syncedBytes.count), F_OK) == 0 {
                syncedBytes = try sizes()
            }
        }

        func sync() throws {
            try log.sync()
            syncedBytes = try sizes()
        }

        func connectionLost() throws {
            try log.connectionLost()
            syncedBytes = try sizes()
        }

        func restart() throws { log = try bench.log() }

        /// Ends the process: the kernel keeps what was flushed, and the buffer is lost.
        func crash(flushing: Bool) throws {
            if flushing { try log.flush() }
            try restart()
        }

        /// Cuts the newest segment at a random byte after its synced part.
        func losePower(_ random: inout Randomness) throws {
            try log.flush()
            if let newest = try segmentNumbers(bench.directory).max() {
                let path = segmentPath(bench.directory, number: newest)
                let size = try sizes()[newest] ?? 0
                // A full segment is synced before the next one begins.
                let noted = try bench.journal.segments().first { $0.number == newest }?.durableBytes
                let synced = max(syncedBytes[newest] ?? size, noted ?? 0)
                let kept = synced + random.below(size - synced + 1)
                let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
                try file.truncate(atOffset: UInt64(kept))
                try file.close()
            }
            try restart()
            syncedBytes = try sizes()
        }

        func readable() throws -> [(lsn: UInt64, values: [String])] { try bench.transactions() }
    }

    /// Expects every confirmed transaction whole in the log, and none twice or out of order.
    private func check(_ machine: Machine, _ server: Server, _ what: String) throws {
        let found = try machine.readable()
        let positions = found.map(\.lsn)
        #expect(positions == positions.sorted() && Set(positions).count == positions.count, "\(what)")
        let known = Dictionary(found.map { ($0.lsn, $0.values) }) { first, _ in first }
        for one in server.transactions where one.end <= server.confirmed && !one.values.isEmpty {
            #expect(
                known[one.commit] == one.values,
                "\(what): the transaction at \(one.commit), confirmed \(server.confirmed)")
        }
    }

    @Test
    func
        `in whatever order transactions begin, and wherever power fails, what was confirmed is in the log once`()
        throws
    {
        var random = Randomness("interleaved transactions")
        for round in 0..<12 {
            var server = Server()
            let machine = try Machine(segmentBytes: 400 + random.below(3000))
            let sendsEmpty = random.below(2) == 0
            for run in 0..<14 {
                server.write(
                    min(30, server.transactions.count + 1 + random.below(6)), sendsEmpty: sendsEmpty, &random)
                let stream = server.stream
                try machine.take(CaptureLogTests.table)
                let last = run == 13
                let cut = last ? Int.max : random.below(stream.reduce(2) { $0 + $1.messages.count })
                var sent = 0
                connection: for (index, one) in stream.enumerated() {
                    for message in one.messages {
                        if sent == cut { break connection }
                        sent += 1
                        try machine.take(message)
                        // A keepalive inside a transaction confirms nothing of it, whatever position it
                        // names.
                        if random.below(8) == 0, machine.log.isInTransaction {
                            machine.log.keepalive(logEnd: LogPosition(number: server.walEnd + 5000))
                        }
                        if random.below(12) == 0 {
                            try machine.sync()
                            server.confirmed = max(server.confirmed, machine.log.durableThrough.number)
                            try check(machine, server, "round \(round), run \(run)")
                        }
                    }
                    // Between transactions a keepalive names at most the next commit, which was not sent yet.
                    if random.below(3) == 0 {
                        let next = index + 1 < stream.count ? stream[index + 1].commit : server.walEnd
                        machine.log.keepalive(logEnd: LogPosition(number: max(one.end, next)))
                    }
                }
                switch last ? 0 : random.below(5) {
                case 0: try machine.connectionLost()
                // The server sends again, and the capture did not notice that the connection was cut.
                case 1: break
                case 2: try machine.crash(flushing: true)
                case 3: try machine.crash(flushing: false)
                default: try machine.losePower(&random)
                }
                // A server that crashed may have forgotten a confirmation; it never has one that was not
                // sent.
                if random.below(4) == 0 {
                    server.confirmed -= min(server.confirmed, UInt64(random.below(400)))
                }
                try check(machine, server, "round \(round) after run \(run)")
            }
            try machine.sync()
            let wanted = server.transactions.filter { !$0.values.isEmpty }
            let found = try machine.readable()
            #expect(found.map(\.lsn) == wanted.map(\.commit))
            #expect(found.map(\.values) == wanted.map(\.values))
            // Transactions that began first and committed last were among them.
            #expect(
                zip(wanted, wanted.dropFirst()).contains { $0.beginsAt > $1.beginsAt } || wanted.count < 5)
        }
    }

    @Test func `a transaction that is sent again and again is in the log once, however often it was cut off`()
        throws
    {
        let machine = try Machine(segmentBytes: 1 << 20)
        let one = Transaction(
            number: 9, beginsAt: 1, commit: 50, end: 58, values: (0..<20).map(String.init))
        for cut in 1...one.messages.count {
            try machine.take(CaptureLogTests.table)
            for message in one.messages.prefix(cut) { try machine.take(message) }
            #expect(machine.log.isInTransaction == (cut < one.messages.count))
            machine.log.keepalive(logEnd: LogPosition(number: 58))
            try machine.sync()
            #expect(machine.log.durableThrough == LogPosition(number: cut < one.messages.count ? 0 : 58))
            if cut % 2 == 0 { try machine.restart() } else { try machine.connectionLost() }
        }
        // The transaction comes once more, whole, because it was not confirmed.
        try machine.restart()
        try machine.take(CaptureLogTests.table)
        for message in one.messages { try machine.take(message) }
        try machine.sync()
        #expect(try machine.readable().map(\.values) == [one.values])
        #expect(machine.log.counter.total.inserts == 20)
    }
}
