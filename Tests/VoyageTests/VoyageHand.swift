import Foundation
import Records
import Support
import Testing

/// The operator of a voyage on a terminal: each step is keys, and ends with what the screen shows.
struct VoyageHand {
    let console: PseudoTerminal
    let site: VoyageSite

    init(_ console: PseudoTerminal, _ site: VoyageSite) {
        self.console = console
        self.site = site
    }

    /// A bound for what servers and the engine do.
    static let seconds = 60.0
    static let nextPage = Key.control("n")

    /// Waits until a row has the text.
    func see(_ text: String) throws { try console.waitFor(text, timeout: Self.seconds) }

    func press(_ keys: String...) { for key in keys { console.send(key) } }

    /// Presses Down until the chosen line has the text.
    func choose(_ text: String) throws {
        try see(text)
        for _ in 0..<20 {
            // The mark moves with the next frame, so the key is sent once for each place of it.
            let before = marked(console.screen())
            if before?.contains(text) == true { return }
            press(Key.down)
            try console.waitFor(timeout: 10) { marked($0) != before }
        }
        throw PseudoTerminalError("no line with \(text) can be chosen")
    }

    private func marked(_ screen: [String]) -> String? {
        screen.first { $0.hasPrefix("│>") || $0.hasPrefix("|>") }
    }

    /// Assents to a question whose title has the text.
    func assent(to title: String) throws {
        try see(title)
        press(Key.tab)
        try console.waitFor(timeout: 10) { screen in
            screen.contains { $0.contains("▸ [ ") && !$0.contains("▸ [ Cancel ]") }
        }
        press(Key.enter)
        try console.waitFor(timeout: 10) { screen in !screen.contains { $0.contains(title) } }
    }

    /// Types the migration's name into the dialog that asks for it.
    func typeName(thenPress button: String) throws {
        try console.confirm(by: site.name, thenPress: button)
    }

    // MARK: Prepare and schema

    func beginHere() throws {
        try see("+ begin here")
        press(Key.enter)
        try assent(to: "BEGIN A MIGRATION")
        try see("Prepare: both databases")
    }

    /// Types both connections. The target's database is wrong at first: a failed check holds the guide.
    func connect() throws {
        type(site.servers.source.address, site.servers.source.port, site.database, .source)
        type(site.servers.target.address, site.servers.target.port, "nosuch", .target)
        press("public", Key.tab, Key.tab)
        try see("▸ [ Check both databases ]")
        press(Key.enter)
        try checksAre { $0.contains(" failed") }
        press(Self.nextPage)
        try see("checks failed. Mend")
        for _ in 0..<6 { press(Key.backTab) }
        press(Key.control("u"), site.database, Key.tab)
        try checksAre { !$0.contains(" failed") }
        press(Self.nextPage)
    }

    private func type(_ host: String, _ port: Int, _ database: String, _ side: Side) {
        let password = site.server(side).password
        for answer in [host, String(port), database, "postgres", password, ""] { press(answer, Key.tab) }
    }

    /// Waits until checks are done and their heading is as wanted.
    private func checksAre(_ wanted: (String) -> Bool) throws {
        try console.waitFor(timeout: Self.seconds) { screen in
            screen.contains {
                $0.contains("Checks  ") && $0.contains(" ok") && !$0.contains("again") && wanted($0)
            }
        }
    }

    func moveSchema() throws {
        try see("(•) export the source's schema")
        press(Key.enter)
        try see("(•) analyze the files")
        press(Key.enter)
        try see("(•) import tables, keys")
        press(Key.enter)
        try see("✓ import schema: done")
        press(Self.nextPage)
    }

    // MARK: Live

    func goLive(without table: String) throws {
        press("8")
        try see("Space marks a table")
        press(Key.tab, Key.tab, table, Key.tab)
        try see("▸ [ Keep this choice ]")
        press(Key.enter)
        try see("(•) copy all rows")
        press(Key.enter, Key.enter)
        try see("STREAMING")
        try see("(•) import indexes and triggers")
        press(Key.enter, Key.enter)
        try see("IMPORT INDEXES AND TRIGGERS")
        press(Key.tab, Key.enter)
        try see("✓ import indexes and triggers: done")
        press("1")
        try see("Export from source")
        try console.waitFor(timeout: Self.seconds) { number(after: "Total Imported events", $0) ?? 0 > 20 }
    }

    /// Ends the source's server: the console says so first, and no number looks fresh. Then it comes back.
    func seeDeadSource() throws {
        try site.servers.source.stop(.immediate)
        try console.waitFor(timeout: Self.seconds) { screen in
            screen[0].contains("✗ SOURCE AWAY") && screen[2].contains("✗ SOURCE DOES NOT ANSWER")
        }
        let screen = console.screen()
        let isStale = ["Total Exported Events ", "Export Rate(Last 3 min)", "WAL retained"].allSatisfy {
            label in
            let line = screen.first { $0.contains(label) } ?? ""
            let cell = line.split(separator: "│").first.map(String.init) ?? ""
            return cell.contains(" ?") || cell.contains("--")
        }
        #expect(isStale, "\(screen.joined(separator: "\n"))")
        #expect(screen[0].contains("unread "), "\(screen[0])")
        #expect(screen.contains { $0.contains("public.entry") && $0.contains("? unread") }, "\(screen)")
        #expect(screen[21].contains("does not answer"), "\(screen[21])")
        let before = number(after: "Total Exported Events", screen) ?? 0
        try site.servers.source.start()
        try console.waitFor(timeout: Self.seconds) { screen in
            screen[0].contains("▶ STREAMING") && !screen[2].contains("✗")
                && number(after: "Total Exported Events", screen) ?? 0 > before + 20
        }
    }

    /// Makes a change that cannot be applied, reads about it, mends its row, and has the import retried.
    func mendIncident() throws {
        try site.makeIncident()
        try see("cannot be applied")
        press("!")
        try choose("show the change")
        press(Key.enter)
        try see("id=\(VoyageSite.quietAccount)")
        try see("the row it changes is not there")
        try site.mendIncident()
        press("!")
        try choose("retry the import")
        press(Key.enter)
        try console.waitFor(timeout: Self.seconds) { screen in
            screen.contains { $0.contains("Needs you") }
                && !screen.contains { $0.contains("cannot be applied") }
        }
    }

    /// Returns the number after a label, in whichever column it is.
    private func number(after label: String, _ screen: [String]) -> Int? {
        for line in screen {
            guard let range = line.range(of: label) else { continue }
            let rest = line[range.upperBound...].prefix { $0 != "│" }
            if let number = rest.split(separator: " ").compactMap({ Int($0) }).first { return number }
        }
        return nil
    }
}

extension PseudoTerminal {
    /// Presses the button of a page that asks for a name, and types it. If the plan changes behind the
    /// question, it is looked at again, as an operator does: the engine may still be at work.
    func confirm(by name: String, thenPress button: String) throws {
        for _ in 0..<5 {
            send(Key.enter)
            try waitFor("Type \(name) to continue", timeout: VoyageHand.seconds)
            send(name)
            var hasChanged = false
            try waitFor(timeout: VoyageHand.seconds) { screen in
                hasChanged = screen.contains { $0.contains("the plan has changed") }
                return hasChanged || !screen.contains { $0.contains("locked until") }
            }
            if !hasChanged {
                send(Key.tab)
                try waitFor(timeout: VoyageHand.seconds) { screen in
                    hasChanged = screen.contains { $0.contains("the plan has changed") }
                    return hasChanged || screen.contains { $0.contains("▸ [ \(button) ]") }
                }
            }
            if !hasChanged {
                send(Key.enter)
                // The dialog closes, and the refusal is in the same frame.
                try waitFor(timeout: VoyageHand.seconds) { screen in
                    hasChanged = screen.contains { $0.contains("look at it again") }
                    return !screen.contains { $0.contains("Type \(name) to continue") }
                }
                if !hasChanged { return }
            }
            if screen().contains(where: { $0.contains("Type \(name) to continue") }) { send(Key.escape) }
            try waitFor(timeout: VoyageHand.seconds) { screen in
                !screen.contains { $0.contains("Type \(name) to continue") }
            }
        }
        throw PseudoTerminalError("the plan never settled:\n" + screen().joined(separator: "\n"))
    }
}
