import Engine
import Records

/// The panels of the dashboard. One of them can be shown alone.
enum DashboardPanel: CaseIterable, Sendable {
    case export
    case importing
    case tables
    case events

    /// The next one to be shown alone; nil for all together.
    var next: DashboardPanel? {
        let all = DashboardPanel.allCases
        let index = all.firstIndex(of: self).map { $0 + 1 } ?? 0
        return index < all.count ? all[index] : nil
    }
}

/// The rows that the dashboard gives to its parts, by the size of the screen.
private struct DashboardLayout {
    /// Rows of the trend in a panel; 0 puts it beside the rate.
    let chartRows: Int
    let detailRows: Int
    /// Rows of events and gates, borders included; 0 on a low screen.
    let lowerRows: Int

    init(rows: Int) {
        switch rows {
        case ..<27: (chartRows, detailRows, lowerRows) = (0, 0, 0)
        case ..<31: (chartRows, detailRows, lowerRows) = (2, 2, 0)
        case ..<42: (chartRows, detailRows, lowerRows) = (2, 3, 9)
        default: (chartRows, detailRows, lowerRows) = (4, 7, 12)
        }
    }
}

extension Canvas {
    /// Draws the dashboard: the source's numbers on the left, the target's on the right, below them the way
    /// of the changes and the tables, the worst first.
    mutating func drawDashboard(
        _ tables: [TableStatus], _ scroll: Scroll, alone: DashboardPanel?, _ data: ConsoleData,
        in area: Rectangle
    ) {
        guard let status = data.status else {
            box(area, title: "Dashboard")
            write("Waiting for the first status.", row: area.row + 1, column: 2, token: .textMuted)
            return
        }
        let direction = data.direction
        let export = RatePanel.export(status, direction, at: data.now)
        let importing = RatePanel.import(status, direction, at: data.now)
        // Line mode reads one panel after the other.
        if numbersLines {
            let height = area.rows / 4
            for (index, panel) in DashboardPanel.allCases.enumerated() {
                draw(
                    panel, export, importing, tables, scroll, data,
                    in: Rectangle(
                        row: area.row + index * height, column: area.column, rows: height,
                        columns: area.columns))
            }
            return
        }
        if let alone {
            draw(alone, export, importing, tables, scroll, data, in: area)
            return
        }
        let layout = DashboardLayout(rows: area.rows)
        let left = area.columns / 2
        let inner = left - 4
        let metricRows = max(export.metricRows(columns: inner), importing.metricRows(columns: inner))
        let height = 3 + layout.chartRows + metricRows + layout.detailRows
        // Neighbours share their border.
        let leftArea = Rectangle(row: area.row, column: area.column, rows: height, columns: left)
        let rightArea = Rectangle(
            row: area.row, column: area.column + left - 1, rows: height, columns: area.columns - left + 1)
        let isForward = direction.origin == .source
        draw(export, charts: layout.chartRows, in: isForward ? leftArea : rightArea)
        draw(importing, charts: layout.chartRows, in: isForward ? rightArea : leftArea)
        let rest = Rectangle(
            row: area.row + height - 1, column: area.column,
            rows: area.rows - height + 1 - max(0, layout.lowerRows - 1), columns: area.columns)
        drawTableList(tables, scroll, data, in: rest)
        var joints = [
            ("┬", area.row, left - 1), ("├", rest.row, 0), ("┴", rest.row, left - 1),
            ("┤", rest.row, columns - 1),
        ]
        if layout.lowerRows > 0 {
            let lower = Rectangle(
                row: rest.endRow - 1, column: area.column, rows: layout.lowerRows, columns: area.columns)
            drawEventsAndGates(data, in: lower)
            joints += [
                ("├", lower.row, 0), ("┬", lower.row, left - 1), ("┤", lower.row, columns - 1),
                ("┴", lower.endRow - 1, left - 1),
            ]
        }
        for (joint, row, column) in joints { write(joint, row: row, column: column, token: .border) }
    }

    private mutating func draw(
        _ panel: DashboardPanel, _ export: RatePanel, _ importing: RatePanel, _ tables: [TableStatus],
        _ scroll: Scroll, _ data: ConsoleData, in area: Rectangle
    ) {
        let charts = max(2, area.rows - 20)
        switch panel {
        case .export: draw(export, charts: charts, in: area)
        case .importing: draw(importing, charts: charts, in: area)
        case .tables: drawTableList(tables, scroll, data, in: area)
        case .events: drawEventsAndGates(data, in: area)
        }
    }

    private mutating func drawTableList(
        _ tables: [TableStatus], _ scroll: Scroll, _ data: ConsoleData, in area: Rectangle
    ) {
        guard let status = data.status else { return }
        let progress = status.snapshotProgress
        let mark = progress.of > 0 && progress.done == progress.of ? " ✓" : ""
        box(area, title: "Tables, worst first  snapshot \(progress.done)/\(progress.of)\(mark)")
        var inner = area.inner
        guard !status.tables.isEmpty else {
            let words =
                status.phase.group == .prepare || status.phase.group == .schema
                ? "No table yet. 4 opens the guide of this phase." : "No table is known yet."
            write(words, row: inner.row, column: inner.column + 1, token: .textMuted)
            return
        }
        let isStale = !data.isFresh(status)
        let head =
            status.phase == .snapshot
            ? status.snapshotWork.map { PageLine($0.words(at: data.now)) }
            : status.phase.direction == nil
                ? []
                : [status.pathLine(isStale: isStale), status.dangerLine(isStale: isStale)]
                    + (status.readiness.map { [PageLine($0.words, .textStrong)] } ?? [])
        lines(head, in: inner)
        inner = inner.split(top: min(head.count, inner.rows)).rest
        drawTableRows(
            tables, status, data, scroll: scroll, in: inner)
    }
}
