import Engine
import Records

extension SchemaPage {
    /// Rows from which the statement of a finding is shown below the questions, too.
    private static let rowsForStatement = 16

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: title(data), token: .borderFocus)
        let inner = area.inner
        // While the findings have the focus, the questions are one line, so that they get the room.
        if showsFindings(data), questions.line != nil || takesText {
            drawStrip(data, on: &canvas, in: inner)
            let rest = drawWords(data, on: &canvas, in: inner.split(top: 1).rest)
            let split = rest.split(top: rest.rows - (deciding == nil ? 0 : 3))
            canvas.draw(
                table, chosen: questions.scroll, showsStatement: true, utcOffset: data.utcOffset,
                in: split.top)
            if let deciding { canvas.draw(deciding, in: split.rest) }
        } else {
            let rest = drawQuestions(data, on: &canvas, in: inner)
            drawResult(data, on: &canvas, in: rest)
        }
    }

    /// Draws what the chosen step has found, below the questions.
    private func drawResult(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        guard showsFindings(data) else {
            let hasFocus = questions.line != nil
            return canvas.list(lines(data), scroll: listScroll(data), hasFocus: hasFocus, in: area)
        }
        if table.rows.isEmpty, !table.list.hasFilter {
            let said = (record(data)?.lines ?? []).map { PageLine($0, .textMuted) }
            canvas.lines([PageLine("✓ Nothing was found.", .statusOK)] + said, in: area)
            return
        }
        let showsStatement = area.rows >= Self.rowsForStatement
        let split = area.split(top: area.rows - 1)
        canvas.draw(
            table, chosen: nil, showsStatement: showsStatement, utcOffset: data.utcOffset, in: split.top)
        canvas.lines(
            [PageLine("Tab moves to the findings: what is wrong, and what to do about each.", .textMuted)],
            in: split.rest)
    }

    /// `Schema  2 blocking, 1 warning open  1 decided  filter: sales`
    private func title(_ data: ConsoleData) -> String {
        guard showsFindings(data), let review = data.schemaReview else { return "Schema" }
        let open = [
            (SchemaIssue.Severity.blocking, "blocking"), (.warning, "warning"), (.info, "info"),
        ].compactMap { severity, word in
            let number = review.open(severity)
            return number == 0 ? nil : "\(number) \(word)"
        }
        var title = "Schema  \(open.isEmpty ? "nothing" : open.joined(separator: ", ")) open"
        if review.decided > 0 { title += "  \(review.decided) decided" }
        return title + table.list.remark(FindingsTable.orders)
    }

    /// The questions of the chosen step, and how far it is. Returns the area below.
    private func drawQuestions(_ data: ConsoleData, on canvas: inout Canvas, in inner: Rectangle)
        -> Rectangle
    {
        let row = canvas.draw(questions.form, in: inner, headings: nil)
        for (offset, step) in SchemaStep.allCases.enumerated() {
            let record = data.newest[step.title]
            canvas.write(
                record?.state.mark ?? "·", row: inner.row + offset, column: inner.column + 32,
                token: record?.state.token ?? .textMuted)
        }
        let record = record(data)
        let ask = watch.isUnderWay(data) ? "  under way" : ""
        canvas.rule(
            row: row, in: inner,
            title: record.map { "\($0.state.mark) \($0.request.title): \($0.state.rawValue)\(ask)" }
                ?? "not done yet\(ask)")
        let rest = Rectangle(
            row: row + 1, column: inner.column, rows: inner.endRow - row - 1, columns: inner.columns)
        return drawWords(data, on: &canvas, in: rest)
    }

    /// Why the step was refused or what it has answered, and the long work under way. Returns the area below.
    private func drawWords(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) -> Rectangle {
        var rest = area
        let record = record(data)
        let answer = record.flatMap { showsFindings(data) && $0.state == .done ? nil : $0.answer }
        let words = watch.refusal ?? answer ?? data.inquiry?.refusal ?? ""
        if !words.isEmpty {
            let token: Token = watch.refusal == nil ? record?.state.token ?? .statusWarn : .statusError
            let lines = wrapped([PageLine(oneLine(words), token)], to: rest.columns - 2, rowsMax: 2)
            canvas.lines(lines, in: rest)
            rest = rest.split(top: lines.count).rest
        }
        let work = (data.status?.work ?? []).filter { $0.kind == .schemaImport || $0.kind == .indexBuild }
        return canvas.draw(work, at: data.now, in: rest)
    }

    /// The steps in one line, and when for which target the files were analyzed.
    private func drawStrip(_ data: ConsoleData, on canvas: inout Canvas, in inner: Rectangle) {
        var column = inner.column + 1
        for step in SchemaStep.allCases {
            let state = data.newest[step.title]?.state
            let isChosen = step == self.step
            column =
                canvas.write(
                    "\(state?.mark ?? "·") \(isChosen ? step.word.uppercased() : step.word)", row: inner.row,
                    column: column, token: isChosen ? .railCurrent : state == .done ? .railDone : .railTodo)
                + 2
        }
        guard let analysis = data.schemaReview?.analysis else { return }
        let isUnderWay = watch.isUnderWay(data)
        let room = inner.endColumn - column - 1
        let moment = "\(analysis.target), \(clock(analysis.at, utcOffset: data.utcOffset))"
        let long = "\(counted(analysis.objects, "object")), for \(moment)"
        canvas.writeRight(
            isUnderWay ? "under way" : textWidth(long) <= room ? long : moment, row: inner.row,
            endColumn: inner.endColumn - 1, token: isUnderWay ? .statusWaiting : .textMuted,
            limit: max(0, room))
    }

    /// The newest line of a step under way is in view, unless the operator moves in the list.
    private func listScroll(_ data: ConsoleData) -> Scroll {
        var scroll = questions.scroll
        if questions.line == nil, watch.isUnderWay(data) { scroll.selected = lines(data).count - 1 }
        return scroll
    }
}

extension Canvas {
    /// Draws the decision that is being made: what, the reason, and what the keys do.
    fileprivate mutating func draw(_ input: DecisionInput, in area: Rectangle) {
        rule(row: area.row, in: area, title: input.title)
        write("Why?", row: area.row + 1, column: area.column + 1, token: .textStrong)
        self.input(
            input.reason, row: area.row + 1, column: area.column + 6, columns: area.columns - 8, focused: true
        )
        write(
            input.help, row: area.row + 2, column: area.column + 1, token: .textMuted,
            limit: area.columns - 2)
    }
}
