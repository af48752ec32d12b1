import Console
import Engine
import Records
import Support
import Testing

/// A page with a list, with values of which two lines can be told apart.
struct ListedPage: Sendable, CustomTestStringConvertible {
    let page: any Page
    let data: ConsoleData
    /// Words of one line, and of another one.
    let one: String
    let other: String
    /// Presses of `o` until the list is in an order in which both lines differ.
    var sorts = 1

    var testDescription: String { page.id.title }

    private static func data(_ migration: FakeMigration, _ change: (inout ConsoleData) -> Void = { _ in })
        -> ConsoleData
    {
        var migration = migration
        migration.status.processIDs = [.capture: 4711, .apply: 4711]
        migration.status.alerts = migration.alerts()
        var data = ConsoleData(status: migration.status, now: migration.now)
        data.events = migration.events
        data.forms = migration.forms
        change(&data)
        return data
    }

    private static func difference(_ table: QualifiedName, _ name: String) -> AcceptedDifference {
        let object = CatalogObject(kind: .index, table: table, name: name, definition: "CREATE INDEX \(name)")
        return AcceptedDifference(.missing(object), .forward, reason: "", by: "", at: 0)
    }

    private static var needy: FakeMigration {
        var migration = FakeMigration.streaming()
        migration.status.isPaused = true
        migration.status.tables[0].note = TableNote(word: .setAside, reason: "a new column", since: 1)
        return migration
    }

    private static var sessions: FakeMigration {
        var migration = FakeMigration.streaming()
        migration.status.writers = FakeMigration.writers(now: migration.now)
        return migration
    }

    static let all: [ListedPage] = [
        ListedPage(
            page: MigrationsPage(),
            data: data(FakeMigration()) {
                $0.migrations = [
                    MigrationSummary(directory: "/moves/orders", name: "orders"),
                    MigrationSummary(directory: "/moves/stock", name: "stock"),
                ]
            }, one: "orders", other: "stock"),
        ListedPage(
            page: TableChoicePage(),
            data: data(FakeMigration(phase: .schema)) { $0.offers = FakeMigration.someOffers },
            one: "public.invoice", other: "public.customer", sorts: 0),
        ListedPage(page: TablesPage(), data: data(.streaming()), one: "item", other: "customer", sorts: 0),
        ListedPage(page: LogPage(), data: data(.streaming()), one: "deadlock", other: "switchback_orders"),
        ListedPage(page: AlertsPage(), data: data(needy), one: "is paused", other: "a new column", sorts: 2),
        ListedPage(
            page: IncidentsPage(),
            data: data(.streaming()) { $0.incidents = FakeMigration.someIncidents }, one: "duplicate",
            other: "changes is not", sorts: 2),
        ListedPage(
            page: ConnectionPage(),
            data: data(FakeMigration()) {
                $0.forms = FakeMigration.connected
                $0.newest[Request.checkDatabases.title] = RequestRecord(
                    id: 1, request: .checkDatabases, by: "dba", askedAt: 0, state: .done, answer: "",
                    lines: [], checks: FakeMigration.checks, issues: [])
            }, one: "max_slot", other: "target connect", sorts: 2),
        ListedPage(
            page: SchemaPage(),
            data: data(FakeMigration(phase: .schema)) {
                $0.newest[Request.exportSchema(startClean: false).title] = RequestRecord(
                    id: 1, request: .exportSchema(startClean: false), by: "dba", askedAt: 0, state: .done,
                    answer: "", lines: [], checks: [], issues: [])
                $0.schemaReview = SchemaReview(FakeMigration.analysis, SchemaDecisions())
            }, one: "public.session", other: "sales.order_line_shape", sorts: 0),
        ListedPage(
            page: VerificationPage(),
            data: data(.streaming()) { $0.status?.verification = FakeMigration.someVerification },
            one: "public.item", other: "public.customer", sorts: 0),
        ListedPage(
            page: DifferencesPage(),
            data: data(.streaming()) {
                $0.differences = [difference("public.item", "item_old"), difference("public.a", "a_old")]
            }, one: "item_old", other: "a_old"),
        ListedPage(page: SessionsPage(), data: data(sessions), one: "batch", other: "2h00m"),
    ]
}

/// What the operator can do with every list: filter it, order it, and go to its ends.
@Suite struct ListTests {
    /// A page with its values, driven by commands and keys.
    private struct Reader {
        var page: any Page
        let data: ConsoleData

        init(_ listed: ListedPage) {
            (page, data) = (listed.page, listed.data)
            _ = page.absorb(data)
        }

        mutating func run(_ command: Command) {
            #expect(page.refusal(of: command, data) == nil)
            _ = page.perform(command, data)
            _ = page.absorb(data)
        }

        mutating func filter(_ text: String) {
            run(.filter)
            #expect(page.takesText)
            _ = page.type(.control("u"), data)
            for character in text { _ = page.type(.character(character), data) }
            _ = page.type(.enter, data)
            #expect(!page.takesText)
            _ = page.absorb(data)
        }

        var lines: [String] {
            var canvas = Canvas(rows: 30, columns: 110)
            page.draw(data, on: &canvas, in: canvas.area)
            return canvas.lines()
        }

        func row(_ text: String) -> Int? {
            lines.firstIndex { $0.contains(text) && !$0.contains("filter: ") }
        }
        var chosen: Int? { lines.firstIndex { $0.hasPrefix("│>") } }
    }

    @Test func `every page whose list has a filter is among those that are tested`() {
        #expect(Set(ListedPage.all.map(\.page.id)) == Keymap.listed)
    }

    @Test(arguments: ListedPage.all)
    func `a filter keeps the lines with a text, those without it, or those with its letters in order`(
        listed: ListedPage
    ) {
        var reader = Reader(listed)
        #expect(reader.row(listed.one) != nil && reader.row(listed.other) != nil, "\(reader.lines)")
        reader.filter(listed.one)
        #expect(reader.row(listed.one) != nil && reader.row(listed.other) == nil, "\(reader.lines)")
        #expect(reader.lines.contains { $0.contains("filter: " + listed.one) }, "\(reader.lines)")
        reader.filter("!" + listed.one)
        #expect(reader.row(listed.one) == nil && reader.row(listed.other) != nil, "\(reader.lines)")
        let letters = listed.one.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        reader.filter("~" + String(letters))
        #expect(reader.row(listed.one) != nil, "\(reader.lines)")
        reader.filter("no line has this")
        #expect(reader.row(listed.one) == nil && reader.row(listed.other) == nil, "\(reader.lines)")
        reader.filter("")
        #expect(reader.row(listed.one) != nil && reader.row(listed.other) != nil, "\(reader.lines)")
    }

    @Test(arguments: ListedPage.all)
    func `the order is marked, and can be reversed`(listed: ListedPage) throws {
        var reader = Reader(listed)
        for _ in 0..<listed.sorts { reader.run(.sort) }
        #expect(listed.sorts == 0 || reader.lines.contains { $0.contains("▲") }, "\(reader.lines)")
        let before = (try #require(reader.row(listed.one)), try #require(reader.row(listed.other)))
        reader.run(.reverseSort)
        #expect(reader.lines.contains { $0.contains("▼") }, "\(reader.lines)")
        let after = (try #require(reader.row(listed.one)), try #require(reader.row(listed.other)))
        #expect((before.0 < before.1) != (after.0 < after.1), "\(reader.lines)")
    }

    @Test(arguments: ListedPage.all)
    func `Home goes to the first line, and End to the last`(listed: ListedPage) throws {
        var reader = Reader(listed)
        reader.run(.bottom)
        let last = try #require(reader.chosen, "\(reader.lines)")
        reader.run(.top)
        let first = try #require(reader.chosen, "\(reader.lines)")
        #expect(first < last, "\(reader.lines)")
        reader.run(.bottom)
        #expect(reader.chosen == last)
    }

    @Test func `equal lines keep their order, and the page's own order is the first`() {
        var list = ListChoice()
        let orders: [ListOrder<String>] = [ListOrder("as found"), ListOrder("LENGTH", by: { $0.count })]
        let lines = ["ccc", "bb", "aaa", "d"]
        func shown() -> [String] { list.arranged(lines, by: orders) { $0 } }
        #expect(shown() == lines && list.remark(orders).isEmpty)
        var isTaken = list.perform(.sort, count: 4, orders: orders.count)
        #expect(shown() == ["d", "bb", "ccc", "aaa"])
        #expect(list.remark(orders) == "  sort: LENGTH ▲")
        isTaken = list.perform(.sort, count: 4, orders: orders.count) && isTaken
        #expect(shown() == lines && isTaken)
    }

    @Test func `the first Esc takes a kept filter away, the second leaves the page`() {
        var hands = Hands(streamingWithWorker())
        hands.press(.character("!"), .character("/"))
        hands.type("nothing has this")
        hands.press(.enter, .escape)
        #expect(hands.state.page.id == .alerts)
        hands.press(.escape)
        #expect(hands.state.page.id == .dashboard)
    }
}
