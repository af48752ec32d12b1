import Console
import Engine
import Support
import Testing

@Suite struct GuideTests {
    @Test func `the whole migration is driven by keys`() {
        var hands = Hands(FakeMigration())
        // Both databases: the answers are checked when they are complete.
        hands.press(.function(5))
        hands.press(.tab, .tab)
        hands.type("orders")
        hands.press(.tab)
        hands.type("app")
        hands.press(.tab)
        hands.type("secret")
        hands.press(.tab, .tab, .tab, .tab)
        hands.type("orders")
        hands.press(.tab)
        hands.type("app")
        hands.press(.tab)
        #expect(hands.control.state.forms.source.database == "orders")
        #expect(hands.control.state.forms.target.user == "app")
        #expect(hands.control.state.worker != nil)
        #expect(hands.control.state.passwords.source == "secret")
        hands.refresh(turns: 4)
        #expect(hands.shows("max_slot_wal_keep_size"), "\(hands.screen())")
        // Schema: a step that has ended well offers the next one.
        hands.press(.control("n"))
        for step in ["export schema", "analyze schema", "import schema"] {
            hands.press(.enter)
            hands.refresh(turns: 5)
            #expect(hands.control.state.records.last?.request.title == step, "\(hands.screen())")
            #expect(hands.control.state.records.last?.state == .done)
            if step == "analyze schema" { hands.press(.down) }
        }
        hands.press(.control("n"), .enter, .enter)
        hands.refresh(turns: 12)
        #expect(hands.control.state.status.phase == .streaming, "\(hands.screen())")
        // Indexes and triggers, after a question.
        hands.press(.function(5), .enter, .enter, .tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.shows("✓ import indexes and triggers: done"), "\(hands.screen())")
        // Cutover to the target, cutover to the source, and the end.
        cutOver(&hands, result: "The application is on the target")
        #expect(hands.control.state.status.phase == .fallBack)
        hands.press(.enter)
        cutOver(&hands, result: "The application is on the source")
        #expect(hands.control.state.status.phase == .complete)
        hands.press(.function(5))
        #expect(hands.shows("End of the migration"))
        hands.press(.tab, .tab, .tab, .tab)
        hands.type("/backup")
        hands.press(.tab, .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.phase == .ended)
    }

    private func cutOver(_ hands: inout Hands, result: String) {
        hands.press(.character("5"), .enter)
        #expect(hands.state.dialog != nil, "\(hands.screen())")
        hands.type("orders")
        hands.press(.tab, .enter)
        #expect(hands.state.dialog == nil)
        hands.refresh(turns: 12)
        #expect(hands.shows(result), "\(hands.screen())")
    }

    @Test func `a cutover that awaits approval waits for R and the typed name`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"))
        hands.press(.backTab, .backTab)
        hands.press(.character(" "))
        #expect(hands.shows("Await approval                    [x] yes"), "\(hands.screen())")
        hands.press(.tab, .tab, .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 12)
        #expect(hands.shows("R releases the application"), "\(hands.screen())")
        hands.press(.character("R"))
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 6)
        #expect(hands.control.state.status.route == .target)
    }

    @Test func `a cutover is aborted after a question, from every page`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"), .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.data.status?.phase == .cutoverToTarget)
        hands.press(.character("3"), .character("A"), .enter)
        #expect(hands.shows("Cancelled; nothing was changed."))
        #expect(hands.data.status?.phase == .cutoverToTarget)
        hands.press(.character("A"), .tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.phase == .streaming)
        hands.press(.character("5"))
        #expect(hands.shows("Aborted: asked for by the operator"), "\(hands.screen())")
    }

    @Test func `the engine's refusal is shown in its own words and stops the guide`() {
        var hands = Hands(FakeMigration())
        hands.press(.function(6))
        hands.refresh()
        #expect(
            hands.shows("a cutover to the target is not possible in the phase prepare"), "\(hands.screen())")
        hands.press(.enter)
        #expect(hands.state.dialog == nil)
    }

    @Test func `failed checks cannot be walked past`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        hands.press(.function(5), .control("n"))
        #expect(hands.shows("Check both databases first"))
        hands.press(.enter)
        hands.refresh(turns: 4)
        let id = hands.control.state.records.count - 1
        hands.control.change { state in
            let record = state.records[id]
            state.records[id] = RequestRecord(
                id: record.id, request: record.request, by: record.by, askedAt: record.askedAt, state: .done,
                answer: "1 failed", lines: [],
                checks: [
                    CheckResult(
                        side: .source, name: "wal_level", state: .failure, found: "replica",
                        wanted: "logical", remedy: "alter system set wal_level = logical")
                ], issues: [])
        }
        hands.refresh(turns: 2)
        hands.press(.control("n"))
        #expect(hands.shows("1 of 1 checks failed. Mend wal_level on the source"), "\(hands.screen())")
        #expect(hands.shows("Prepare: both databases"))
        // The line in full, with what mends it.
        hands.press(.tab, .enter)
        #expect(hands.shows("alter system set wal_level = logical"), "\(hands.screen())")
        hands.press(.character("y"))
        #expect(hands.copied == "alter system set wal_level = logical")
    }

    @Test func `incomplete answers are reported before the engine is asked`() {
        var hands = Hands(FakeMigration())
        hands.press(.function(5), .backTab, .enter)
        #expect(hands.shows("The source needs a host, a port, a database and a user."), "\(hands.screen())")
    }

    @Test func `the first typed letter replaces a default`() {
        var hands = Hands(FakeMigration())
        hands.press(.function(5))
        hands.type("pg-old")
        hands.press(.tab)
        #expect(hands.control.state.forms.source.host == "pg-old", "\(hands.screen())")
    }

    @Test func `while text is typed, the hints show no key that is a letter`() {
        var hands = Hands(FakeMigration())
        hands.press(.function(5))
        let hints = hands.screen()[22]
        #expect(
            hints.contains("Tab field") && !hints.contains("1 Dash") && !hints.contains("q quit"), "\(hints)")
        #expect(hints.contains("F2 Dash"))
    }

    @Test func `a password is never on the screen, nor its length`() {
        var hands = Hands(FakeMigration())
        hands.press(.function(5), .tab, .tab, .tab, .tab)
        hands.type("hunter2")
        #expect(hands.shows("typed, not shown"))
        #expect(!hands.shows("hunter2"))
        #expect(!hands.shows("•••"))
    }

    @Test func `a read-only console asks nothing of the engine`() {
        var hands = Hands(.streaming(), readOnly: true)
        hands.refresh(turns: 4)
        hands.press(.character("5"), .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        #expect(hands.shows("This console is read-only"), "\(hands.screen())")
        #expect(hands.control.state.records.isEmpty)
        #expect(hands.control.state.starts == 0)
        hands.press(.character("w"))
        #expect(hands.control.state.starts == 0)
    }

    @Test func `a console opened again shows the request under way`() {
        var migration = FakeMigration(phase: .schema)
        migration.startWorker(nil, nil)
        _ = migration.take(.exportSchema(startClean: false), by: "dba@mig-01 console")
        var hands = Hands(migration)
        hands.press(.function(5))
        hands.refresh()
        #expect(
            hands.shows("export schema: running") || hands.shows("export schema: done"), "\(hands.screen())")
    }

    @Test func `r checks again at once`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        hands.press(.function(5), .enter)
        hands.refresh(turns: 8)
        #expect(hands.control.state.records.count == 1)
        hands.press(.character("r"))
        hands.refresh(turns: 8)
        #expect(hands.control.state.records.count == 2)
    }

    @Test func `typed passwords that differ restart the worker before the request`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        migration.startWorker("old", nil)
        var hands = Hands(migration)
        hands.press(.function(5), .tab, .tab, .tab, .tab, .tab)
        hands.type("new")
        hands.press(.tab, .backTab, .backTab, .backTab, .backTab, .backTab, .backTab, .enter)
        hands.refresh(turns: 8)
        #expect(hands.control.state.starts == 2)
        #expect(hands.control.state.passwords.source == "new")
    }

    @Test func `the channels are chosen on the page of the live migration, and shown where the import is`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.function(5))
        hands.press(.down, .down, .down)
        #expect(hands.shows("(•) choose how changes are applied"), "\(hands.screen())")
        hands.press(.tab)
        hands.press(.character(" "))
        #expect(hands.shows("In parallel channels              [x] yes"), "\(hands.screen())")
        hands.press(.tab)
        hands.type("65")
        hands.press(.tab, .enter)
        #expect(hands.shows("Channels must be a number from 1 to 64"), "\(hands.screen())")
        hands.press(.backTab, .backspace, .backspace)
        hands.type("6")
        hands.press(.tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.applyMode == .parallel(channels: 6))
        hands.press(.character("1"))
        #expect(hands.shows("Import to target, 6 channels"), "\(hands.screen())")
    }

    @Test
    func `the limits of the disk are set on the page of the live migration, and shown beside the queue`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.function(5))
        hands.press(.down, .down, .down, .down)
        #expect(hands.shows("(•) limit the use of the disk"), "\(hands.screen())")
        hands.press(.tab, .tab)
        hands.type("much")
        hands.press(.tab, .enter)
        #expect(hands.shows("Both must be sizes"), "\(hands.screen())")
        hands.press(.backTab, .backspace, .backspace, .backspace, .backspace)
        hands.type("50GB")
        hands.press(.tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.diskLimits.queueBytesMax == 50 << 30)
        #expect(
            hands.control.state.status.exportDetails(.forward).first { $0.label == "queue" }?.value
                == "1.9 GiB of 50.0 GiB, free 118.0 GiB (min 256 MB)")
    }

    @Test func `numbers with a future timestamp are from before the clock was set back, and stale`() {
        var migration = streamingWithWorker()
        let now = migration.status.readAt
        #expect(!ConsoleData(status: migration.status, now: now).isStale)
        migration.status.capture?.publishedAt = now + 3600
        #expect(ConsoleData(status: migration.status, now: now).isStale)
        #expect(ConsoleData(status: migration.status, now: now).dataAge == 3600)
    }

    @Test func `a role that retries shows count, reason and next time, and afterwards the last time`() {
        var migration = streamingWithWorker()
        let now = migration.status.readAt
        migration.status.apply?.state = RoleState(word: .retrying, reason: "no route", since: now)
        migration.status.apply?.retries.add("no route", at: now - 1, waitMilliseconds: 3000)
        migration.status.alerts = migration.alerts()
        #expect(
            ConsoleData(status: migration.status, now: now).needs.contains {
                $0.sentence.contains("no route")
            })
        func words() -> String? {
            migration.status.importDetails(.forward).first { $0.label == "retries" }?.value
        }
        #expect(words() == "1, next in 2s: no route")
        migration.status.apply?.state = RoleState(word: .streaming, since: now)
        migration.status.readAt = now + 61
        #expect(words() == "1, the last 1m02s ago: no route")
    }
}

func streamingWithWorker() -> FakeMigration {
    var migration = FakeMigration.streaming()
    migration.startWorker(nil, nil)
    return migration
}
