import Console
import Engine
import Foundation
import Records
import Support
import Testing

/// The page that chooses the tables to migrate.
@Suite struct TableChoiceTests {
    private func hands(_ change: (inout FakeMigration) -> Void = { _ in }) -> Hands {
        var migration = FakeMigration(phase: .schema)
        migration.forms = FakeMigration.connected
        migration.offers = FakeMigration.someOffers
        migration.startWorker(nil, nil)
        change(&migration)
        var hands = Hands(migration)
        hands.press(.character("8"))
        hands.refresh()
        return hands
    }

    @Test
    func `space turns a mark, the lists and the count follow, and Enter on the button keeps the choice`() {
        var hands = hands()
        #expect(hands.shows("6 of 6 tables chosen"), "\(hands.screen())")
        hands.press(.character(" "))
        #expect(hands.shows("5 of 6 tables chosen"), "\(hands.screen())")
        #expect(hands.shows("[ ] public.customer"))
        #expect(hands.state.form?.text("without") == "public.customer")
        hands.press(.down, .character(" "), .character(" "))
        #expect(hands.shows("5 of 6 tables chosen"))
        #expect(hands.control.state.records.isEmpty)
        hands.press(.backTab, .enter)
        hands.refresh(turns: 4)
        #expect(hands.control.state.status.tableLists == TableLists(excluded: ["public.customer"]))
        #expect(hands.state.root == .live)
    }

    @Test func `leaving the page by Esc or for the next page keeps the choice, too`() {
        for key in [KeyEvent.escape, .control("n"), .control("p")] {
            var hands = hands()
            hands.press(.character(" "), key)
            hands.refresh(turns: 4)
            #expect(hands.control.state.status.tableLists == TableLists(excluded: ["public.customer"]))
            #expect(hands.state.root != .choice)
        }
    }

    @Test func `a pattern moves the marks while it is typed`() {
        var hands = hands()
        hands.press(.tab)
        hands.type("item*")
        #expect(hands.shows("2 of 6 tables chosen"), "\(hands.screen())")
        hands.type("zz")
        #expect(hands.shows("No table is chosen, so nothing would be migrated."), "\(hands.screen())")
        hands.press(.control("u"), .tab)
        hands.type("item*")
        #expect(hands.shows("4 of 6 tables chosen"), "\(hands.screen())")
    }

    @Test func `an entry that names no table is reported`() {
        var hands = hands()
        hands.press(.tab)
        hands.type("item, itme")
        #expect(hands.shows("✗ itme in the first list names no table."), "\(hands.screen())")
    }

    @Test func `all and none are those in view`() {
        var hands = hands()
        hands.press(.character("/"))
        hands.type("item")
        hands.press(.enter, .character("0"))
        #expect(hands.shows("4 of 6 tables chosen"), "\(hands.screen())")
        hands.press(.escape, .character("0"))
        #expect(hands.shows("0 of 6 tables chosen"), "\(hands.screen())")
        #expect(hands.state.form?.text("without") == "*")
        hands.press(.character("+"))
        #expect(hands.shows("6 of 6 tables chosen"), "\(hands.screen())")
        #expect(hands.state.form?.text("without") == "")
    }

    @Test func `a foreign key out of the choice is named, and its table is marked`() {
        var hands = hands()
        hands.press(.character(" "))
        #expect(hands.shows("! without customer"), "\(hands.screen())")
        #expect(
            hands.shows("out of the choice: public.invoice refers to public.customer"), "\(hands.screen())")
        hands.press(.character(" "))
        #expect(!hands.shows("out of the choice"))
    }

    @Test func `a table that cannot be streamed says why, in its row and in full`() {
        var hands = hands()
        #expect(hands.shows("1 chosen table cannot be streamed as it is: public.log"), "\(hands.screen())")
        hands.press(.end, .up, .enter)
        #expect(hands.shows("It cannot be streamed as it is: none: the application's"), "\(hands.screen())")
    }

    @Test func `what is no table cannot be marked, and says so`() {
        var hands = hands()
        hands.press(.end, .character(" "))
        #expect(
            hands.shows("public.scratch cannot be migrated: it is unlogged"), "\(hands.screen())")
        #expect(hands.shows("6 of 6 tables chosen"))
    }

    @Test func `sorts by rows, size and choice, and a mark does not move its row`() {
        var hands = hands()
        func first() -> String {
            let screen = hands.screen()
            let heading = screen.firstIndex { $0.contains("IDENTITY") } ?? 0
            return screen[heading + 1]
        }
        hands.press(.character("o"), .character("-"))
        #expect(first().contains("public.item_history"), "\(hands.screen())")
        hands.press(.character("-"))
        #expect(!first().contains("public.item_history"))
        hands.press(.character("o"), .character("o"))
        let before = first()
        hands.press(.home, .character(" "))
        #expect(first().contains("[ ]") && first().contains(before.split(separator: " ")[3]), "\(first())")
    }

    @Test func `marks that were not kept are there again after a kill, on the same page`() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/metainfo", withIntermediateDirectories: true)
        func opened() -> Hands {
            var migration = FakeMigration(phase: .schema)
            migration.status.exportDirectory = folder.path
            migration.offers = FakeMigration.someOffers
            return Hands(migration)
        }
        var hands = opened()
        hands.press(.character("8"))
        hands.refresh()
        hands.press(.character(" "), .down, .character(" "))
        // Nothing is told to the console that is killed.
        var again = opened()
        again.refresh()
        #expect(again.state.root == .choice)
        #expect(again.shows("4 of 6 tables chosen"), "\(again.screen())")
        #expect(again.state.form?.text("without") == "public.customer, public.invoice")
    }

    @Test func `once the live migration has begun the marks stay`() {
        var hands = hands { $0.status.phase = .streaming }
        hands.press(.character(" "))
        #expect(hands.shows("The live migration has begun with this choice"), "\(hands.screen())")
        #expect(hands.shows("6 of 6 tables chosen"))
        hands.press(.escape)
        #expect(hands.control.state.records.isEmpty)
    }

    @Test func `before the tables are read the page says what reads them`() {
        var hands = hands { $0.offers = nil }
        #expect(
            hands.shows("The tables are not read yet: check both databases on the page Prepare."),
            "\(hands.screen())")
        hands.press(.character("+"))
        #expect(hands.shows("The tables are not read yet"))
    }

    @Test func `a read-only console marks nothing for good`() {
        var migration = FakeMigration(phase: .schema)
        migration.offers = FakeMigration.someOffers
        var hands = Hands(migration, readOnly: true)
        hands.press(.character("8"))
        hands.refresh()
        hands.press(.character("0"))
        #expect(hands.shows("read-only"), "\(hands.screen())")
        hands.press(.character(" "), .escape)
        #expect(hands.control.state.records.isEmpty)
    }

    @Test func `the live page leads to the choice, and says what is chosen`() {
        var migration = FakeMigration(phase: .schema)
        migration.offers = FakeMigration.someOffers
        migration.status.tableLists = TableLists(tables: ["a", "b", "c", "d"], excluded: ["x"])
        var hands = Hands(migration)
        hands.press(.character("8"), .escape)
        hands.refresh()
        hands.press(.up)
        #expect(hands.shows("Migrated are a, b, c and 1 more, without x"), "\(hands.screen())")
        hands.press(.enter, .enter)
        #expect(hands.state.root == .choice)
    }

    @Test func `five thousand tables are marked, filtered and drawn in a moment`() {
        var hands = hands {
            $0.offers = (0..<5000).map {
                OfferedTable(
                    name: QualifiedName(schema: "public", name: "table_\($0)"), rowsEstimate: 10,
                    bytesEstimate: 8192, identity: "key id")
            }
        }
        let took = ContinuousClock().measure {
            hands.press(.end, .character(" "), .character("/"))
            hands.type("_49")
            hands.press(.enter, .character("0"))
            _ = hands.screen(rows: 50, columns: 200)
        }
        #expect(hands.shows("of 5000 tables chosen"), "\(hands.screen())")
        #expect(took < .seconds(5), "\(took)")
    }

    @Test func `line mode asks for the patterns and prints the list`() {
        var migration = FakeMigration(phase: .schema)
        migration.offers = FakeMigration.someOffers
        migration.startWorker(nil, nil)
        let control = FakeMigrationControl(migration)
        var lines = LineConversation(
            ConsoleSession(
                control: control, options: ConsoleOptions(operatorName: "dba console"),
                clock: { control.state.now }, utcOffset: { 0 }, runOnOtherThread: { $0() }))
        _ = lines.begin(nil)
        let listed = lines.take("choose-tables")
        #expect(listed.contains { $0.contains("1.  [x] public.customer") }, "\(listed)")
        let asked = lines.take("answer")
        #expect(asked.contains { $0.contains("* matches any text") }, "\(asked)")
        #expect(lines.prompt == "Only these tables []: ")
        _ = lines.take("item*")
        #expect(lines.prompt == "Without these tables []: ")
        let answered = lines.take("item_history")
        #expect(answered.contains { $0.contains("1 of 6 tables chosen") }, "\(answered)")
        #expect(answered.contains { $0.contains("3.  [x] public.item ") }, "\(answered)")
        _ = lines.take("go")
        for _ in 0..<4 { _ = lines.refresh() }
        #expect(
            control.state.status.tableLists == TableLists(tables: ["item*"], excluded: ["item_history"]))
    }
}
