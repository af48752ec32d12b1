import Postgres
import Records
import Support
import Testing

/// The cutovers of a voyage, and its end.
extension VoyageHand {
    /// Cuts over to the target while a session has an open transaction: it is named, and ended by a key.
    func cutOverPastSession() throws {
        let session = try site.connection(.source, as: "nightly-batch")
        try session.execute("begin; insert into account (name) values ('never committed')")
        let process = try session.query("select pg_backend_pid()").scalar ?? ""
        try ask(for: "target")
        try see("In the way: \(process)")
        press("T")
        try see("Sessions that write on the source: 1")
        try console.waitFor(timeout: Self.seconds) { screen in
            screen.contains { $0.contains(process) && $0.contains("nightly-batch") }
        }
        press("T")
        try assent(to: "END session \(process)")
        try see("✓ Nobody writes to a migrated table.")
        press(Key.escape)
        try see("The application is on the target")
        press(Key.enter)
        #expect(throws: PostgresError.self) { try session.execute("commit") }
    }

    func watchChangesComeBack() throws {
        press("1")
        try see("Import to source")
        try console.waitFor(timeout: Self.seconds) { screen in
            screen.contains { line in
                line.contains("public.entry") && line.split(separator: " ").contains { Int($0) ?? 0 > 20 }
            }
        }
    }

    func cutOverToSource() throws {
        try ask(for: "source")
        try see("The application is on the source")
        press(Key.enter)
    }

    /// Opens the cutover's page, and asks for the cutover when no gate refuses it.
    private func ask(for side: String) throws {
        press("5")
        try see("Cutover to \(side)")
        try console.waitFor(timeout: Self.seconds) { screen in
            screen.contains {
                $0.contains("Gates  ") && $0.contains("green") && !$0.contains("refuse")
                    && !$0.contains("0 of 0")
            }
        }
        try typeName(thenPress: "Cut over")
    }

    func end() throws {
        press("4")
        try see("End of the migration")
        press(Key.tab, Key.tab, Key.tab, Key.tab, site.backupDirectory, Key.tab)
        try see("▸ [ End the migration ]")
        try typeName(thenPress: "End it")
        try see("ENDED")
    }
}
