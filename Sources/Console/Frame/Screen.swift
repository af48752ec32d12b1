import Engine

/// The size of the smallest terminal that can show the console.
package let rowsMin = 24
package let columnsMin = 80

/// Whether the console can be drawn on a terminal of that size.
package func fits(rows: Int, columns: Int) -> Bool { rows >= rowsMin && columns >= columnsMin }

/// Draws the whole screen: identity bar, phase rail, page, what needs the operator, key hints, notice, and a
/// dialog over them.
package func render(_ state: ConsoleState, _ data: ConsoleData, onto canvas: inout Canvas) {
    guard fits(rows: canvas.rows, columns: canvas.columns) else {
        drawTooSmall(&canvas)
        return
    }
    canvas.drawIdentityBar(data)
    canvas.drawPhaseRail(data)
    let body = Rectangle(row: 2, column: 0, rows: canvas.rows - 5, columns: canvas.columns)
    state.page.draw(state.shown(data), on: &canvas, in: body)
    canvas.drawFrozen(state, data, in: body)
    canvas.drawNeeds(state, data, row: canvas.rows - 3)
    canvas.drawHints(state, data, row: canvas.rows - 2)
    canvas.drawNotice(state, data, row: canvas.rows - 1)
    if let dialog = state.dialog { canvas.draw(dialog, for: data.status?.environment) }
}

extension Canvas {
    /// Draws the worst of what needs the operator, and how many more there are.
    fileprivate mutating func drawNeeds(_ state: ConsoleState, _ data: ConsoleData, row: Int) {
        let needs = data.openNeeds
        guard let first = needs.first else { return }
        let token = first.severity.token
        if first.severity == .critical {
            fill(Rectangle(row: row, column: 0, rows: 1, columns: columns), token: token)
        }
        let words = " " + first.severity.word + oneLine(first.sentence)
        let others = needs.count > 1 ? "  ! \(needs.count - 1) more " : ""
        let way = first.alert?.action.map { "  → \($0.words) (!) " } ?? ""
        let isWayShown = textWidth(words + way + others) <= columns
        let more = (isWayShown ? way : "") + others
        write(words, row: row, column: 0, token: token, limit: columns - textWidth(more))
        writeRight(more, row: row, endColumn: columns, token: token)
    }

    /// Says on the page's frame that its numbers stand still. What needs the operator stays in its line.
    fileprivate mutating func drawFrozen(_ state: ConsoleState, _ data: ConsoleData, in body: Rectangle) {
        guard let frozen = state.frozen, !state.isOverFrozen else { return }
        write(
            " ‖ FROZEN for \(duration(max(0, data.now - frozen.now).rounded(.down))), the work goes on: "
                + "Space ends it ", row: body.endRow - 1, column: 2, token: .statusWarn, limit: columns - 4)
    }

    fileprivate mutating func drawNotice(_ state: ConsoleState, _ data: ConsoleData, row: Int) {
        guard let notice = state.notice else { return }
        let word = notice.level == .info ? "" : notice.level.word
        let lines = wrapped(word + notice.text, to: columns - 2)
        guard lines.count > 1 else {
            write(" " + (lines.first ?? ""), row: row, column: 0, token: notice.level.token, limit: columns)
            return
        }
        // A long sentence lies over the end of the page until the next key; its remedy is at its end.
        let shown = lines.prefix(Self.noticeRowsMax)
        let first = row - 2 - shown.count
        fill(Rectangle(row: first, column: 0, rows: shown.count, columns: columns), token: .panel)
        for (offset, line) in shown.enumerated() {
            write(" " + line, row: first + offset, column: 0, token: notice.level.token, limit: columns)
        }
    }

    private static let noticeRowsMax = 8
}

private func drawTooSmall(_ canvas: inout Canvas) {
    let lines = [
        "Switchback needs \(columnsMin)x\(rowsMin), this is \(canvas.columns)x\(canvas.rows).",
        "The migration continues. q leaves the console.",
    ]
    var row = 0
    for line in lines.flatMap({ wrapped($0, to: canvas.columns) }) {
        canvas.write(line, row: row, column: 0)
        row += 1
    }
}
