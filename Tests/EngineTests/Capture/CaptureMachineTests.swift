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

    @Test func `other lasting errors end the capture`() {
        let ofStatement = PostgresError(
            kind: .server, sqlState: "XX000", message: "it failed", doing: "read the slot")
        for error: any Error in [Other(), StopRequested(), ofStatement, streamError("42704")] {
            var machine = machine()
            #expect(word(machine.failed(error, received: received, at: 1)) == "end", "\(error)")
        }
    }
}
