import Engine
import Records

extension Canvas {
    /// Draws the dashboard: the numbers of the source on the left and of the target on the right, and the
    /// tables below.
    mutating func drawDashboard(
        _ tables: [TableStatus], _ scroll: Scroll, _ data: ConsoleData, in area: Rectangle
    ) {
        guard let status = data.status else {
            box(area, title: "Dashboard")
            write("Waiting for the first status.", row: area.row + 1, column: 2, token: .textMuted)
            return
        }
        let direction = data.direction
        let left = columns / 2
        let isTall = rows >= 36
        let isWide = columns >= 120
        let metricRows = isWide ? 7 : 9
        let height = metricRows + 2 + (isTall ? 4 : 0)
        // Neighbours share their border.
        let sourceArea = Rectangle(row: area.row, column: 0, rows: height, columns: left)
        let targetArea = Rectangle(row: area.row, column: left - 1, rows: height, columns: columns - left + 1)
        let eventsAndGatesRows = isTall ? Canvas.eventsAndGatesRows : 0
        let rest = Rectangle(
            row: area.row + height - 1, column: 0,
            rows: area.rows - height + 1 - max(0, eventsAndGatesRows - 1),
            columns: columns)
        let eventsAndGates = Rectangle(
            row: rest.endRow - 1, column: 0, rows: eventsAndGatesRows, columns: columns)
        let exportArea = direction.origin == .source ? sourceArea : targetArea
        let importArea = direction.origin == .source ? targetArea : sourceArea
        let token: Token = data.isStale ? .dataStale : .textStrong
        drawPanel(
            "Export from \(direction.origin.rawValue)", status.exportMetrics(direction),
            details: status.exportDetails(direction), in: exportArea, token: token)
        drawPanel(
            "Import to \(direction.destination.rawValue)" + (status.channelsInWords.map { ", \($0)" } ?? ""),
            status.importMetrics(direction),
            details: status.importDetails(direction), in: importArea, token: token)
        drawTableList(tables, scroll, status, direction, in: rest)
        var joints = [
            ("┬", area.row, left - 1), ("├", rest.row, 0), ("┴", rest.row, left - 1),
            ("┤", rest.row, columns - 1),
        ]
        if isTall {
            drawEventsAndGates(data, in: eventsAndGates)
            joints += [
                ("├", eventsAndGates.row, 0), ("┬", eventsAndGates.row, left - 1),
                ("┤", eventsAndGates.row, columns - 1),
                ("┴", eventsAndGates.endRow - 1, left - 1),
            ]
        }
        for (joint, row, column) in joints { write(joint, row: row, column: column, token: .border) }
    }

    /// Rows of the panels below the tables, borders included.
    private static let eventsAndGatesRows = 9

    private mutating func drawPanel(
        _ title: String, _ metrics: [Metric], details: [Metric], in area: Rectangle, token: Token
    ) {
        box(area, title: title)
        let inner = Rectangle(
            row: area.row + 1, column: area.column + 2, rows: area.rows - 2, columns: area.columns - 4)
        let row = drawMetrics(metrics, in: inner, token: token)
        let below = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row, columns: inner.columns)
        for (offset, detail) in details.prefix(below.rows).enumerated() {
            let line =
                detail.label + " " + String(repeating: " ", count: max(0, 13 - detail.label.count))
                + detail.value
            write(
                line, row: below.row + offset, column: below.column, token: .textMuted, limit: below.columns)
        }
    }

    private mutating func drawTableList(
        _ tables: [TableStatus], _ scroll: Scroll, _ status: MigrationStatus,
        _ direction: Records.Direction, in area: Rectangle
    ) {
        let progress = status.snapshotProgress
        let mark = progress.of > 0 && progress.done == progress.of ? " ✓" : ""
        box(area, title: "Tables  snapshot \(progress.done)/\(progress.of)\(mark)")
        let inner = area.inner
        guard !status.tables.isEmpty else {
            let words =
                status.phase.group == .prepare || status.phase.group == .schema
                ? "No table yet. 4 opens the guide of this phase." : "No table is known yet."
            write(words, row: inner.row, column: inner.column + 1, token: .textMuted)
            return
        }
        drawTableRows(
            tables, status, direction, scroll: scroll, in: inner, marked: nil,
            descending: false)
    }
}
