import Console
import Engine
import Foundation
import Records
import Support
import Testing

/// Whole screens compared with `Screens/<name>.txt`. `GOLDEN_UPDATE=1` writes the files; then read the diff.
@Suite struct GoldenScreens {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Screens")

    /// The sizes at which every screen is kept, as rows and columns.
    private static let sizes = [(24, 80), (36, 120), (50, 200)]

    /// Compares a screen at every size, and at the smallest also in ASCII and by the tokens of its colours.
    private func compare(_ hands: Hands, _ name: String) throws {
        for (rows, columns) in Self.sizes { try compare(hands, name, rows: rows, columns: columns) }
        let (rows, columns) = Self.sizes[0]
        var canvas = Canvas(rows: rows, columns: columns, symbols: .ascii)
        render(hands.state, hands.data, onto: &canvas)
        let ascii = Screenshot(of: canvas, theme: .terminal, depth: .none).text
        try compare(ascii, "\(name)-ascii-\(columns)x\(rows)")
        try compare(tokens(of: canvas), "\(name)-tokens-\(columns)x\(rows)")
    }

    private func compare(_ hands: Hands, _ name: String, rows: Int, columns: Int) throws {
        let text = hands.screen(rows: rows, columns: columns).joined(separator: "\n") + "\n"
        try compare(text, "\(name)-\(columns)x\(rows)")
    }

    private func compare(_ text: String, _ name: String) throws {
        let file = GoldenScreens.directory.appending(path: "\(name).txt")
        if ProcessInfo.processInfo.environment["GOLDEN_UPDATE"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let wanted = try String(contentsOf: file, encoding: .utf8)
        #expect(text == wanted, "\(name): the screen is now\n\(text)")
    }

    /// The tokens of a canvas: a line for each row with the columns of each run that is no plain text.
    private func tokens(of canvas: Canvas) -> String {
        (0..<canvas.rows).map { row in
            var runs: [(first: Int, last: Int, token: Token)] = []
            for (column, cell) in canvas.row(row).enumerated() where cell.token != .text {
                if let last = runs.last, last.token == cell.token, last.last == column - 1 {
                    runs[runs.count - 1].last = column
                } else {
                    runs.append((column, column, cell.token))
                }
            }
            let words = runs.map { "\($0.first)-\($0.last) \($0.token.rawValue)" }
            return "\(row): " + words.joined(separator: ", ") + "\n"
        }.joined()
    }

    /// Returns a console that shows the values as they are, without the simulated engine changing them.
    private func still(_ migration: FakeMigration) -> Hands {
        var hands = Hands(FakeMigration.streaming(), readOnly: false)
        // The engine judges the alerts of what it publishes.
        var migration = migration
        if migration.status.phase.direction != nil, migration.status.processIDs.isEmpty {
            migration.status.processIDs = [.capture: 4711, .apply: 4711]
        }
        migration.status.alerts = migration.alerts()
        hands.show {
            $0.status = migration.status
            $0.events = migration.events
            $0.forms = migration.forms
            $0.monitor = WorkerMonitor()
        }
        return hands
    }

    @Test func `the dashboard while streaming`() throws {
        let hands = still(.streaming())
        try compare(hands, "dashboard")
    }

    @Test func `the dashboard in the fall-back, with the reverse pair`() throws {
        var migration = FakeMigration.fallBack()
        migration.status.readiness = FallBackReadiness(
            seconds: 1.2, isRehearsed: true, unprovedRows: 0, foreignKeys: 3, foreignKeySeconds: 41)
        let hands = still(migration)
        try compare(hands, "fallback")
    }

    @Test func `the dashboard during the snapshot`() throws {
        var migration = FakeMigration.streaming()
        migration.status.phase = .snapshot
        migration.status.tables = FakeMigration.tables(done: false)
        migration.status.tables[0].snapshotIsDone = true
        migration.status.tables[0].importedRows = 1200
        migration.status.tables[1].exportedRows = 3000
        migration.status.tables[1].importedRows = 2500
        migration.status.apply?.totalEvents = .zero
        try compare(still(migration), "snapshot")
    }

    @Test func `numbers that stopped moving are called stale`() throws {
        var migration = FakeMigration.streaming()
        migration.status.capture?.publishedAt -= 14
        try compare(still(migration), "stale")
    }

    @Test func `the tables and the log`() throws {
        var hands = still(.streaming())
        hands.press(.character("2"))
        for _ in 0..<4 { hands.press(.character("o")) }
        hands.press(.character("-"))
        try compare(hands, "tables")
        hands.press(.character("3"))
        try compare(hands, "log")
    }

    @Test func `the incidents, with the chosen one in full`() throws {
        var migration = FakeMigration.streaming()
        migration.incidents = FakeMigration.someIncidents
        migration.status.incidentRules.policy = .stash
        migration.status.tables[0].incidents = [.forward: IncidentCounts(stashed: 2, stopped: 1)]
        var hands = still(migration)
        hands.press(.character("i"))
        hands.show { $0.incidents = migration.incidents }
        hands.press(.down)
        try compare(hands, "incidents")
        hands.show { $0.incidents = [] }
        try compare(hands, "incidents-none")
    }

    @Test func `a table that is set aside, with its reason and remedy`() throws {
        var migration = FakeMigration.streaming()
        migration.status.tables[0].note = TableNote(
            word: .setAside, reason: "the source has a new column note (text)",
            remedy: "alter table customer add column note text", since: 1)
        var hands = still(migration)
        hands.press(.character("2"))
        try compare(hands, "set-aside")
    }

    @Test func `the connection forms`() throws {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        // Complete forms begin on the button.
        hands.press(.function(5), .tab, .tab, .tab, .tab, .tab)
        hands.type("secret")
        try compare(hands, "prepare")
    }

    @Test func `the findings of the check, and one of them in full`() throws {
        var migration = FakeMigration()
        migration.forms = FakeMigration.connected
        var hands = Hands(migration)
        hands.press(.function(5), .enter)
        hands.refresh(turns: 4)
        hands.press(.tab)
        try compare(hands, "checks")
        hands.press(.enter)
        try compare(hands, "check-details")
    }

    @Test func `the schema`() throws {
        var hands = Hands(FakeMigration(phase: .schema))
        hands.press(.function(5), .enter)
        hands.refresh(turns: 4)
        try compare(hands, "schema")
    }

    @Test func `the findings of the schema analysis, and what is done about them`() throws {
        var migration = FakeMigration(phase: .schema)
        migration.findings = FakeMigration.findings
        migration.decisions = SchemaDecisions([
            SchemaDecision(
                .waived, FindingName(rule: "INDEX_METHOD"),
                reason: "the application no longer searches by place",
                by: "ada@bastion console", at: migration.now - 7200),
            SchemaDecision(
                .accepted, FindingName(rule: "REINDEX", object: "public.item_pkey"), by: "bob@bastion verb",
                at: migration.now - 7200),
        ])
        var hands = Hands(migration)
        hands.press(.function(5), .character("r"))
        hands.refresh(turns: 4)
        try compare(hands, "findings")
        hands.press(.down)
        try compare(hands, "findings-second")
        hands.press(.enter)
        try compare(hands, "finding-details")
        hands.press(.escape, .up, .character("u"))
        hands.type("only a cache")
        try compare(hands, "finding-waive")
        hands.press(.escape, .character("f"))
        try compare(hands, "finding-change")
        hands.press(.escape, .tab)
        try compare(hands, "findings-questions")
    }

    @Test func `the import of the schema, with n of m, rate and time left`() throws {
        var hands = Hands(FakeMigration(phase: .schema))
        hands.press(.function(5), .down, .down, .enter)
        hands.refresh()
        hands.show {
            $0.status?.work = Array(FakeMigration.work(now: $0.now).prefix(2))
        }
        try compare(hands, "schema-import")
    }

    @Test func `the live migration, with its plan`() throws {
        var hands = Hands(FakeMigration(phase: .schema))
        hands.press(.function(5), .control("n"))
        hands.refresh()
        hands = Hands(streamingWithWorker())
        hands.press(.function(5))
        hands.refresh()
        try compare(hands, "live")
    }

    @Test func `the cutover from its gates to its end`() throws {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"))
        hands.refresh()
        try compare(hands, "cutover-gates")
        hands.press(.control("n"))
        hands.refresh()
        hands.press(.down)
        try compare(hands, "cutover-plan")
        hands.press(.down, .down, .down, .enter)
        try compare(hands, "plan-details")
        hands.press(.escape, .escape, .enter)
        hands.type("orde")
        try compare(hands, "cutover-confirm")
        hands.type("rs")
        hands.press(.tab, .enter)
        hands.refresh(turns: 5)
        try compare(hands, "cutover-steps")
        hands.refresh(turns: 6)
        try compare(hands, "cutover-result")
    }

    @Test func `the choice of tables, some of them chosen by a pattern`() throws {
        var migration = FakeMigration(phase: .schema)
        migration.forms = FakeMigration.connected
        migration.offers = FakeMigration.someOffers
        var hands = Hands(migration)
        hands.press(.character("8"))
        hands.refresh()
        try compare(hands, "choice")
        hands.press(.character(" "), .down, .down)
        try compare(hands, "choice-foreign-key")
        hands.press(.down, .enter)
        try compare(hands, "choice-details")
        hands.press(.escape, .tab)
        hands.type("item*, itme")
        try compare(hands, "choice-pattern")
        var unread = Hands(FakeMigration(phase: .schema))
        unread.press(.character("8"))
        try compare(unread, "choice-unread")
    }

    @Test func `a cutover that awaits approval`() throws {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("5"), .backTab, .backTab, .character(" "))
        hands.press(.tab, .tab, .enter)
        hands.type("orders")
        hands.press(.tab, .enter)
        hands.refresh(turns: 12)
        try compare(hands, "cutover-approval")
        hands.press(.character("R"))
        try compare(hands, "release-confirm")
        hands.press(.escape, .character("A"))
        try compare(hands, "abort-question")
    }

    @Test func `the palette, the settings, and what needs the operator`() throws {
        var migration = FakeMigration.streaming()
        migration.status.apply?.state = RoleState(word: .stopped, reason: "the row is not there", since: 1)
        var hands = still(migration)
        hands.press(.character(":"))
        hands.type("tab")
        try compare(hands, "palette")
        hands.press(.escape, .character("7"))
        try compare(hands, "settings")
        hands.press(.character("!"))
        try compare(hands, "alerts")
    }

    @Test func `the sessions, the differences, and the end`() throws {
        var hands = still(.cuttingOver())
        hands.press(.character("5"), .character("T"), .character("o"))
        try compare(hands, "sessions")
        hands = still(.streaming())
        hands.press(.character("5"), .character("c"))
        let objects = ["item_old", "item_older"].map { name in
            CatalogObject(
                kind: .index, table: "public.item", name: name, definition: "CREATE INDEX \(name) ON item (v)"
            )
        }
        hands.show {
            $0.differences = objects.map {
                AcceptedDifference(.missing($0), .forward, reason: "", by: "", at: 0)
            }
        }
        hands.press(.down)
        hands.show {
            $0.differences = objects.map {
                AcceptedDifference(.missing($0), .forward, reason: "", by: "", at: 0)
            }
        }
        try compare(hands, "differences")
        var ending = FakeMigration.streaming()
        ending.status.phase = .complete
        hands = Hands(ending)
        hands.press(.character("4"))
        hands.refresh()
        try compare(hands, "end")
    }

    @Test func `the help is the keymap`() throws {
        var hands = still(.streaming())
        hands.press(.character("?"))
        try compare(hands, "help")
        hands.press(.escape, .character("2"), .character("?"))
        try compare(hands, "help-tables")
    }

    @Test func `a terminal that is too small shows the size that is needed`() throws {
        try compare(still(.streaming()), "small", rows: 20, columns: 60)
    }

    @Test func `a worker that is gone is reported in plain words`() throws {
        var hands = still(.streaming())
        hands.show {
            _ = $0.monitor.check(isAlive: true, isWanted: true, process: 4711, now: 0)
            _ = $0.monitor.check(isAlive: false, isWanted: true, process: nil, now: 1)
        }
        try compare(hands, "gone")
    }

    @Test func `the verification, with the rows that differ and the values of one`() throws {
        var migration = FakeMigration.streaming()
        var hands = still(migration)
        hands.press(.character("6"))
        try compare(hands, "verification-off")
        migration.status.verification = FakeMigration.someVerification
        hands = still(migration)
        hands.press(.character("6"))
        hands.show { $0.foundDifferences = FakeMigration.someDifferences }
        try compare(hands, "verification")
        hands.press(.down, .down, .down, .down, .enter)
        try compare(hands, "verification-row")
    }
}
