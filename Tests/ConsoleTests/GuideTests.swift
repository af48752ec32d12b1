import Console
import Engine
import Support
import Testing

@Suite struct GuideTests {
    @Test func `the whole migration is driven by keys`() {
        var hands = Hands(FakeMigration())
        // Prepare: the forms, then check, plan, do, result.
        hands.press(.character("g"))
        hands.press(.tab, .tab)
        hands.type("orders")
        hands.press(.tab)
        hands.type("app")
        hands.press(.tab)
        hands.type("secret")
        for _ in 0..<8 { hands.press(.tab) }
        hands.type("orders")
        hands.press(.tab)
        hands.type("app")
        for _ in 0..<8 { hands.press(.tab) }
        #expect(hands.control.state.forms.source.database == "orders")
        #expect(hands.control.state.forms.target.user == "app")
        hands.press(.enter)
        #expect(hands.shows("Prepare: Check"))
        hands.press(.enter, .enter)
        #expect(hands.control.state.worker != nil)
        #expect(hands.control.state.passwords.source == "secret")
        hands.refresh(turns: 4)
        #expect(hands.shows("Prepare: Result"))
        #expect(hands.shows("max_slot_wal_keep_size"))
        // Schema: export, analyze, import, each by four Enters.
        hands.press(.enter)
        for step in ["export schema", "analyze schema", "import schema"] {
            #expect(hands.shows("Schema: Ask"))
            hands.press(.enter, .enter, .enter)
            #expect(hands.shows("Schema: Do"))
            hands.refresh(turns: 4)
            #expect(hands.shows("✓ \(step): done"), "\(hands.screen())")
            hands.press(.enter)
        }
        #expect(hands.shows("continue to live migration"))
        hands.press(.enter)
        #expect(hands.shows("Live migration: Ask"))
        hands.press(.enter, .enter, .enter)
        hands.refresh(turns: 12)
        #expect(hands.control.state.status.phase == .streaming)
        #expect(hands.shows("Live migration: Result"))
        // Indexes and triggers.
        hands.press(.enter)
        #expect(hands.shows("import indexes and triggers"))
        hands.press(.enter, .enter, .enter)
        hands.refresh(turns: 4)
        #expect(hands.shows("✓ import indexes and triggers: done"))
        // Cutover to the target, cutover to the source, and the end.
        cutOver(&hands, result: "The application is on the target")
        #expect(hands.control.state.status.phase == .fallBack)
        cutOver(&hands, result: "The application is on the source")
        #expect(hands.control.state.status.phase == .complete)
        hands.press(.character("g"))
        #expect(hands.shows("End: Ask"))
        hands.press(.tab, .tab, .tab, .tab)
        hands.type("/backup")
        hands.press(.tab, .enter, .enter, .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.phase == .ended)
    }

    private func cutOver(_ hands: inout Hands, result: String) {
        hands.press(.character("5"), .enter, .enter, .enter)
        #expect(hands.state.confirmation != nil)
        hands.type("orders")
        hands.press(.tab, .enter)
        #expect(hands.state.confirmation == nil)
        hands.refresh(turns: 12)
        #expect(hands.shows(result), "\(hands.screen())")
    }

    @Test func `a cutover that awaits approval waits for R and the typed name`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"))
        hands.press(.backTab, .backTab)
        hands.press(.character(" "))
        #expect(hands.shows("Await approval before the release       [x] yes"))
        hands.press(.tab, .tab, .enter, .enter, .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 12)
        #expect(hands.shows("R releases the application"))
        hands.press(.character("R"))
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 6)
        #expect(hands.control.state.status.route == .target)
    }

    @Test func `one key aborts a cutover`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"), .enter, .enter, .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.data.status?.phase == .cutoverToTarget)
        hands.press(.character("A"))
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.phase == .streaming)
        #expect(hands.shows("Aborted: asked for by the operator"))
    }

    @Test func `the engine's refusal is shown in its own words and stops the guide`() {
        var hands = Hands(FakeMigration())
        hands.press(.character("5"), .enter)
        #expect(hands.shows("a cutover to the target is not possible in the phase prepare"))
        hands.press(.enter, .enter)
        #expect(hands.shows("Cutover to target: Check"))
    }

    @Test func `incomplete answers are reported before the engine is asked`() {
        var hands = Hands(FakeMigration())
        hands.press(.character("g"), .backTab, .enter)
        #expect(hands.shows("The source needs a host, a port, a database and a user."))
    }

    @Test func `a password is never on the screen, nor its length`() {
        var hands = Hands(FakeMigration())
        hands.press(.character("g"), .tab, .tab, .tab, .tab)
        hands.type("hunter2")
        #expect(hands.shows("typed, not shown"))
        #expect(!hands.shows("hunter2"))
        #expect(!hands.shows("•••"))
    }

    @Test func `a read-only console asks nothing of the engine`() {
        var hands = Hands(.streaming(), readOnly: true)
        hands.refresh(turns: 4)
        hands.press(.character("5"), .enter, .enter, .enter)
        #expect(hands.shows("This console is read-only"))
        #expect(hands.state.confirmation == nil)
        #expect(hands.control.state.starts == 0)
        hands.press(.character("W"))
        #expect(hands.control.state.starts == 0)
    }

    @Test func `a console opened again shows the request under way`() {
        var migration = FakeMigration(phase: .schema)
        migration.startWorker(nil, nil)
        _ = migration.take(.exportSchema(startClean: false), by: "dba@mig-01 console")
        var hands = Hands(migration)
        hands.press(.character("g"))
        hands.refresh()
        #expect(hands.shows("Schema: Do") || hands.shows("Schema: Result"))
    }

    @Test func `a request whose result was seen is not shown again`() {
        var hands = Hands(FakeMigration(phase: .schema))
        hands.press(.character("g"), .enter, .enter, .enter)
        hands.refresh(turns: 4)
        #expect(hands.shows("✓ export schema: done"))
        // An older reading of all requests still shows it as running.
        let stale = RequestRecord(
            id: 1, request: .exportSchema(startClean: false), by: "dba", askedAt: 0, state: .running,
            answer: "",
            lines: [], checks: [], issues: [])
        hands.press(.enter)
        hands.data.newest[stale.request.title] = stale
        hands.state.absorb(hands.data)
        #expect(hands.shows("Schema: Ask"))
    }

    @Test func `r at the result of the checks runs them again at once`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        hands.press(.character("g"))
        while !hands.state.guide!.form.buttonHasFocus { hands.press(.tab) }
        hands.press(.enter, .enter, .enter)
        hands.refresh(turns: 8)
        #expect(hands.shows("Prepare: Result"), "\(hands.screen())")
        let first = hands.state.guide?.requestID
        #expect(first != nil)
        hands.press(.character("r"))
        #expect(hands.shows("Prepare: Do"), "\(hands.screen())")
        #expect(hands.state.guide?.requestID != first)
        hands.refresh(turns: 8)
        #expect(hands.shows("Prepare: Result"), "\(hands.screen())")
    }

    @Test func `typed passwords that differ restart the worker before the request`() {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        migration.startWorker("old", nil)
        var hands = Hands(migration)
        hands.press(.character("g"), .tab, .tab, .tab, .tab, .tab)
        hands.type("new")
        hands.press(.backTab, .backTab, .backTab, .backTab, .backTab, .enter, .enter, .enter)
        hands.refresh(turns: 8)
        #expect(hands.control.state.starts == 2)
        #expect(hands.control.state.passwords.source == "new")
        #expect(hands.shows("Prepare: Result"))
    }

    @Test func `the channels are chosen in the guide of the live migration, and shown where the import is`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("g"))
        #expect(hands.shows("Live migration: Ask"))
        hands.press(.tab)
        hands.press(.right, .right, .right)
        #expect(hands.shows("choose how changes are applied"), "\(hands.screen())")
        hands.press(.tab)
        hands.press(.character(" "))
        #expect(hands.shows("In parallel channels                    [x] yes"), "\(hands.screen())")
        hands.press(.tab, .backspace)
        hands.type("65")
        hands.press(.tab, .enter)
        #expect(hands.shows("Channels must be a number from 1 to 64"), "\(hands.screen())")
        hands.press(.backTab, .backspace, .backspace)
        hands.type("6")
        hands.press(.tab, .enter, .enter, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.applyMode == .parallel(channels: 6))
        hands.press(.character("1"))
        #expect(hands.shows("Import to target, 6 channels"), "\(hands.screen())")
    }

    @Test
    func `the limits of the disk are set in the guide of the live migration, and shown beside the queue`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("g"), .tab)
        hands.press(.right, .right, .right, .right)
        #expect(hands.shows("limit the use of the disk"), "\(hands.screen())")
        hands.press(.tab, .tab, .backspace)
        hands.type("much")
        hands.press(.tab, .enter)
        #expect(hands.shows("Both must be sizes"), "\(hands.screen())")
        hands.press(.backTab, .backspace, .backspace, .backspace, .backspace)
        hands.type("50GB")
        hands.press(.tab, .enter, .enter, .enter)
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
        #expect(
            ConsoleData(status: migration.status, now: now).alert?.text
                == "The import retries (1 so far, next in 2s): no route")
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
