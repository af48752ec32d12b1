import Postgres
import Records
import Testing

@testable import Engine

/// The decisions after a failure: what is tried again, and what a role shows that ends.
@Suite struct PatienceTests {
    private func error(_ sqlState: String) -> PostgresError {
        PostgresError(
            kind: .server, sqlState: sqlState, message: "canceling statement due to user request",
            doing: "apply inserts to public.t")
    }

    private func isOver(_ verdict: Patience.Verdict) -> Bool {
        if case .over = verdict { true } else { false }
    }

    @Test func `a lost connection and a conflict are retried without limit, with longer waits`() {
        for state in ["57P01", "40P01"] {
            var patience = Patience(attemptsMax: 3)
            var waits: [Int] = []
            for _ in 0..<40 {
                guard case .again(let milliseconds, _) = patience.judge(error(state), progress: 1) else {
                    Issue.record("\(state) was given up")
                    return
                }
                waits.append(milliseconds)
            }
            #expect(waits[0] == 100 && waits[39] == 5000)
        }
    }

    @Test
    func `a cancelled statement is given up after attempts without progress, with the cause and a remedy`() {
        var patience = Patience(attemptsMax: 3)
        #expect(!isOver(patience.judge(error("57014"), progress: 7)))
        patience.connected()
        #expect(!isOver(patience.judge(error("57014"), progress: 7)))
        guard case .over(let end) = patience.judge(error("57014"), progress: 7) else {
            Issue.record("it is tried for ever")
            return
        }
        let words = "\(end)"
        for part in ["apply inserts to public.t", "57014", "3 attempts without progress", "what cancels"] {
            #expect(words.contains(part), "\(words)")
        }
    }

    @Test func `progress between two cancelled statements resets the count of attempts`() {
        var patience = Patience(attemptsMax: 3)
        for progress in 1...50 {
            guard case .again(let wait, _) = patience.judge(error("57014"), progress: UInt64(progress)) else {
                Issue.record("given up at \(progress)")
                return
            }
            #expect(wait == 100)
        }
    }

    @Test func `an error that does not pass ends the work at once, as it is`() {
        var patience = Patience()
        guard case .over(let end) = patience.judge(error("23505"), progress: 0) else {
            Issue.record("it is tried again")
            return
        }
        #expect(end as? PostgresError == error("23505"))
        #expect(isOver(patience.judge(StopRequested(), progress: 0)))
    }

    @Test func `the role that failed shows the cause, the other one waits for it, and a stop is no failure`()
    {
        let failures = FirstFailure()
        #expect(failures.state(of: .apply, after: StopRequested(), at: 1).word == .ended)
        #expect(failures.state(of: .apply, after: CancellationError(), at: 1).word == .ended)
        failures.note(.init(role: .capture, work: "export data from source", reason: "the slot is gone"))
        failures.note(.init(role: .apply, work: "import data to target", reason: "later"))
        let waiting = failures.state(of: .apply, after: StopRequested(), at: 1)
        #expect(waiting.word == .waiting)
        #expect(waiting.reason == "for export data from source, which has stopped: the slot is gone")
        // For example, its cutover steps failed.
        #expect(failures.state(of: .capture, after: StopRequested(), at: 1).reason == "the slot is gone")
        let own = failures.state(of: .apply, after: error("23505"), at: 1)
        #expect(own.word == .stopped && own.reason.contains("23505"))
    }

    @Test func `a server that cannot decode its log is asked for whole transactions, and is given up then`() {
        let fault = StreamFault.undecodable(table: nil)
        let at = LogPosition(number: 0x10)
        var faults = DecodingFaults()
        #expect(faults.judge(fault, streamsOpenTransactions: true, received: at) == .takeWhole)
        for _ in 1..<DecodingFaults.attemptsMax {
            #expect(
                faults.judge(fault, streamsOpenTransactions: false, received: at)
                    == .again(milliseconds: 1000))
        }
        #expect(faults.judge(fault, streamsOpenTransactions: false, received: at) == .undecodable)
        // It got on.
        #expect(
            faults.judge(fault, streamsOpenTransactions: false, received: LogPosition(number: 0x20))
                == .again(milliseconds: 1000))
        #expect(faults.judge(.other, streamsOpenTransactions: false, received: at) == .other)
    }

    @Test func `a script learns whether a migration runs, was stopped or is in no process`() {
        func word(
            _ phase: Phase, _ capture: RoleState.Word?, _ processes: [Role: Int32]
        ) -> MigrationHealth.Word {
            var status = MigrationStatus(
                name: "m", migrationUUID: "u", exportDirectory: "/e", phase: phase,
                processIDs: processes, readAt: 1)
            if let capture {
                var published = CaptureStatus(direction: .forward, slotName: "s", now: 1)
                published.state = RoleState(word: capture, since: 1)
                status.capture = published
            }
            return MigrationHealth(status).word
        }
        #expect(word(.streaming, .streaming, [.capture: 1, .apply: 2]) == .running)
        #expect(word(.streaming, .retrying, [.capture: 1, .apply: 2]) == .running)
        #expect(word(.streaming, .stopped, [.capture: 1, .apply: 1]) == .stopped)
        #expect(word(.streaming, .stopped, [:]) == .stopped)
        #expect(word(.streaming, .ended, [.apply: 2]) == .notRunning)
        #expect(word(.prepare, nil, [:]) == .notRunning)
        #expect(word(.complete, .done, [:]) == .running)
        #expect(word(.ended, nil, [:]) == .running)
    }
}
