import Console
import Engine
import Support
import Testing

/// The passwords that are typed while a worker starts, or while a check runs.
@Suite struct PasswordTests {
    /// What the console wants done on another thread, done when the test says so.
    private final class LaterWork {
        private var waiting: [@Sendable () -> Void] = []

        func take(_ work: @escaping @Sendable () -> Void) { waiting.append(work) }

        func run() {
            let now = waiting
            waiting = []
            for work in now { work() }
        }
    }

    private func console(_ later: LaterWork) -> (ConsoleSession, FakeMigrationControl) {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        let control = FakeMigrationControl(migration)
        var session = ConsoleSession(
            control: control, options: ConsoleOptions(operatorName: "dba@mig-01 console"),
            clock: { control.state.now }, utcOffset: { 0 }, runOnOtherThread: { later.take($0) })
        _ = session.refresh()
        _ = session.key(.function(5))
        return (session, control)
    }

    @Test func `a password that is typed while the worker starts is with it before the check`() {
        let later = LaterWork()
        var (session, control) = console(later)
        // The button has the focus, and no worker runs: one is started for the check.
        _ = session.key(.enter)
        session.answer("target.password", "typed later")
        for _ in 0..<8 {
            later.run()
            _ = session.refresh()
        }
        #expect(control.state.passwords.target == "typed later")
        #expect(control.state.starts == 2)
        let checks = control.state.records.filter { $0.request == .checkDatabases }
        #expect(checks.count == 1 && checks.first?.state == .done)
    }

    @Test func `a password that is typed while a check runs leads to another check when that has ended`() {
        let later = LaterWork()
        var (session, control) = console(later)
        _ = session.key(.enter)
        later.run()
        _ = session.refresh()
        #expect(control.state.records.count == 1)
        // From the button back to the target's password, and on to the next field.
        for _ in 0..<20 where session.state.form?.focusedField?.id != "target.password" {
            _ = session.key(.backTab)
        }
        for letter in "secret" { _ = session.key(.character(letter)) }
        _ = session.key(.tab)
        for _ in 0..<12 {
            later.run()
            _ = session.refresh()
        }
        #expect(control.state.passwords.target == "secret")
        let checks = control.state.records.filter { $0.request == .checkDatabases }
        #expect(checks.count == 2 && checks.allSatisfy { $0.state == .done })
    }
}
