import Console
import Engine
import Records
import Support
import Testing

/// What misled an operator once: each case stays as a test.
@Suite struct TrustTests {
    private func hands(_ migration: FakeMigration) -> Hands {
        var hands = Hands(streamingWithWorker())
        hands.show { $0.status = migration.status }
        return hands
    }

    @Test func `two databases on long host names can be told apart at 80 columns`() {
        var migration = FakeMigration.streaming()
        migration.status.sourcePlace = "orders-primary-eu-west-1a.db.internal.example.com:5432/orders"
        migration.status.targetPlace = "orders-yugabyte-eu-west-1b.db.internal.example.com:5432/orders"
        let bar = hands(migration).screen()[0]
        #expect(bar.contains("SOURCE …primary"), "\(bar)")
        #expect(bar.contains("→ …yugab"), "\(bar)")
    }

    @Test func `at 80 columns it says that the import does not catch up, and what waits`() {
        var migration = FakeMigration.streaming()
        migration.status.apply?.eventsPerSecondLastMinute = 10
        migration.status.apply?.eventsPerSecondLast3Minutes = 10
        migration.status.capture?.eventsPerSecondLastMinute = 5000
        migration.status.capture?.eventsPerSecondLast3Minutes = 5000
        let screen = hands(migration).screen()
        #expect(screen.contains { $0.contains("not catching up") }, "\(screen)")
        #expect(screen.contains { $0.contains("Remaining Events") && $0.contains("47274") })
    }

    @Test func `a cutover that waits says for what, until when, and who is in the way`() {
        var migration = FakeMigration.cuttingOver()
        var cutover = migration.status.cutovers[0]
        for index in cutover.steps.indices {
            if cutover.steps[index].step == .quiesce {
                cutover.steps[index].state = .running
                cutover.steps[index].endedAt = nil
                cutover.steps[index].abortsAt = migration.now + 48
            } else if cutover.steps[index].step != .fence {
                cutover.steps[index].state = .pending
            }
        }
        migration.status.cutovers = [cutover]
        var hands = hands(migration)
        hands.press(.character("5"))
        #expect(
            hands.shows("Waits for the end of open write transactions, at most until"), "\(hands.screen())")
        #expect(hands.shows("In the way: 4711 shop batch"))
        #expect(hands.shows("T ends sessions"))
        #expect(hands.shows("A aborts"))
    }

    @Test func `checksums inside of the downtime show how far they are`() {
        var hands = hands(.cuttingOver())
        hands.press(.character("5"))
        #expect(hands.shows("3000000 of 9000000 rows"), "\(hands.screen())")
        #expect(hands.screen().contains { $0.contains("DOWNTIME 00:00:") })
    }

    @Test func `long work shows n of m, its rate and the time left where it was asked for`() {
        var migration = FakeMigration.streaming()
        migration.status.work = FakeMigration.work(now: migration.now)
        var hands = hands(migration)
        hands.press(.character("4"))
        #expect(hands.shows("schema import on the target 41 of 96 objects, 0.5/s"), "\(hands.screen())")
        #expect(hands.shows("foreign keys on the target 2 of 5"))
        #expect(hands.screen(rows: 36, columns: 120).contains { $0.contains(" left: ") })
    }

    @Test func `failed checks come first, and are counted`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        hands.press(.function(5), .enter)
        hands.refresh(turns: 4)
        let id = hands.control.state.records.count - 1
        hands.control.change { state in
            let record = state.records[id]
            let ok = (0..<20).map { CheckResult(side: .source, name: "check \($0)", state: .ok, found: "") }
            let failed = CheckResult(side: .target, name: "disk", state: .failure, found: "full")
            state.records[id] = RequestRecord(
                id: record.id, request: record.request, by: record.by, askedAt: record.askedAt, state: .done,
                answer: "1 of 21 checks failed", lines: [], checks: ok + [failed], issues: [])
        }
        hands.refresh(turns: 2)
        #expect(hands.shows("Checks  20 ok  1 failed"), "\(hands.screen())")
        let first = hands.screen().firstIndex { $0.contains("target disk") }
        #expect(first != nil && first! < hands.screen().firstIndex { $0.contains("source check 0") } ?? 99)
    }

    @Test func `a migration that is complete shows no rates as fresh, and no arrow`() {
        var migration = FakeMigration.streaming()
        migration.status.phase = .complete
        let screen = hands(migration).screen()
        #expect(screen[0].contains(" · "), "\(screen)")
        #expect(!screen[0].contains("→") && !screen[0].contains("←"))
        #expect(screen.contains { $0.contains("now --") }, "\(screen)")
    }

    @Test func `the filter of the tables is theirs alone`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("2"), .character("/"))
        hands.type("item")
        hands.press(.enter)
        #expect(!hands.shows("public.customer"))
        hands.press(.character("1"))
        #expect(hands.shows("public.customer"), "\(hands.screen())")
    }

    @Test func `a table whose name cannot be typed is excluded by the migration's name`() {
        var migration = streamingWithWorker()
        migration.status.tables[2].note = TableNote(word: .setAside, reason: "a new column", since: 1)
        var hands = Hands(migration)
        hands.press(.character("2"), .end, .character("X"))
        #expect(hands.shows("Type orders to continue"), "\(hands.screen())")
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 3)
        #expect(hands.control.state.records.last?.request == .excludeTable("public.订单"))
    }

    @Test func `three alerts are all in the list, and the line counts the others`() {
        var migration = streamingWithWorker()
        migration.status.isPaused = true
        migration.status.tables[0].note = TableNote(word: .setAside, reason: "a new column", since: 1)
        migration.status.tables[1].note = TableNote(word: .new, reason: "created later", since: 1)
        var hands = Hands(migration)
        #expect(hands.screen()[21].contains("! 2 more"), "\(hands.screen())")
        hands.press(.character("!"))
        #expect(hands.shows("Needs you: 3"))
    }

    @Test func `a plan that has changed since it was shown does not run`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"), .enter)
        #expect(hands.screen().contains { $0.contains("Plan ") && $0.contains(" has ") }, "\(hands.screen())")
        hands.type("orders")
        hands.control.change { $0.planSuffix = " with another table" }
        hands.press(.tab, .enter)
        #expect(hands.shows("the plan has changed since it was shown"), "\(hands.screen())")
        #expect(hands.control.state.records.isEmpty)
    }

    @Test func `a plan that changes behind its question locks it, and says so`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"), .enter)
        hands.type("orders")
        hands.control.change { $0.planSuffix = " with another table" }
        hands.refresh()
        #expect(
            hands.shows("the plan has changed since it was shown: Esc, and look at it again"),
            "\(hands.screen())")
        hands.press(.tab, .enter)
        #expect(hands.state.dialog != nil && hands.control.state.records.isEmpty)
        // Looked at again, it can be done.
        hands.press(.escape, .enter)
        hands.type("orders")
        hands.refresh()
        hands.press(.tab, .enter)
        #expect(hands.control.state.records.count == 1, "\(hands.screen())")
    }

    @Test func `an arrow of the themes' list paints, Enter keeps, Esc goes back`() {
        var session = Hands(streamingWithWorker()).session
        func paints(_ actions: [Action]) -> [String?] {
            actions.compactMap { if case .paint(let name) = $0 { .some(name) } else { nil } }
        }
        _ = session.key(.control("t"))
        #expect(session.state.page.id == .themes)
        #expect(session.data.themes.map(\.name).prefix(2) == ["terminal", "mono"])
        #expect(paints(session.key(.down)) == ["mono"])
        #expect(paints(session.key(.escape)) == [nil])
        #expect(session.state.page.id == .dashboard)
    }
}
