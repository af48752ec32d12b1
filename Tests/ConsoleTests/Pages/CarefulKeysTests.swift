import Console
import Engine
import Records
import Support
import Testing

/// Keys that must not do what the operator did not mean.
@Suite struct CarefulKeysTests {
    private func streaming() -> Hands {
        var migration = FakeMigration.streaming()
        migration.worker = 4001
        return Hands(migration)
    }

    private func live() -> Hands {
        var hands = streaming()
        hands.press(.character("4"))
        return hands
    }

    @Test func `a choice that has begun does not change with the phase`() {
        var hands = live()
        hands.show { $0.status?.phase = .snapshot }
        // The operator goes from pause to resume, and the snapshot ends meanwhile.
        hands.press(.down)
        #expect(hands.shows("(•) resume"), "\(hands.screen())")
        hands.show { $0.status?.phase = .streaming }
        #expect(hands.shows("(•) resume"), "\(hands.screen())")
    }

    @Test func `Enter on the list of what can be done does nothing but go to the button`() {
        var hands = live()
        let before = hands.control.state.records.count
        hands.press(.enter)
        #expect(hands.control.state.records.count == before && hands.state.dialog == nil)
        #expect(hands.state.form?.buttonHasFocus == true)
    }

    @Test(arguments: ["import indexes", "stop the worker"])
    func `what touches the target or stops the work is asked first`(choice: String) {
        var hands = live()
        for _ in 0..<7 where !hands.shows("(•) \(choice)") { hands.press(.down) }
        #expect(hands.shows("(•) \(choice)"), "\(hands.screen())")
        let before = hands.control.state.records.count
        hands.press(.enter, .enter)
        #expect(hands.state.dialog != nil && hands.control.state.records.count == before)
        hands.press(.enter)
        #expect(hands.state.dialog == nil && hands.control.state.records.count == before)
    }

    @Test func `the schema's page asks before indexes and triggers are made, too`() {
        var hands = streaming()
        hands.press(.character("4"), .control("p"))
        #expect(hands.state.root == .schema)
        for _ in 0..<4 where !hands.shows("(•) import indexes") { hands.press(.down) }
        #expect(hands.shows("(•) import indexes"), "\(hands.screen())")
        let before = hands.control.state.records.count
        hands.press(.enter)
        #expect(hands.state.dialog != nil && hands.control.state.records.count == before)
    }

    @Test func `a worse alert that comes first does not take the place of the chosen one`() throws {
        var hands = streaming()
        let one = Alert(.notCatchingUp, .warning, "The import falls behind.", unblocker: "you")
        let other = Alert(.slotAtRisk, .critical, "The slot is in danger.", unblocker: "you")
        hands.show { $0.status?.alerts = [one] }
        hands.press(.character("!"))
        #expect(hands.shows(">") && hands.shows(one.sentence))
        hands.show { $0.status?.alerts = [other, one] }
        hands.press(.character("a"))
        #expect(
            hands.control.state.records.last?.request == .acknowledge(one.id, severity: .warning),
            "\(hands.screen())")
        // One that has ended is not replaced by another.
        hands.show { $0.status?.alerts = [other] }
        let before = hands.control.state.records.count
        hands.press(.character("a"))
        #expect(hands.control.state.records.count == before)
        hands.press(.enter)
        #expect(hands.shows("What you had chosen has ended."), "\(hands.screen())")
        hands.press(.up, .character("a"))
        #expect(
            hands.control.state.records.last?.request == .acknowledge(other.id, severity: .critical))
    }

    @Test func `a question that does not fit is read to its end before it can be answered`() {
        let lines = (1...40).map { "alter table t\($0) disable trigger all" }
        var question = Question(title: "MEND", lines: lines, go: "Run it")
        #expect(question.handle(.tab) == .stays && question.isLocked)
        #expect(question.handle(.enter) == .cancelled)
        for _ in 0..<5 { _ = question.handle(.pageDown) }
        #expect(!question.isLocked)
        #expect(question.handle(.tab) == .stays)
        #expect(question.handle(.enter) == .confirmed)
    }

    @Test func `every line of a long question is shown on some page`() {
        let lines = (1...40).map { "statement number \($0)" }
        var dialog = Dialog.question(Question(title: "MEND", lines: lines, go: "Run it"), then: .takeWheel)
        var seen = ""
        for _ in 0..<5 {
            var canvas = Canvas(rows: 24, columns: 80)
            canvas.draw(dialog)
            seen += canvas.lines().joined(separator: "\n")
            _ = dialog.handle(.pageDown)
        }
        for line in lines { #expect(seen.contains(line + " "), "\(line)") }
    }

    @Test func `a console that watches starts no worker`() {
        var migration = FakeMigration.streaming()
        migration.status.wheel = FakeMigration.wheel(now: migration.now, isMine: false)
        var hands = Hands(migration)
        hands.refresh(turns: 4)
        #expect(hands.control.state.starts == 0 && !hands.shows("could not be started"))
    }

    @Test func `a worker that was stopped on purpose is not started by the next console`() {
        var migration = FakeMigration.streaming()
        migration.status.workerIsStopped = true
        var hands = Hands(migration)
        hands.refresh(turns: 4)
        #expect(hands.control.state.starts == 0)
        #expect(hands.shows("The worker was stopped"), "\(hands.screen())")
        hands.press(.character("w"))
        #expect(hands.control.state.starts == 1)
    }

    @Test func `a frozen page hides no alert`() {
        var hands = streaming()
        hands.press(.character(" "))
        #expect(hands.shows("FROZEN"))
        let alert = Alert(.slotAtRisk, .critical, "The slot is in danger.", unblocker: "you")
        hands.show { $0.status?.alerts = [alert] }
        #expect(hands.shows("FROZEN") && hands.shows("CRITICAL"), "\(hands.screen())")
    }

    @Test func `the answer to a request comes to the page that asked`() {
        var hands = live()
        hands.control.change { $0.status.isPaused = true }
        hands.refresh()
        hands.press(.character("!"), .enter)
        #expect(hands.shows("Asked: resume"), "\(hands.screen())")
    }

    @Test func `a long notice is shown to its end`() {
        var hands = Hands(.streaming())
        let text = (1...30).map { "word\($0)" }.joined(separator: " ")
        hands.session.say(Notice(.error, text))
        #expect(hands.shows("word1 ") && hands.shows("word30"), "\(hands.screen())")
    }

    @Test func `a theme that was only looked at is painted over however the page is left`() {
        for key in [KeyEvent.escape, .character("1"), .character("q")] {
            var hands = Hands(.streaming())
            hands.press(.control("t"), .down)
            hands.painted = "none"
            hands.press(key)
            #expect(hands.painted == nil, "\(key)")
        }
    }
}
