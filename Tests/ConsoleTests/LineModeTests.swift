import Console
import Engine
import Support
import Testing

/// The line mode: lines in, lines out, on a simulated migration.
@Suite struct LineModeTests {
    private func conversation(_ migration: FakeMigration) -> (LineConversation, FakeMigrationControl) {
        let control = FakeMigrationControl(migration)
        let session = ConsoleSession(
            control: control, options: ConsoleOptions(operatorName: "dba@mig-01 console"),
            clock: { control.state.now }, utcOffset: { 0 }, runOnOtherThread: { $0() })
        return (LineConversation(session), control)
    }

    @Test func `a cutover goes from its questions to its end, with its steps as lines`() {
        var (lines, control) = conversation(streamingWithWorker())
        #expect(lines.begin(nil).contains { $0.contains("`help` lists the commands") })
        #expect(lines.take("cutover").contains { $0.contains("green") })
        #expect(
            lines.take("answer") == [
                "Streams the target's changes back to the source, so that you can go back.", "  yes or no",
            ])
        #expect(lines.prompt == "Prepare for fall-back [yes]: ")
        _ = lines.take("")
        #expect(lines.take("perhaps").first == "perhaps is no answer to Compare all rows.")
        _ = lines.take("no")
        _ = lines.take("")
        _ = lines.take("")
        #expect(lines.prompt == "orders Cutover> ")
        let question = lines.take("go")
        #expect(question.first == "CUT OVER orders TO TARGET")
        #expect(question.last?.contains("Type orders to do it") == true)
        #expect(lines.take("order").contains { $0.contains("Cancelled") })
        #expect(control.state.records.isEmpty)
        _ = lines.take("go")
        _ = lines.take("orders")
        var said: [String] = []
        for _ in 0..<14 { said += lines.refresh() }
        #expect(control.state.status.phase == .fallBack, "\(said)")
        guard case .initiateCutover(let options)? = control.state.records.first?.request else {
            Issue.record("no cutover was asked for")
            return
        }
        #expect(options.prepareForFallBack && !options.verify)
        #expect(said.contains { $0.contains("The phase is FALL-BACK") }, "\(said)")
        #expect(lines.take("").contains { $0.contains("The application is on the target") })
    }

    @Test func `what needs the operator is said once, and again when it is over`() {
        var (lines, control) = conversation(streamingWithWorker())
        _ = lines.begin(nil)
        control.change { $0.status.isPaused = true }
        let said = lines.refresh() + lines.refresh() + lines.refresh()
        #expect(said.count { $0.contains("You can: resume") } == 1, "\(said)")
        _ = lines.take("alerts")
        _ = lines.take("1")
        let after = (0..<4).flatMap { _ in lines.refresh() }
        #expect(!control.state.status.isPaused)
        #expect(after.contains { $0.contains("Nothing needs you any more") }, "\(after)")
    }

    @Test func `lines have no borders, and lists have numbers`() {
        var (lines, _) = conversation(streamingWithWorker())
        _ = lines.begin(nil)
        let tables = lines.take("tables")
        #expect(tables.contains { $0.hasPrefix("1. ") && $0.contains("public.") }, "\(tables)")
        #expect(tables.allSatisfy { line in !line.contains { "│┌┐└┘─".contains($0) } })
        #expect(lines.take("filter item").count { $0.contains("public.") } == 1)
    }

    @Test(arguments: ["-5", "0", "99", "2000000", "open 2000000"])
    func `a number that no line has chooses none`(line: String) {
        var (lines, control) = conversation(streamingWithWorker())
        _ = lines.begin(nil)
        _ = lines.take("tables")
        let before = control.state.records.count
        let answer = lines.take(line)
        #expect(answer.first?.hasPrefix("There is no ") == true, "\(answer)")
        #expect(control.state.records.count == before && lines.prompt == "orders Tables> ")
    }

    @Test func `a command with a number is about that line`() {
        var migration = streamingWithWorker()
        migration.status.isPaused = true
        migration.status.tables[0].note = TableNote(word: .setAside, reason: "a new column", since: 1)
        var (lines, control) = conversation(migration)
        _ = lines.begin(nil)
        let alerts = lines.take("alerts")
        let line = alerts.first { $0.contains("is paused") }
        let number = line.flatMap { $0.split(separator: ".").first.flatMap { Int($0) } }
        _ = lines.take("acknowledge \(number ?? 0)")
        for _ in 0..<3 { _ = lines.refresh() }
        #expect(control.state.acknowledgements.map(\.alert) == [.paused], "\(alerts)")
    }

    @Test func `the questions about both databases name their side`() {
        var (lines, control) = conversation(FakeMigration())
        control.change { $0.forms = FakeMigration.connected }
        _ = lines.begin(nil)
        _ = lines.take("answer")
        #expect(lines.prompt == "Source, Host [pg-old]: ")
        var prompts: [String] = []
        for _ in 0..<20 where lines.prompt.hasSuffix("]: ") {
            prompts.append(lines.prompt)
            _ = lines.take("")
        }
        #expect(prompts.contains("Target, Host [pg-new]: ") && prompts.contains("Schemas [public]: "))
    }

    @Test func `the end of what was asked for is said by itself`() {
        var (lines, control) = conversation(FakeMigration())
        control.change { $0.forms = FakeMigration.connected }
        _ = lines.begin(nil)
        _ = lines.take("go")
        let said = (0..<5).flatMap { _ in lines.refresh() }
        #expect(said.count { $0.contains("✓ check databases: done") } == 1, "\(said)")
    }

    @Test func `a command may be shortened, and an unknown one is named`() {
        var (lines, _) = conversation(streamingWithWorker())
        _ = lines.begin(nil)
        #expect(lines.take("cuto").contains { $0.contains("Cutover to target") })
        #expect(lines.take("dance").first == "There is no command dance. `help` lists them.")
        #expect(lines.take("help").contains { $0.hasPrefix("abort-cutover: ") && $0.contains("not now") })
        #expect(lines.take("quit").isEmpty == false || lines.outcome == .left)
        #expect(lines.outcome == .left)
    }

    @Test func `a password is not echoed, and reaches the worker`() {
        var (lines, control) = conversation(FakeMigration())
        control.change { $0.forms = FakeMigration.connected }
        _ = lines.begin(nil)
        _ = lines.take("phase")
        _ = lines.take("answer")
        var isSecretSeen = false
        for _ in 0..<40 where lines.prompt.hasSuffix("]: ") {
            if lines.isSecret, !isSecretSeen {
                isSecretSeen = true
                let said = lines.take("geheim")
                #expect(!said.contains { $0.contains("geheim") })
            } else {
                _ = lines.take("")
            }
        }
        #expect(isSecretSeen)
        _ = lines.take("go")
        for _ in 0..<4 { _ = lines.refresh() }
        #expect(control.state.passwords.source == "geheim")
        #expect(lines.take("").contains { $0.contains("max_slot_wal_keep_size") })
    }

    @Test func `a finding of the schema is waived with a reason in lines, and told with who and why`() {
        var migration = FakeMigration(phase: .schema)
        migration.findings = FakeMigration.findings
        var (lines, control) = conversation(migration)
        _ = lines.begin(nil)
        _ = lines.take("phase")
        _ = lines.take("again")
        for _ in 0..<4 { _ = lines.refresh() }
        #expect(lines.take("").contains { $0.contains("1. ") && $0.contains("UNLOGGED_TABLES") })
        let asked = lines.take("waive")
        #expect(asked.contains { $0.contains("Waive UNLOGGED_TABLES:public.session") }, "\(asked)")
        _ = lines.take("only a cache")
        for _ in 0..<3 { _ = lines.refresh() }
        #expect(control.state.decisions.decisions.map(\.reason) == ["only a cache"])
        let page = lines.take("")
        #expect(page.contains { $0.contains("waived") }, "\(page)")
        let found = lines.take("5")
        #expect(found.contains { $0.contains("waived by dba@mig-01 console") }, "\(found)")
        _ = lines.take("back")
        _ = lines.take("waive")
        _ = lines.take("yes")
        for _ in 0..<3 { _ = lines.refresh() }
        #expect(control.state.decisions.decisions.isEmpty)
    }
}
