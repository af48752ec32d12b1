import Console
import Engine
import Foundation
import Records
import Support
import Testing

/// The schema's page: the findings of the analysis, and what is done about them.
@Suite struct SchemaPageTests {
    /// A console on the schema's page with the analysis done and its findings in focus.
    private func hands(_ findings: [ReviewedFinding] = FakeMigration.findings, focused: Bool = true) -> Hands
    {
        var migration = FakeMigration(phase: .schema)
        migration.findings = findings
        migration.startWorker(nil, nil)
        var hands = Hands(migration)
        hands.press(.character("4"), .character("r"))
        hands.refresh(turns: 4)
        if focused, !isTableInFocus(hands) { hands.press(.tab, .tab) }
        return hands
    }

    private func isTableInFocus(_ hands: Hands) -> Bool { hands.shows("> ✗ ") }

    /// The objects of the table, from the top.
    private func objects(_ hands: Hands) -> [String] {
        let known = FakeMigration.findings.map(\.issue.object)
        // The line above the statement has the whole path.
        return hands.screen(rows: 50, columns: 120).filter {
            $0.contains(".sql:") && !$0.contains("schema/")
        }
        .compactMap { line in known.first { line.contains(" \($0) ") } }
    }

    private func newest(_ hands: Hands) -> Request? { hands.control.state.records.last?.request }

    @Test func `blocking findings have the focus when the analysis ends, the worst first`() {
        let hands = hands()
        let screen = hands.screen()
        #expect(screen.contains { $0.contains("Schema  2 blocking, 2 warning, 1 info open") }, "\(screen)")
        #expect(
            screen.contains { $0.contains("SEVERITY▲") && $0.contains("RULE") && $0.contains("FILE:LINE") })
        #expect(screen.contains { $0.contains("> ✗ blocking") }, "\(screen)")
        #expect(screen.contains { $0.contains("table.sql:118") })
        #expect(objects(hands).first == "public.session")
    }

    @Test
    func `the chosen finding shows what is wrong, what to do, the link, and its place in the statement`() {
        var hands = hands()
        hands.press(.down)
        let screen = hands.screen()
        for text in [
            "TABLE sales.order_line: The target does not have the type", "UNSUPPORTED_DATATYPE  schema/",
            "e edits the file  u waives it  r analyzes again", "To mend it: Install the extension postgis",
            "yugabyte-db/issues/11323", "142 │     shape public.geometry(Point,4326),",
        ] { #expect(screen.contains { $0.contains(text) }, "\(text) in \(screen)") }
        let line = screen.first { $0.contains("shape public.geometry") } ?? ""
        let mark = screen.first { $0.contains("^^^") } ?? ""
        let place = line.range(of: "public.geometry(Point").map {
            line.distance(from: line.startIndex, to: $0.lowerBound)
        }
        let under = mark.firstIndex(of: "^").map { mark.distance(from: mark.startIndex, to: $0) }
        #expect(place != nil && place == under, "\(line)\n\(mark)")
    }

    @Test func `everything about a finding is reachable at 80x24`() {
        var hands = hands()
        hands.press(.enter)
        var seen = ""
        for _ in 0..<20 {
            seen += hands.screen().joined(separator: "\n")
            hands.press(.down)
        }
        for text in [
            "Unlogged tables", "so its changes are not in the", "leave it out of the migration",
            "#unlogged-tables", "120 │     seen timestamptz", "f changes the file so:",
            "+CREATE TABLE public.session (",
        ] { #expect(seen.contains(text), "\(text)") }
    }

    @Test(arguments: [("geometry", 1), ("!table", 1), ("~unlgged", 2), ("warning", 2), ("nothing", 0)])
    func `a filter keeps the findings that match`(filter: String, count: Int) {
        var hands = hands()
        hands.press(.character("/"))
        hands.type(filter)
        hands.press(.enter)
        #expect(objects(hands).count == count, "\(hands.screen())")
        #expect(hands.shows("filter: \(filter)"))
        hands.press(.escape)
        #expect(objects(hands).count == 5)
    }

    @Test func `o sorts by the next column, whose heading is marked, and the chosen finding stays chosen`() {
        var hands = hands()
        hands.press(.character("o"))
        #expect(hands.shows("RULE▲"), "\(hands.screen())")
        #expect(objects(hands).first == "sales.order_line_shape")
        #expect(hands.shows("CREATE UNLOGGED TABLE public.session"))
        hands.press(.character("o"))
        #expect(hands.shows("OBJECT▲"))
        #expect(objects(hands).first == "public.cart")
        hands.press(.character("o"))
        #expect(hands.shows("FILE:LINE▲"))
        #expect(objects(hands).first == "sales.invoice_id_seq")
        hands.press(.character("o"))
        #expect(hands.shows("SEVERITY▲"))
    }

    @Test func `e opens the file at the line, and the files are analyzed again after the editor`() {
        var hands = hands()
        let actions = hands.session.key(.character("e"))
        guard case .edit(let path, let line)? = actions.first else {
            Issue.record("no editor: \(actions)")
            return
        }
        #expect(path == "/nonexistent/orders/schema/tables/table.sql" && line == 118)
        let before = hands.control.state.records.count
        #expect(hands.session.edited().isEmpty)
        #expect(hands.control.state.records.count == before + 1)
        #expect(newest(hands) == .analyzeSchema)
    }

    @Test func `r analyzes again`() {
        var hands = hands()
        let before = hands.control.state.records.count
        hands.press(.character("r"))
        #expect(hands.control.state.records.count == before + 1)
        #expect(newest(hands) == .analyzeSchema)
        hands.refresh()
        #expect(hands.shows("under way"), "\(hands.screen())")
    }

    @Test func `a mechanical change shows its diff, asks, is made, and the findings are read again`() {
        var hands = hands()
        hands.press(.character("f"))
        #expect(hands.shows("-CREATE UNLOGGED TABLE public.session"), "\(hands.screen())")
        #expect(hands.shows("+CREATE TABLE public.session"))
        hands.press(.enter, .enter)
        #expect(newest(hands) == .analyzeSchema, "the focus of the question is on Cancel")
        hands.press(.enter, .tab, .enter)
        let finding = FakeMigration.findings[0]
        #expect(newest(hands) == .fixFindings([ShownFix(finding: finding.name, diff: finding.diff)]))
        hands.refresh(turns: 4)
        #expect(hands.state.page.id == .schema)
        #expect(hands.shows("Mended: 1 changed"), "\(hands.screen())")
        #expect(objects(hands).count == 4)
    }

    @Test func `a change can be made for all findings of its rule`() {
        var hands = hands()
        hands.press(.character("f"), .character(" "))
        #expect(hands.shows("all 2 of UNLOGGED_TABLES") && hands.shows("public.cart"), "\(hands.screen())")
        hands.press(.enter, .tab, .enter)
        hands.refresh(turns: 4)
        #expect(objects(hands).count == 3)
    }

    @Test func `a finding without a mechanical change says so`() {
        var hands = hands()
        hands.press(.down, .character("f"))
        #expect(hands.shows("No mechanical change mends this finding"), "\(hands.screen())")
    }

    @Test func `a waiver wants a reason, is shown with who, when and why, and can be taken back`() {
        var hands = hands()
        hands.press(.character("u"))
        #expect(hands.shows("Waive UNLOGGED_TABLES:public.session"), "\(hands.screen())")
        hands.press(.enter)
        #expect(hands.shows("A waiver needs a reason"))
        hands.type("only a cache")
        hands.press(.enter)
        hands.refresh(turns: 3)
        #expect(hands.shows("1 blocking, 2 warning, 1 info open  1 decided"), "\(hands.screen())")
        hands.press(.end)
        #expect(hands.shows("⊘ waived"))
        #expect(
            hands.shows("waived by dba@mig-01 console, 2023-11-14 22:13: only a cache"), "\(hands.screen())")
        hands.press(.character("u"))
        #expect(hands.shows("After this, 1 finding counts again"), "\(hands.screen())")
        hands.press(.tab, .enter)
        hands.refresh(turns: 3)
        #expect(hands.control.state.decisions.decisions.isEmpty)
        #expect(hands.shows("2 blocking"))
    }

    @Test func `a waiver can be for all findings of the rule`() {
        var hands = hands()
        hands.press(.character("u"), .tab)
        #expect(hands.shows("Waive all 2 findings of UNLOGGED_TABLES"), "\(hands.screen())")
        hands.type("caches")
        hands.press(.enter)
        hands.refresh(turns: 3)
        #expect(
            hands.control.state.decisions.decisions.map(\.finding) == [FindingName(rule: "UNLOGGED_TABLES")])
        #expect(hands.shows("2 decided"), "\(hands.screen())")
    }

    @Test func `a warning is accepted without a reason, and a blocking finding cannot be`() {
        var hands = hands()
        hands.press(.character("c"))
        #expect(hands.shows("A blocking finding cannot be accepted"), "\(hands.screen())")
        hands.press(.down, .down, .character("c"), .enter)
        hands.refresh(turns: 3)
        #expect(hands.control.state.decisions.decisions.map(\.kind) == [.accepted])
        #expect(hands.shows("1 decided"))
    }

    @Test func `Esc leaves a decision that was begun`() {
        var hands = hands()
        hands.press(.character("u"))
        hands.type("why")
        hands.press(.escape)
        #expect(!hands.shows("Waive UNLOGGED_TABLES"))
        #expect(hands.state.page.id == .schema)
        #expect(hands.control.state.decisions.decisions.isEmpty)
    }

    @Test func `a decision that matches nothing any more is listed, and can be taken back`() {
        var hands = hands()
        let stray = SchemaDecision(.waived, FindingName(rule: "REINDEX"), reason: "x", by: "ada", at: 1)
        hands.control.change { $0.decisions = SchemaDecisions([stray]) }
        hands.refresh()
        hands.press(.end)
        #expect(hands.shows("? no match"), "\(hands.screen())")
        #expect(hands.shows("matches nothing any more. u takes it back."))
        hands.press(.character("u"), .tab, .enter)
        hands.refresh(turns: 3)
        #expect(hands.control.state.decisions.decisions.isEmpty)
        #expect(!hands.shows("? no match"))
    }

    @Test func `open blocking findings hold the import of the tables, and waived ones do not`() {
        var hands = hands(Array(FakeMigration.findings[..<1]))
        hands.press(.tab, .down, .enter)
        #expect(hands.shows("1 blocking finding is open"), "\(hands.screen())")
        #expect(newest(hands) == .analyzeSchema)
        hands.press(.up, .tab, .tab, .character("u"))
        hands.type("a cache")
        hands.press(.enter)
        hands.refresh(turns: 3)
        hands.press(.tab, .down, .enter)
        #expect(newest(hands)?.title == "import schema", "\(hands.screen())")
    }

    @Test func `an analysis with warnings alone keeps the questions in focus`() {
        let hands = hands([FakeMigration.findings[2]], focused: false)
        #expect(hands.shows("(•) analyze the files"), "\(hands.screen())")
        #expect(hands.shows("INDEX_METHOD"))
        #expect(hands.shows("Tab moves to the findings"))
    }

    @Test func `a console that only watches decides nothing and changes no file`() {
        var migration = FakeMigration(phase: .schema)
        migration.findings = FakeMigration.findings
        migration.analysis = ReviewedAnalysis(
            at: migration.now, target: "PostgreSQL 15", objects: 9, findings: migration.findings)
        var hands = Hands(migration, readOnly: true)
        hands.press(.character("4"))
        hands.refresh()
        hands.press(.down, .tab, .tab)
        for key in ["u", "c", "f"] as [Character] {
            hands.press(.character(key))
            #expect(hands.shows("read-only"), "\(hands.screen())")
        }
        #expect(hands.control.state.records.isEmpty)
    }

    @Test func `controls and wide characters of a statement keep the mark in its place`() {
        let issue = SchemaIssue(
            rule: "R", severity: .warning, objectType: "TABLE", object: "public.订单", reason: "why",
            suggestion: "do", file: "schema/tables/table.sql", line: 2, column: 3)
        let finding = ReviewedFinding(
            issue, title: "t",
            statement: StatementExcerpt(
                before: "create table\r\n\t订单 (a ", mark: "box", after: ");", firstLine: 1))
        let lines = hands([finding]).screen()
        let line = lines.first { $0.contains("订单 (a") } ?? ""
        let mark = lines.first { $0.contains("^^^") } ?? ""
        let columns = { (text: Substring) in textWidth(String(text)) }
        let place = line.range(of: "box").map { columns(line[..<$0.lowerBound]) }
        let under = mark.firstIndex(of: "^").map { columns(mark[..<$0]) }
        #expect(place != nil && place == under, "\(line)\n\(mark)")
        #expect(mark.count { $0 == "^" } == 3)
    }
}
