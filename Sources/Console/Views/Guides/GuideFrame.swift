import Engine

extension Canvas {
    /// Draws a guide: its five steps in the first row, and the page of the current step below.
    mutating func drawGuide(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        box(area, title: "\(guide.kind.rawValue): \(guide.step.title)", token: .borderFocus)
        let inner = area.inner
        var column = inner.column + 1
        for step in GuideStep.allCases {
            let isDone = step.rawValue < guide.step.rawValue
            let mark = isDone ? "✓" : step == guide.step ? "▶" : "·"
            let token: Token = isDone ? .railDone : step == guide.step ? .railCurrent : .railTodo
            column =
                write(
                    "\(mark) \(step.rawValue + 1) \(step.title)", row: inner.row, column: column, token: token
                ) + 3
        }
        let page = Rectangle(
            row: inner.row + 1, column: inner.column, rows: inner.rows - 1, columns: inner.columns)
        switch guide.step {
        case .ask: drawQuestions(guide, data, in: page)
        case .check: drawChecks(guide, data, in: page)
        case .plan: drawPlan(guide, data, in: page)
        case .act: drawProgress(guide, data, in: page)
        case .result: drawResult(guide, data, in: page)
        }
    }

    private mutating func drawQuestions(_ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        var area = area
        if guide.kind != .prepare {
            for line in wrapped(guide.kind.introduction, to: area.columns - 2) {
                write(line, row: area.row, column: area.column + 1, token: .textMuted)
                area = area.split(top: 1).rest
            }
            area = area.split(top: 1).rest
        }
        let headings = guide.kind == .prepare ? (left: "SOURCE", right: "TARGET") : nil
        draw(guide.form, in: area, headings: headings)
        if let problem = guide.problem {
            write(
                "✗ " + problem, row: area.endRow - 1, column: area.column + 1, token: .statusError,
                limit: area.columns - 2)
            return
        }
        // Earlier requests, so that a console opened again shows what was done.
        let done = guide.kind.titles.compactMap { data.newest[$0] }
        for (offset, record) in done.enumerated() {
            let line = "\(record.state.mark) \(record.request.title): \(record.answer)"
            write(
                line, row: area.endRow - done.count + offset, column: area.column + 1,
                token: record.state.token,
                limit: area.columns - 2)
        }
    }

    /// Draws a page: fixed lines at the top, a list in the middle, and one line at the foot for the keys.
    mutating func drawPage(
        head: [PageLine], list: [PageLine], scroll: Scroll?, foot: PageLine, in area: Rectangle
    ) {
        var row = area.row
        for line in head.prefix(area.rows - 2) {
            write(line.text, row: row, column: area.column + 1, token: line.token, limit: area.columns - 2)
            row += 1
        }
        let listRows = area.endRow - 1 - row
        for (offset, index) in (scroll ?? Scroll()).window(count: list.count, rows: listRows).enumerated() {
            let isSelected = scroll?.selected == index
            let token: Token = isSelected ? .selection : list[index].token
            if isSelected {
                fill(
                    Rectangle(row: row + offset, column: area.column, rows: 1, columns: area.columns),
                    token: token)
            }
            write(
                (isSelected ? ">" : " ") + list[index].text, row: row + offset, column: area.column,
                token: token,
                limit: area.columns - 1)
        }
        write(
            foot.text, row: area.endRow - 1, column: area.column + 1, token: foot.token,
            limit: area.columns - 2)
    }
}

/// A line of a guide's page.
struct PageLine: Equatable {
    var text: String
    var token: Token

    init(_ text: String, _ token: Token = .text) {
        self.text = text
        self.token = token
    }
}

extension RequestRecord.State {
    var mark: String {
        switch self {
        case .waiting: "·"
        case .running: "▶"
        case .done: "✓"
        case .refused, .failed: "✗"
        }
    }

    var token: Token {
        switch self {
        case .waiting, .running: .statusWaiting
        case .done: .statusOK
        case .refused, .failed: .statusError
        }
    }
}

extension CheckResult.State {
    var mark: String {
        switch self {
        case .ok: "✓ ok  "
        case .warning: "! warn"
        case .failure: "✗ FAIL"
        }
    }

    var token: Token {
        switch self {
        case .ok: .statusOK
        case .warning: .statusWarn
        case .failure: .statusError
        }
    }
}

extension GuideKind {
    /// The purpose of the guide.
    fileprivate var introduction: String {
        switch self {
        case .prepare: "Both databases, and what has to be changed first."
        case .schema:
            "Creates the tables on the target. Indexes and triggers follow after the snapshot, which is "
                + "faster."
        case .liveMigration: "Copies all rows as of one moment and then streams every change made since."
        case .cutoverToTarget:
            "Makes the source read-only, applies the remaining changes, checks that none is missing and "
                + "releases the application to the target. Until the release everything can be undone."
        case .cutoverToSource:
            "Makes the target read-only, applies the remaining changes to the source and releases the "
                + "application to it."
        case .end:
            "Removes everything that Switchback set up on both databases. This cannot be undone."
        }
    }
}
