import Engine
import Records

extension Canvas {
    /// Columns from which the statement stands beside the table, and not below it.
    private static let columnsForBeside = 160
    /// Rows of the statement below the table, with the line between them.
    private static let statementRows = 9

    /// Draws the findings, and the statement of the chosen one.
    mutating func draw(
        _ table: FindingsTable, chosen: Scroll?, showsStatement: Bool, utcOffset: Int, in area: Rectangle
    ) {
        guard !table.rows.isEmpty else {
            write(
                "No finding matches the filter.", row: area.row, column: area.column + 1, token: .textMuted)
            return
        }
        guard showsStatement else { return drawRows(table, chosen, in: area) }
        let row = table.rows[min(chosen?.selected ?? 0, table.rows.count - 1)]
        if area.columns >= Self.columnsForBeside {
            let width = area.columns * 11 / 20
            drawRows(
                table, chosen,
                in: Rectangle(row: area.row, column: area.column, rows: area.rows, columns: width))
            for line in area.row..<area.endRow {
                write("│", row: line, column: area.column + width, token: .border)
            }
            let beside = Rectangle(
                row: area.row, column: area.column + width + 1, rows: area.rows,
                columns: area.columns - width - 1)
            write(
                row.heading, row: beside.row, column: beside.column + 1, token: .panelTitle,
                limit: beside.columns - 2)
            draw(row, utcOffset, in: beside.split(top: 1).rest)
        } else {
            let below = max(Self.statementRows, area.rows / 2, area.rows - table.rows.count - 1)
            let split = area.split(top: area.rows - below)
            drawRows(table, chosen, in: split.top)
            rule(row: split.rest.row, in: area, title: row.heading)
            draw(row, utcOffset, in: split.rest.split(top: 1).rest)
        }
    }

    private mutating func drawRows(_ table: FindingsTable, _ chosen: Scroll?, in area: Rectangle) {
        let isWide = area.columns >= 100
        // The numbers of line mode need more room.
        let room = area.columns - (numbersLines ? 6 : 3)
        let fixed = isWide ? [10, 30, 28, 9] : [10, 25, 18]
        let object = max(10, room - fixed.reduce(0) { $0 + $1 + 1 })
        var columns = [
            TableColumn("SEVERITY", 10, .left), TableColumn("RULE", fixed[1], .left),
            TableColumn("OBJECT", object, .left), TableColumn("FILE:LINE", fixed[2], .left),
        ]
        if isWide { columns.append(TableColumn("STATE", 9, .left)) }
        self.table(
            columns: columns, count: table.rows.count, scroll: chosen, in: area,
            marked: table.list.marked(FindingsTable.orders, in: columns), descending: table.list.descending
        ) { table.rows[$0].tableRow(isWide: isWide, placeColumns: fixed[2]) }
    }

    /// Draws what is wrong with the chosen finding, what to do, its statement with the place marked, and what
    /// the keys do about it.
    private mutating func draw(_ row: FindingsTable.Row, _ utcOffset: Int, in area: Rectangle) {
        let width = area.columns - 2
        let words = wrapped(row.words(utcOffset), to: width)
        let split = area.split(top: area.rows - 1)
        lines([row.keys], in: split.rest)
        guard let finding = row.finding else {
            lines(words, in: split.top)
            return
        }
        let rows = split.top.rows
        let all = finding.statementLines(columns: width).lines.count
        // The statement keeps a few rows, however much there is to say.
        let kept = min(all, max(3, rows - words.count))
        let said = lines(Array(words.prefix(max(0, rows - kept))), in: split.top)
        let rest = split.top.split(top: said - area.row).rest
        lines(finding.statementLines(columns: width, rows: rest.rows), in: rest)
    }
}

extension FindingsTable.Row {
    /// The rule and the place.
    fileprivate var heading: String {
        guard let issue = finding?.issue else { return decision.map { "\($0.finding)" } ?? "" }
        let column = issue.line > 0 && issue.column > 0 ? ":\(issue.column)" : ""
        return "\(issue.rule)  \(issue.place)\(column)"
    }

    /// What is wrong, what to do about it, and what was decided.
    fileprivate func words(_ utcOffset: Int) -> [PageLine] {
        guard let issue = finding?.issue else {
            return [
                PageLine("This decision matches nothing any more. u takes it back.", .statusWarn),
                PageLine(decision?.words(utcOffset) ?? ""),
            ]
        }
        var lines = [
            PageLine("\(issue.objectType) \(issue.object): \(issue.reason)", issue.state.markToken)
        ]
        if !issue.suggestion.isEmpty { lines.append(PageLine("To mend it: \(issue.suggestion)")) }
        if let decision { lines.append(PageLine(decision.words(utcOffset), .textStrong)) }
        return lines + (finding?.links ?? []).map { PageLine($0, .textMuted) }
    }

    /// What the keys do about it.
    fileprivate var keys: PageLine {
        guard let finding else { return PageLine("u takes it back", .textMuted) }
        var words = ["e edits the file"]
        if !finding.diff.isEmpty { words.append("f mends it, after its diff") }
        if decision != nil {
            words.append("u takes the decision back")
        } else {
            words.append("u waives it")
            if finding.issue.severity != .blocking { words.append("c accepts it") }
        }
        return PageLine((words + ["r analyzes again"]).joined(separator: "  "), .textMuted)
    }

    /// The page with everything about it.
    func details(_ utcOffset: Int) -> DetailsPage {
        guard let finding else {
            return DetailsPage(
                title: "Decision", lines: [PageLine(heading, .textStrong)] + words(utcOffset), sql: nil)
        }
        var lines =
            [
                PageLine(finding.title, .textStrong), PageLine(heading),
            ] + words(utcOffset)
        if finding.issue.line > 0 { lines.append(PageLine("")) }
        lines += finding.statementLines(columns: DetailsPage.columnsOfVerbatim).lines
        if !finding.diff.isEmpty {
            lines += [PageLine(""), PageLine("f changes the file so:", .textStrong)]
            lines += finding.diffLines(columns: DetailsPage.columnsOfVerbatim)
        }
        return DetailsPage(title: "Finding", lines: lines, sql: finding.statement.text)
    }

    fileprivate func tableRow(isWide: Bool, placeColumns: Int) -> TableRow {
        switch self {
        case .unmatched(let decision):
            let cells = ["? no match", decision.finding.rule, decision.finding.object ?? "every object", ""]
            return TableRow(isWide ? cells + [decision.kind.rawValue] : cells, token: .statusWarn)
        case .finding(let finding, let decision):
            let issue = finding.issue
            let severity = "\(issue.severity.mark) \(issue.severity.rawValue)"
            let state = decision.map { "\($0.kind.mark) \($0.kind.rawValue)" }
            // A narrow table has no column for the state: it stands in place of the severity.
            let path = issue.file.split(separator: "/")
            let name = isWide ? path.dropFirst().joined(separator: "/") : path.last.map(String.init) ?? ""
            // The line is shown in any case.
            let line = issue.line > 0 ? ":\(issue.line)" : ""
            let place = clipped(name, to: placeColumns - line.count) + line
            let cells = [isWide ? severity : state ?? severity, issue.rule, issue.object, place]
            return TableRow(
                isWide ? cells + [state ?? "open"] : cells,
                token: decision == nil ? issue.state.markToken : .textMuted)
        }
    }
}

extension SchemaIssue.Severity {
    fileprivate var mark: String {
        switch self {
        case .blocking: "✗"
        case .warning: "!"
        case .info: "·"
        }
    }
}

extension SchemaDecision {
    /// Who has decided what, when and why.
    func words(_ utcOffset: Int) -> String {
        let what = "\(kind.rawValue) by \(by), \(dateAndTime(at, utcOffset: utcOffset))"
        return what + (reason.isEmpty ? "" : ": \(reason)")
    }
}

extension SchemaDecision.Kind {
    fileprivate var mark: String {
        switch self {
        case .accepted: "✓"
        case .waived: "⊘"
        }
    }
}

extension CheckResult.State {
    /// The token of a finding: a note is plain text.
    var markToken: Token {
        switch self {
        case .ok: .text
        case .warning: .statusWarn
        case .failure: .statusError
        }
    }
}
