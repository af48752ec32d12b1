import Foundation
import Records
import Testing

@testable import Demo

struct LedgerTests {
    @Test(arguments: [
        LedgerLine.opening(table: "Shipment", rows: 12), .intent(7, kind: "placeOrder"),
        .acknowledged(7, at: .target, Effects("stock.3:-2 rows.order:1")!),
        .acknowledged(8, at: .source, Effects()),
        .failed(9, reason: "25006"), .inDoubt(10), .moved(from: .source, to: .target, seconds: 0.25),
        .fault("at the target: cannot place an order"),
    ]) func `a line of the ledger is read as it was written`(line: LedgerLine) throws {
        #expect(try LedgerLine(Substring(line.description)) == line)
    }

    @Test func `a line that cannot be parsed is an error and not skipped`() {
        #expect(throws: DemoError.ledgerUnreadable(line: "ack 5 nowhere x:1")) {
            try LedgerLine("ack 5 nowhere x:1")
        }
    }

    @Test func `a ledger continues after its highest transaction and ignores a line being written`() throws {
        let path = "/tmp/switchback-ledger-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try LedgerFile(path: path)
        try file.append(.intent(41, kind: "restock"))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("ack 41 sour".utf8))
        try handle.close()
        #expect(try Ledger(path: path).acknowledged.isEmpty)
        #expect(try LedgerFile(path: path).nextID() == 42)
    }

    @Test func `a move has a duration and staying has none`() {
        let clock = MoveClock()
        #expect(clock.acknowledged(at: .source) == nil)
        #expect(clock.acknowledged(at: .source) == nil)
        guard case .moved(.source, .target, let seconds)? = clock.acknowledged(at: .target) else {
            Issue.record("the first answer from the other side is a move")
            return
        }
        #expect(seconds >= 0)
    }

    @Test func `the record distinguishes a good run from one with a problem`() {
        var record = DemoRecord()
        #expect(record.isGood)
        record.problems.append("transaction 5 was acknowledged but is lost")
        #expect(!record.isGood)
        #expect(record.lines.contains("PROBLEM: transaction 5 was acknowledged but is lost"))
    }
}
