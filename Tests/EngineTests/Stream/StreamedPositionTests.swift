import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// The rule of positions against a random server that streams transactions before their commit: confirmed
/// transactions are in the log, once, whenever the connection or the process ends.
@Suite struct StreamedPositionTests {
    /// A record of the server's WAL; each has an LSN.
    enum Record {
        case row(transaction: UInt32, number: UInt32, value: String)
        /// A rollback of a savepoint, with those inside it in the order of their numbers.
        case rollBack(transaction: UInt32, numbers: [UInt32])
        case commit(transaction: UInt32)
        case abort(transaction: UInt32, numbers: [UInt32])

        var transaction: UInt32 {
            switch self {
            case .row(let transaction, _, _), .rollBack(let transaction, _), .commit(let transaction),
                .abort(let transaction, _):
                transaction
            }
        }
    }

    struct Server {
        private(set) var wal: [(lsn: UInt64, record: Record)] = []
        /// The committed transactions with their values, in commit order.
        private(set) var committed: [(lsn: UInt64, values: [String])] = []
        var confirmed: UInt64 = 0
        private var end: UInt64 = 1000
        private var nextNumber: UInt32
        private var open: [Open] = []

        private struct Open {
            let transaction: UInt32
            /// The savepoints from the outermost on; those without a row have no number yet.
            var savepoints: [(number: UInt32?, released: [UInt32])] = []
            var rows: [(number: UInt32, value: String)] = []
            var numbers: [UInt32] = []
        }

        init(firstNumber: UInt32) { nextNumber = firstNumber }

        private mutating func number() -> UInt32 {
            defer { nextNumber = nextNumber == .max ? 3 : nextNumber + 1 }
            return nextNumber
        }

        private mutating func write(_ record: Record, _ random: inout Randomness) {
            wal.append((end, record))
            end += UInt64(8 + random.below(90))
        }

        mutating func step(_ random: inout Randomness) {
            if open.isEmpty || open.count < 4 && random.below(20) == 0 {
                open.append(Open(transaction: number()))
            }
            let index = random.below(open.count)
            switch random.below(16) {
            case 0, 1: open[index].savepoints.append((nil, []))
            case 2:
                guard let one = open[index].savepoints.popLast() else { return }
                let numbers = one.released + (one.number.map { [$0] } ?? [])
                if let last = open[index].savepoints.indices.last {
                    open[index].savepoints[last].released += numbers
                }
            case 3:
                guard let one = open[index].savepoints.popLast(), let number = one.number else { return }
                let numbers = one.released.sorted { SpillIndex.precedes($0, $1) } + [number]
                open[index].rows.removeAll { numbers.contains($0.number) }
                write(.rollBack(transaction: open[index].transaction, numbers: numbers), &random)
            case 4 where random.below(3) == 0:
                let one = open.remove(at: index)
                if random.below(4) == 0 {
                    write(.abort(transaction: one.transaction, numbers: one.numbers), &random)
                } else {
                    if !one.rows.isEmpty { committed.append((end, one.rows.map(\.value))) }
                    write(.commit(transaction: one.transaction), &random)
                }
            default:
                for depth in open[index].savepoints.indices where open[index].savepoints[depth].number == nil
                {
                    let number = number()
                    open[index].savepoints[depth].number = number
                    open[index].numbers.append(number)
                }
                let transaction = open[index].transaction
                let number = open[index].savepoints.last?.number ?? transaction
                let value = "\(transaction).\(wal.count)"
                open[index].rows.append((number, value))
                write(.row(transaction: transaction, number: number, value: value), &random)
            }
        }

        mutating func commitAll(_ random: inout Randomness) {
            for one in open {
                if !one.rows.isEmpty { committed.append((end, one.rows.map(\.value))) }
                write(.commit(transaction: one.transaction), &random)
            }
            open = []
        }
    }

    /// A walsender that sends the WAL from its beginning, in random pieces.
    struct Sender {
        private let skipped: Set<UInt32>
        private var waiting: [UInt32: [(number: UInt32, value: String)]] = [:]
        /// The subtransactions with streamed changes, by transaction.
        private var streamed: [UInt32: Set<UInt32>] = [:]
        private var described: Set<UInt32> = []
        private var isDescribed = false

        /// Skips transactions that were committed before the confirmed position.
        init(_ server: Server) {
            skipped = Set(
                server.wal.compactMap { lsn, record in
                    if case .commit(let transaction) = record, lsn < server.confirmed {
                        transaction
                    } else {
                        nil
                    }
                })
        }

        private mutating func block(_ transaction: UInt32) -> [[UInt8]] {
            guard let rows = waiting.removeValue(forKey: transaction), !rows.isEmpty else { return [] }
            let isFirst = streamed[transaction] == nil
            var messages = [StreamMessage.streamStart(transaction, isFirst: isFirst)]
            if described.insert(transaction).inserted {
                messages.append(StreamMessage.inBlock(CaptureLogTests.table, of: rows[0].number))
            }
            for row in rows {
                messages.append(
                    StreamMessage.inBlock(StreamMessage.insert(7, [.text(row.value)]), of: row.number))
                streamed[transaction, default: []].insert(row.number)
            }
            return messages + [StreamMessage.streamStop]
        }

        mutating func messages(_ lsn: UInt64, _ record: Record, _ random: inout Randomness) -> [[UInt8]] {
            let transaction = record.transaction
            guard !skipped.contains(transaction) else { return [] }
            switch record {
            case .row(_, let number, let value):
                waiting[transaction, default: []].append((number, value))
                return random.below(6) == 0 ? block(transaction) : []
            case .rollBack(_, let numbers):
                waiting[transaction]?.removeAll { numbers.contains($0.number) }
                return aborts(transaction, numbers)
            case .abort(_, let numbers):
                waiting[transaction] = nil
                guard streamed[transaction] != nil else { return [] }
                let messages = aborts(transaction, numbers)
                described.remove(transaction)
                return messages + [StreamMessage.streamAbort(transaction, transaction)]
            case .commit:
                if streamed[transaction] != nil {
                    let messages = block(transaction) + [StreamMessage.streamCommit(transaction, lsn)]
                    if described.remove(transaction) != nil { isDescribed = true }
                    return messages
                }
                guard let rows = waiting.removeValue(forKey: transaction), !rows.isEmpty else { return [] }
                defer { isDescribed = true }
                return [StreamMessage.begin(lsn, transaction: transaction)]
                    + (isDescribed ? [] : [CaptureLogTests.table])
                    + rows.map { StreamMessage.insert(7, [.text($0.value)]) } + [StreamMessage.commit(lsn)]
            }
        }

        private mutating func aborts(_ transaction: UInt32, _ numbers: [UInt32]) -> [[UInt8]] {
            let named = numbers.filter { streamed[transaction]?.contains($0) ?? false }
            if !named.isEmpty { described.remove(transaction) }
            return named.map { StreamMessage.streamAbort(transaction, $0) }
        }
    }

    @Test
    func
        `wherever a connection or process ends, every transaction is in the log once, without what was rolled back`()
        throws
    {
        var random = Randomness("streamed positions")
        for round in 0..<25 {
            var server = Server(firstNumber: round % 2 == 0 ? 700 : .max - 30)
            let bench = try CaptureLogTests.Bench()
            bench.segmentBytes = 400 + random.below(3000)
            let machine = try StreamedTransactionsTests.Machine(bench)
            machine.pieceBytes = 20 + random.below(400)
            for run in 0..<14 {
                let last = run == 13
                for _ in 0..<(20 + random.below(60)) { server.step(&random) }
                if last { server.commitAll(&random) }
                var sender = Sender(server)
                let cut = last ? Int.max : random.below(server.wal.count * 2)
                var sent = 0
                connection: for (lsn, record) in server.wal {
                    for message in sender.messages(lsn, record, &random) {
                        if sent == cut { break connection }
                        sent += 1
                        // The connection may end inside a read-back, too.
                        _ = try lend(message) { try machine.streamed.take($0) }
                        while machine.streamed.isReadingBack {
                            if !last, random.below(60) == 0 { break connection }
                            _ = try machine.streamed.readBackPiece(bytesMax: machine.pieceBytes)
                        }
                    }
                    // Everything before the next record was decoded and sent.
                    if random.below(3) == 0 { machine.log.keepalive(logEnd: LogPosition(number: lsn + 8)) }
                    if random.below(10) == 0 {
                        try machine.log.sync()
                        server.confirmed = max(server.confirmed, machine.log.durableThrough.number)
                    }
                }
                switch last ? 0 : random.below(3) {
                case 0: try machine.connectionLost()
                case 1:
                    try machine.log.flush()
                    try machine.restart()
                default: try machine.restart()
                }
                #expect(try machine.spills == [])
                try check(machine, server, "round \(round), run \(run)")
            }
            let found = try machine.bench.transactions()
            #expect(found.map(\.lsn) == server.committed.map(\.lsn), "round \(round)")
            #expect(found.map(\.values) == server.committed.map(\.values), "round \(round)")
        }
    }

    /// Expects every confirmed transaction whole in the log, and none twice or out of order.
    private func check(_ machine: StreamedTransactionsTests.Machine, _ server: Server, _ what: String) throws
    {
        let found = try machine.bench.transactions()
        let positions = found.map(\.lsn)
        #expect(positions == positions.sorted() && Set(positions).count == positions.count, "\(what)")
        let known = Dictionary(found.map { ($0.lsn, $0.values) }) { first, _ in first }
        for one in server.committed where one.lsn < server.confirmed {
            #expect(known[one.lsn] == one.values, "\(what): \(one.lsn), confirmed \(server.confirmed)")
        }
    }
}
