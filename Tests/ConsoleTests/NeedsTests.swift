import Console
import Engine
import Records
import Support
import Testing

/// What needs the operator: the alert line, the page, and the actions on its lines.
@Suite struct NeedsTests {
    private func hands(_ change: (inout FakeMigration) -> Void) -> Hands {
        var migration = streamingWithWorker()
        change(&migration)
        return Hands(migration)
    }

    @Test func `an alert is acknowledged by a key, and then no longer on the alert line`() {
        var hands = hands { $0.status.isPaused = true }
        #expect(hands.screen()[21].contains("paused"), "\(hands.screen())")
        hands.press(.character("!"), .character("a"))
        hands.refresh(turns: 3)
        #expect(hands.control.state.acknowledgements.map(\.alert) == [.paused])
        #expect(hands.control.state.acknowledgements.first?.by == "dba@mig-01 console")
        #expect(hands.shows("✓ seen"))
        #expect(!hands.screen()[21].contains("paused"), "\(hands.screen())")
    }

    @Test func `the action on the line mends it`() {
        var hands = hands { $0.status.isPaused = true }
        hands.press(.character("!"))
        #expect(hands.shows("→ resume"))
        hands.press(.enter)
        hands.refresh(turns: 3)
        #expect(!hands.control.state.status.isPaused)
        #expect(hands.shows("✓ Nothing needs you."), "\(hands.screen())")
    }

    @Test func `a server that does not answer is the first thing seen, and no number behind it looks fresh`()
    {
        var hands = hands {
            $0.status.servers[.source] = ServerHealth(.away, since: $0.now - 14, reason: "no route to host")
        }
        hands.show {
            $0.status?.servers[.source] = ServerHealth(
                .away, since: $0.now - 14, reason: "no route to host")
        }
        let screen = hands.screen()
        #expect(screen[0].contains("✗ SOURCE AWAY"), "\(screen)")
        #expect(screen[2].contains("✗ SOURCE DOES NOT ANSWER for 14s"), "\(screen)")
        #expect(screen.contains { $0.contains("Total Exported Events") && $0.contains(" ?") })
        #expect(screen.contains { $0.contains("Remaining Events") && $0.contains("--") })
        #expect(!screen.contains { $0.contains("done") })
        #expect(screen[0].contains("unread 14s") && !screen[0].contains("data "), "\(screen)")
        #expect(screen.contains { $0.contains("public.item") && $0.contains("? unread") }, "\(screen)")
        #expect(!screen.contains { $0.contains("public.item") && $0.contains("▶ apply") })
        #expect(screen.contains { $0.contains("WAL retained") && $0.contains(" ?") }, "\(screen)")
        hands.press(.character("2"))
        #expect(hands.shows("? unread"), "\(hands.screen())")
    }

    @Test func `causes come before their consequences`() {
        var migration = FakeMigration.streaming()
        migration.status.apply?.state = RoleState(
            word: .stopped, reason: "no route", since: migration.now - 5)
        migration.status.processIDs = [.capture: 4711]
        migration.status.alerts = migration.alerts()
        var hands = hands { _ in }
        hands.press(.character("!"))
        hands.show { $0.status = migration.status }
        let lines = hands.screen().filter { $0.contains("ERROR") }
        #expect(lines.first?.contains("import has stopped") == true, "\(hands.screen())")
    }

    @Test func `what this console has done by itself never hides an alert that is worse`() {
        var migration = FakeMigration.streaming()
        migration.status.processIDs = [.capture: 4711, .apply: 4711]
        migration.status.servers[.source] = ServerHealth(.away, since: migration.now, reason: "no route")
        migration.status.alerts = migration.alerts()
        var hands = hands { _ in }
        hands.show {
            $0.status = migration.status
            $0.monitor = WorkerMonitor()
            _ = $0.monitor.check(isAlive: false, isWanted: true, process: nil, now: 1)
            $0.monitor.started(77, now: 2)
            _ = $0.monitor.check(isAlive: true, isWanted: true, process: 77, now: 3)
        }
        #expect(hands.screen()[21].contains("does not answer"), "\(hands.screen())")
        hands.show { $0.status?.alerts = [] }
        #expect(hands.screen()[21].contains("process 77 was started"), "\(hands.screen())")
    }

    @Test func `a session in the way is ended after a question, and a prepared transaction is not`() {
        var hands = hands { $0.status.writers = FakeMigration.writers(now: $0.now) }
        hands.press(.character("5"), .character("T"))
        #expect(hands.shows("Sessions that write on the source: 2"), "\(hands.screen())")
        hands.press(.character("T"))
        #expect(hands.shows("END session 4711"))
        // The focus is on Cancel.
        hands.press(.enter)
        #expect(hands.control.state.records.isEmpty)
        hands.press(.character("T"), .tab, .enter)
        hands.refresh(turns: 3)
        #expect(hands.control.state.records.last?.request.title.contains("session 4711") == true)
        hands.press(.down, .up, .character("T"))
        #expect(hands.state.dialog == nil)
        #expect(hands.shows("cannot be ended from here"), "\(hands.screen())")
    }

    @Test func `a console that another one keeps from the wheel watches, and takes it after a question`() {
        var hands = hands { $0.status.wheel = FakeMigration.wheel(now: $0.now, isMine: false) }
        #expect(hands.screen()[0].contains("WATCHING"), "\(hands.screen())")
        hands.press(.character("x"))
        #expect(hands.shows("ada@bastion"))
        hands.press(.tab, .enter)
        hands.refresh(turns: 2)
        #expect(!hands.screen()[0].contains("WATCHING"), "\(hands.screen())")
    }

    @Test func `a check is mended by its SQL after a question, and checked again`() {
        var hands = Hands(FakeMigration())
        hands.control.change {
            $0.forms = FakeMigration.connected
            $0.startWorker(nil, nil)
        }
        hands = Hands(hands.control.state)
        hands.press(.function(5), .character("r"))
        hands.refresh(turns: 4)
        #expect(hands.shows("max_slot_wal_keep_size"), "\(hands.screen())")
        hands.press(.end, .home, .character("f"))
        #expect(hands.shows("MEND max_slot_wal_keep_size ON THE SOURCE"), "\(hands.screen())")
        #expect(hands.shows("alter system set max_slot_wal_keep_size = '64GB'"))
        hands.press(.tab, .enter)
        hands.refresh(turns: 8)
        #expect(hands.control.state.mended == [CheckName(side: .source, name: "max_slot_wal_keep_size")])
        #expect(!hands.shows("max_slot_wal_keep_size"), "\(hands.screen())")
    }

    @Test func `a difference between the catalogs is accepted with a reason`() {
        var hands = hands { migration in
            let object = CatalogObject(
                kind: .index, table: "public.item", name: "item_old", definition: "CREATE INDEX ON item (v)")
            migration.differences = [
                AcceptedDifference(.missing(object), .forward, reason: "", by: "", at: 0)
            ]
        }
        hands.press(.character("5"), .character("c"))
        hands.refresh()
        #expect(hands.shows("index item_old on public.item"), "\(hands.screen())")
        hands.press(.character("c"), .enter)
        #expect(hands.shows("An acceptance needs a reason"))
        hands.type("not used any more")
        hands.press(.enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.differences.isEmpty)
        #expect(hands.shows("✓ No difference is open."), "\(hands.screen())")
    }
}
