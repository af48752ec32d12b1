import Engine

/// The size of the smallest terminal that can show the console.
package let rowsMin = 24
package let columnsMin = 80

/// Whether the console can be drawn on a terminal of that size.
package func fits(rows: Int, columns: Int) -> Bool { rows >= rowsMin && columns >= columnsMin }

/// Draws the whole screen: identity bar, phase rail, view, alert line, key hints, notice line, and a dialog
/// over them.
package func render(_ state: ViewState, _ data: ConsoleData, onto canvas: inout Canvas) {
    guard fits(rows: canvas.rows, columns: canvas.columns) else {
        drawTooSmall(&canvas)
        return
    }
    canvas.drawIdentityBar(data)
    canvas.drawPhaseRail(data)
    let body = Rectangle(row: 2, column: 0, rows: canvas.rows - 5, columns: canvas.columns)
    if state.helpIsOpen {
        canvas.drawHelp(state, data, in: body)
    } else {
        switch state.tab {
        case .dashboard: canvas.drawDashboard(state, data, in: body)
        case .tables: canvas.drawTables(state.tables, data, in: body)
        case .log: canvas.drawLog(state.log, data, in: body)
        case .incidents: canvas.drawIncidents(state.incidentsScroll, data, in: body)
        case .guide: if let guide = state.guide { canvas.drawGuide(guide, data, in: body) }
        }
    }
    if let alert = data.alert {
        canvas.write(
            " " + alert.word + alert.text, row: canvas.rows - 3, column: 0, token: alert.token,
            limit: canvas.columns)
    }
    canvas.drawHints(state, data, row: canvas.rows - 2)
    if let notice = state.notice {
        let word = notice.level == .info ? "" : notice.word
        canvas.write(
            " " + word + notice.text, row: canvas.rows - 1, column: 0, token: notice.token,
            limit: canvas.columns)
    }
    if let confirmation = state.confirmation { canvas.draw(confirmation) }
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
