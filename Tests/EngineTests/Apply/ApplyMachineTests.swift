import Postgres
import Records
import Testing

@testable import Engine

/// The next action of the apply role for every end of a connection.
@Suite struct ApplyMachineTests {
    private struct Fault: Error {}

    private func lsn(_ bytes: UInt64) -> LogPosition { LogPosition(number: bytes) }

    /// A lost connection, which is retried.
    private let lost = PostgresError(
        kind: .connection, sqlState: "08006", message: "lost", doing: "apply")

    private enum StateName: CaseIterable { case connecting, applying, waiting, ended, failed }

    private func name(_ state: ApplyMachine.State) -> StateName {
        switch state {
        case .connecting: .connecting
        case .applying: .applying
        case .waiting: .waiting
        case .ended: .ended
        case .failed: .failed
        }
    }

    private func machine(in state: StateName) -> ApplyMachine {
        var machine = ApplyMachine(attemptsMax: 3)
        switch state {
        case .connecting: break
        case .applying: _ = machine.next(.connected)
        case .waiting: _ = machine.next(.notConnected(.failed(lost, progress: 0)))
        case .ended:
            _ = machine.next(.connected)
            _ = machine.next(.over(.legEnded, voidLSN: nil))
        case .failed: _ = machine.next(.notConnected(.failed(Fault(), progress: 0)))
        }
        return machine
    }

    private func word(_ action: ApplyMachine.Action) -> String {
        switch action {
        case .connect(nil): "connect"
        case .connect(.split(let table)): "split \(table), connect"
        case .connect(.mismatch(let mismatch)): "check \(mismatch.table), connect"
        case .apply(let isFirst): isFirst ? "apply first" : "apply"
        case .wait: "wait"
        case .end: "end"
        case .fail: "fail"
        }
    }

    private var endings: [(name: String, ending: ApplyMachine.Ending, action: String, state: StateName)] {
        [
            ("the leg ended", .legEnded, "end", .ended),
            ("begin again", .beginAgain, "connect", .connecting),
            ("interrupted", .interrupted(.watermarkMoved), "connect", .connecting),
            ("lost", .failed(lost, progress: 0), "wait", .waiting),
            ("failed", .failed(Fault(), progress: 0), "fail", .failed),
        ]
    }

    @Test func `every state answers every event, and an unexpected one leads to a new connection`() {
        for state in StateName.allCases {
            var events: [(name: String, event: ApplyMachine.Event, action: String, next: StateName)] = []
            // What an event leads to if the state does not expect it.
            let (other, next): (String, StateName) =
                switch state {
                case .connecting, .applying, .waiting: ("connect", .connecting)
                case .ended: ("end", .ended)
                case .failed: ("fail", .failed)
                }
            let isConnecting = state == .connecting
            events.append(
                (
                    "connected", .connected, isConnecting ? "apply first" : other,
                    isConnecting ? .applying : next
                ))
            for (name, ending, action, after) in endings {
                let expectsNotConnected = state == .connecting || state == .waiting
                events.append(
                    (
                        "not connected: \(name)", .notConnected(ending),
                        expectsNotConnected ? action : other, expectsNotConnected ? after : next
                    ))
                let isApplying = state == .applying
                events.append(
                    (
                        "over: \(name)", .over(ending, voidLSN: nil), isApplying ? action : other,
                        isApplying ? after : next
                    ))
            }
            let isWaiting = state == .waiting
            events.append(("waited", .waited(legHasEnded: false), other, next))
            events.append(
                (
                    "waited until the leg ended", .waited(legHasEnded: true), isWaiting ? "end" : other,
                    isWaiting ? .ended : next
                ))
            for (eventName, event, action, after) in events {
                var machine = machine(in: state)
                #expect(name(machine.state) == state)
                #expect(word(machine.next(event)) == action, "\(state), \(eventName)")
                #expect(name(machine.state) == after, "\(state), \(eventName)")
            }
        }
    }

    @Test func `only the first connection that applies is announced`() {
        var machine = machine(in: .applying)
        _ = machine.next(.over(.beginAgain, voidLSN: nil))
        #expect(word(machine.next(.connected)) == "apply")
    }

    @Test func `a passing error is given up after several attempts without progress`() {
        let refused = PostgresError(
            kind: .server, sqlState: "57014", message: "cancelled", doing: "apply")
        var machine = ApplyMachine(attemptsMax: 3)
        func attempt(_ progress: UInt64) -> String {
            let action = word(machine.next(.notConnected(.failed(refused, progress: progress))))
            if action == "wait" { _ = machine.next(.waited(legHasEnded: false)) }
            return action
        }
        let attempts = [attempt(1), attempt(1), attempt(2), attempt(2), attempt(2)]
        #expect(attempts == ["wait", "wait", "wait", "wait", "fail"])
    }

    @Test func `a loss after the destination was reached is retried after the shortest wait`() {
        var machine = ApplyMachine(attemptsMax: 3)
        func wait() -> Int {
            defer { _ = machine.next(.waited(legHasEnded: false)) }
            guard
                case .wait(_, let milliseconds, _) = machine.next(
                    .notConnected(.failed(lost, progress: 0)))
            else { return -1 }
            return milliseconds
        }
        let growing = [wait(), wait(), wait()]
        machine.reached()
        let afterwards = wait()
        #expect(growing == [100, 200, 400] && afterwards == 100)
    }

    // MARK: What one connection shows for the next

    private func after(_ interruptions: ApplyInterruption...) -> (ApplyMachine, [String]) {
        var machine = ApplyMachine(attemptsMax: 3)
        var actions: [String] = []
        for interruption in interruptions {
            _ = machine.next(.connected)
            actions.append(word(machine.next(.over(.interrupted(interruption), voidLSN: nil))))
        }
        return (machine, actions)
    }

    @Test
    func `a change that does not fold goes row by row, and rows stay; a refused window does not keep them`() {
        let (unfoldable, _) = after(.unfoldable(through: lsn(20)))
        #expect(unfoldable.rowsThrough == lsn(20) && unfoldable.keepsRows)
        let (refused, _) = after(.unfoldable(through: lsn(20)), .windowRefused(through: lsn(30), table: nil))
        #expect(refused.rowsThrough == lsn(30) && !refused.keepsRows)
        let (earlier, _) = after(.unfoldable(through: lsn(20)), .unfoldable(through: lsn(10)))
        #expect(earlier.rowsThrough == lsn(20))
    }

    @Test func `a table whose unique values move is split once, and goes row by row after that`() {
        let refused = ApplyInterruption.windowRefused(through: lsn(20), table: "public.t")
        let (once, first) = after(refused)
        #expect(once.splitTables == ["public.t"] && once.rowsThrough == .zero)
        let (twice, both) = after(refused, refused)
        #expect(first == ["split public.t, connect"] && both == first + ["connect"])
        #expect(twice.rowsThrough == lsn(20))
    }

    @Test func `a refused change is found change by change, and rows go at least as far`() {
        let (change, _) = after(.unfoldable(through: lsn(100)), .changeRefused(through: lsn(30)))
        #expect(change.changeStretch.through == lsn(30) && change.changeStretch.checkedAtOnce == nil)
        #expect(change.rowsThrough == lsn(100))
        let (commit, _) = after(.changeRefused(through: lsn(30)), .commitRefused(at: lsn(30)))
        #expect(commit.changeStretch.checkedAtOnce == lsn(30) && commit.rowsThrough == lsn(30))
    }

    @Test func `changes before a table that does not fit are committed before the table is checked`() {
        let met = TableDoesNotFit(table: "public.t", lsn: lsn(40))
        let (once, first) = after(.tableDoesNotFit(met))
        #expect(first == ["connect"] && once.voidLSN == lsn(40))
        let (_, both) = after(.tableDoesNotFit(met), .tableDoesNotFit(met))
        #expect(both == ["connect", "check public.t, connect"])
        // The server has noticed it: nothing of the transaction was applied.
        let (_, server) = after(.tableDoesNotFit(TableDoesNotFit(table: "public.t")))
        #expect(server == ["check public.t, connect"])
    }

    @Test func `a void transaction is remembered until it is committed`() {
        var machine = machine(in: .applying)
        _ = machine.next(.over(.beginAgain, voidLSN: lsn(50)))
        #expect(machine.voidLSN == lsn(50))
        _ = machine.next(.notConnected(.failed(lost, progress: 0)))
        #expect(machine.voidLSN == lsn(50))
        _ = machine.next(.waited(legHasEnded: false))
        _ = machine.next(.connected)
        _ = machine.next(.over(.beginAgain, voidLSN: nil))
        #expect(machine.voidLSN == nil)
    }
}
