import Postgres
import Records
import Testing

@testable import Engine

@Suite struct CaptureMachineTests {
    private struct Other: Error {}

    private let lost = PostgresError(kind: .connection, message: "connection reset", doing: "stream")
    private let received = LogPosition(number: 0x10)

    private func streamError(_ sqlState: String) -> PostgresError {
        PostgresError(kind: .server, sqlState: sqlState, message: "it failed", doing: "stream")
    }

    private func word(_ action: CaptureMachine.Action) -> String {
        switch action {
        case .retry(_, _, let isFirst): isFirst ? "first retry" : "retry"
        case .retryDecoding: "retry of the decoding"
        case .requestWholeTransactions: "whole transactions"
        case .endUndecodable: "undecodable"
        case .endUnstreamable(_, let fault): "\(fault)"
        case .endUnconvertible: "unconvertible"
        case .end: "end"
        }
    }

    private func machine(streamsOpen: Bool = false) -> CaptureMachine {
        var machine = CaptureMachine(attemptsMax: 3)
        machine.connected(streamsOpenTransactions: streamsOpen)
        return machine
    }

    @Test func `a lost connection is retried, and counts as lost since its first error`() {
        var machine = CaptureMachine(attemptsMax: 3)
        #expect(machine.connection == .none)
        machine.connected(streamsOpenTransactions: true)
        #expect(machine.connection == .streaming)
        #expect(word(machine.failed(lost, received: received, at: 100)) == "first retry")
        #expect(word(machine.failed(lost, received: received, at: 105)) == "retry")
        #expect(machine.connection == .lost(since: 100))
        machine.connected(streamsOpenTransactions: true)
        #expect(machine.connection == .streaming && machine.requestsOpenTransactions)
        #expect(word(machine.failed(lost, received: received, at: 200)) == "first retry")
        #expect(machine.connection == .lost(since: 200))
    }

    @Test func `after an error of an open transaction only whole ones are requested`() {
        for state in ["XX000", "58P01", "22021", "42704"] {
            var machine = machine(streamsOpen: true)
            #expect(
                word(machine.failed(streamError(state), received: received, at: 1)) == "whole transactions")
            #expect(!machine.requestsOpenTransactions)
        }
    }

    @Test func `a server that cannot decode whole transactions ends the capture after several attempts`() {
        var machine = machine()
        for _ in 1..<DecodingFaults.attemptsMax {
            #expect(
                word(machine.failed(streamError("XX000"), received: received, at: 1))
                    == "retry of the decoding")
            machine.connected(streamsOpenTransactions: false)
        }
        #expect(word(machine.failed(streamError("XX000"), received: received, at: 1)) == "undecodable")
    }

    @Test func `a text that the server cannot convert ends the capture with an error of its own`() {
        for state in ["22021", "22P05"] {
            var machine = machine()
            #expect(word(machine.failed(streamError(state), received: received, at: 1)) == "unconvertible")
        }
    }

    private func yugabyte(_ message: String) -> PostgresError {
        PostgresError(kind: .server, sqlState: "XX000", message: message, doing: "stream")
    }

    @Test func `a tablet split is tried again, and given up only after attempts without progress`() {
        var machine = machine()
        let split = yugabyte("Could not find the two split children for tablet: d990")
        for number in 1...6 {
            let received = LogPosition(number: UInt64(number))
            #expect(word(machine.failed(split, received: received, at: 1)).hasSuffix("retry"))
            machine.connected(streamsOpenTransactions: false)
        }
        let at = LogPosition(number: 6)
        #expect(word(machine.failed(split, received: at, at: 1)) == "retry")
        guard case .end(let error as GivenUp) = machine.failed(split, received: at, at: 1) else {
            Issue.record("it is not given up")
            return
        }
        #expect(error.description.contains("split") && error.description.contains("nothing is lost"))
    }

    @Test(arguments: [
        ("Schema packing not found: 1, available_versions: [2]", "schemaPackingGone"),
        ("Stream ID a is expired for Tablet ID b", "expired"),
    ])
    func `a fault that an old cache may explain is tried a few times, and then ends the capture`(
        message: String, fault: String
    ) {
        // Whole transactions are not asked for: that would not help.
        var machine = machine(streamsOpen: true)
        for _ in 1..<DecodingFaults.attemptsMax {
            #expect(
                word(machine.failed(yugabyte(message), received: received, at: 1)) == "retry of the decoding")
            machine.connected(streamsOpenTransactions: true)
        }
        #expect(word(machine.failed(yugabyte(message), received: received, at: 1)) == fault)
        #expect(machine.requestsOpenTransactions)
    }

    @Test(arguments: [
        ("it has been unqualified for stream: b", "tableUnqualified"),
        ("already GCed intents for transaction 1", "changesRemoved"),
        ("catalog version for database 1 was not found", "catalogGone"),
    ])
    func `a fault that no attempt can mend ends the capture at once`(message: String, fault: String) {
        var machine = machine()
        #expect(word(machine.failed(yugabyte(message), received: received, at: 1)) == fault)
    }

    @Test func `the refusal of a slot that cannot be read further says what, where, and what to do`() {
        let leg = Leg(number: 2, direction: .reverse, start: .position, uuid: "u")
        for fault in YugabyteFault.allCases {
            let text = fault.words(yugabyte("m"), leg: leg, lastCommit: received)
            for part in [
                "the target cannot stream its changes after 0/10", leg.slotName, "do not reach the source",
                "switchback end migration",
            ] { #expect(text.contains(part), "\(text)") }
            #expect(text.contains("times in a row") == (fault.hope == .slight))
        }
    }

    @Test func `other lasting errors end the capture`() {
        let ofStatement = PostgresError(
            kind: .server, sqlState: "XX000", message: "it failed", doing: "read the slot")
        for error: any Error in [Other(), StopRequested(), ofStatement, streamError("42704")] {
            var machine = machine()
            #expect(word(machine.failed(error, received: received, at: 1)) == "end", "\(error)")
        }
    }
}
