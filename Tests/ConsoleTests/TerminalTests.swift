import Foundation
import Support
import Testing

/// The console on a pseudo-terminal, whose output libvterm interprets.
@Suite struct TerminalTests {
    /// Starts the probe, which is built beside the tests.
    private func console(
        _ arguments: String..., environment: [String: String] = [:], rows: Int = 24, columns: Int = 80
    ) throws -> PseudoTerminal {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let probe = URL(filePath: own).deletingLastPathComponent().appending(path: "consoleprobe").path()
        return try PseudoTerminal(
            executable: probe, arguments: arguments, environment: environment, rows: rows, columns: columns)
    }

    @Test func `digits open the tabs, and q leaves and prints how to come back`() throws {
        let console = try console("streaming")
        try console.waitFor("Export Rate(Last 10 min)")
        console.send("2")
        try console.waitFor("sort: TABLE")
        console.send("3")
        try console.waitFor("FOLLOW on")
        console.send("?")
        try console.waitFor("Keys: Log")
        console.send(Key.escape)
        try console.waitFor("FOLLOW on")
        console.send("q")
        #expect(try console.waitForEnd() == 0)
        let screen = console.screen()
        #expect(screen.contains { $0.hasPrefix("The migration continues. Come back with: switchback") })
        #expect(!screen.contains { $0.contains("FOLLOW") })
    }

    @Test func `a cutover needs only the keyboard, and the typed name`() throws {
        let console = try console("streaming")
        try console.waitFor("STREAMING")
        console.send("5")
        try console.waitFor("green")
        console.send(Key.enter)
        try console.waitFor("Type orders to continue")
        console.send(Key.paste("orders"))
        try console.waitFor("Pasted text does not count")
        console.send("orders")
        try console.waitFor("Tab, then Enter confirms")
        console.send(Key.tab)
        try console.waitFor("▸ [ Cut over ]")
        console.send(Key.enter)
        try console.waitFor("The application is on the target")
        console.send("1")
        try console.waitFor("Import to source")
        let title = try #require(console.screen().first { $0.contains("Import to source") })
        #expect(title.contains("Export from target"))
        #expect(
            try #require(title.range(of: "Import to source")).lowerBound
                < title.range(of: "Export from target")!.lowerBound)
    }

    @Test func `the whole migration needs only the keyboard, from the forms to the end`() throws {
        let console = try console("fresh")
        try console.waitFor("Prepare: both databases")
        // Host, port, database, user, password and TLS mode, first of the source, then of the target.
        console.send(Key.tab + Key.tab + "orders" + Key.tab + "app" + Key.tab + "secret")
        for _ in 0..<4 { console.send(Key.tab) }
        console.send("orders" + Key.tab + "app" + Key.tab)
        try console.waitFor("max_slot_wal_keep_size")
        console.send("\u{0E}")
        for (step, words) in [
            ("export the source's", "export schema"), ("analyze the files", "analyze schema"),
            ("import tables, keys", "import schema"),
        ] {
            if step.hasPrefix("import") { console.send(Key.down) }
            try console.waitFor("(•) \(step)")
            console.send(Key.enter)
            if !words.hasPrefix("export") { try console.waitFor("✓ \(words): done") }
        }
        console.send("\u{0E}")
        try console.waitFor("(•) copy all rows")
        console.send(Key.enter + Key.enter)
        try console.waitFor("STREAMING")
        console.send("4")
        try console.waitFor("(•) import indexes")
        console.send(Key.enter + Key.enter)
        try console.waitFor("IMPORT INDEXES AND TRIGGERS")
        console.send(Key.tab + Key.enter)
        try console.waitFor("✓ import indexes and triggers: done")
        for side in ["target", "source"] {
            console.send("5")
            try console.waitFor("green")
            console.send(Key.enter)
            try console.waitFor("Type orders to continue")
            console.send("orders" + Key.tab + Key.enter)
            try console.waitFor("The application is on the \(side)")
            console.send(Key.enter)
        }
        console.send("4")
        try console.waitFor("End of the migration")
        console.send(Key.tab + Key.tab + Key.tab + Key.tab + "/backup" + Key.tab)
        try console.waitFor("▸ [ End the migration ]")
        console.send(Key.enter)
        try console.waitFor("Type orders to continue")
        console.send("orders" + Key.tab + Key.enter)
        try console.waitFor("✓ end migration: done")
        console.send("\u{11}")
        #expect(try console.waitForEnd() == 0)
    }

    @Test func `keys typed ahead do not answer a dialog`() throws {
        let console = try console("streaming")
        try console.waitFor("STREAMING")
        console.send("5")
        try console.waitFor("green")
        console.send(Key.enter + "orders" + Key.tab + Key.enter)
        try console.waitFor("Type orders to continue")
        #expect(console.screen().contains { $0.contains("locked until the name matches") })
    }

    @Test func `it follows the terminal's size, and says if that is too small`() throws {
        let console = try console("streaming")
        try console.waitFor("Export from source")
        console.resize(rows: 36, columns: 120)
        try console.waitFor("5 Cutover  ")
        console.resize(rows: 20, columns: 70)
        try console.waitFor("Switchback needs 80x24, this is 70x20.")
        console.resize(rows: 24, columns: 80)
        try console.waitFor("Export from source")
        console.send("q")
        #expect(try console.waitForEnd() == 0)
    }

    @Test func `a worker that is gone is restarted`() throws {
        let console = try console("gone")
        try console.waitFor("STREAMING")
        try console.waitFor("No worker was running; process 4001 was started.")
    }

    @Test func `a worker that dies while a console is open is named and restarted`() throws {
        let console = try console("dying")
        try console.waitFor("The worker was gone (was process 4001); it runs again as process 4002.")
    }

    @Test func `a worker that cannot be started is reported with the reason`() throws {
        let console = try console("hopeless")
        try console.waitFor("The worker could not be started: the disk is full. Attempt 1 of 5.")
    }

    @Test func `wide names keep the columns in line`() throws {
        let console = try console("streaming")
        try console.waitFor("public.订单")
        let rows = console.screen().filter { $0.hasSuffix("│") && $0.contains("public.") }
        #expect(rows.count == 3)
        #expect(
            rows.allSatisfy {
                $0.unicodeScalars.reduce(0) { $0 + ($1.value > 0x4E00 && $1.value < 0xA000 ? 2 : 1) } == 80
            })
    }

    @Test func `only the clock is written while nothing changes`() throws {
        let console = try console("gone", "--read-only", "--still")
        try console.waitFor("READ-ONLY")
        _ = console.bytesWritten(withinMilliseconds: 200)
        // The digits of two seconds with cursor movements; a repaint is more than a thousand bytes.
        #expect(console.bytesWritten(withinMilliseconds: 1500) < 200)
    }

    @Test func `without UTF-8 it draws with ASCII`() throws {
        let console = try console("streaming", environment: ["LC_ALL": "C"])
        try console.waitFor("+ Prepare + Schema > LIVE MIGRATION")
        #expect(console.screen().allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
    }

    @Test func `NO_COLOR leaves the attributes only, a theme sets its colours`() throws {
        let plain = try console("streaming", environment: ["NO_COLOR": "1"])
        try plain.waitFor("✓ Prepare")
        #expect(plain.colour(row: 1, column: 1) == nil)
        let dark = try console(
            "streaming", environment: ["PROBE_THEME": "dark", "PROBE_THEMES": themesDirectory])
        try dark.waitFor("✓ Prepare")
        #expect(dark.colour(row: 1, column: 1) == 36)
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func `a signal to leave restores the terminal`(signal: Int32) throws {
        let console = try console("streaming")
        try console.waitFor("Export from source")
        kill(console.processID, signal)
        #expect(try console.waitForEnd() == 0)
        #expect(console.screen().contains { $0.hasPrefix("The migration continues.") })
    }

    @Test func `a crash leaves the alternate screen before the program dies`() throws {
        let console = try console("streaming", environment: ["SWIFT_BACKTRACE": "enable=no"])
        try console.waitFor("Export from source")
        kill(console.processID, SIGSEGV)
        #expect(try console.waitForEnd() == 128 + SIGSEGV)
        #expect(!console.screen().contains { $0.contains("Export from source") })
    }

    @Test func `a terminal that cannot address its screen is refused with a message`() throws {
        let console = try console("streaming", environment: ["TERM": "dumb"])
        #expect(try console.waitForEnd() == 1)
        #expect(console.screen().contains { $0.contains("A terminal of type dumb cannot show the console.") })
    }
}
