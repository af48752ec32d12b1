import Engine
import Records

/// One side of the stream on the dashboard: the rate now with its trend first, then the manual's numbers,
/// then the role's details.
struct RatePanel {
    var title: String
    /// Changes per second now; nil if it is not known.
    var now: Double?
    var rates: RateHistory?
    var metrics: [Metric]
    var details: [Metric]
    /// Why none of these numbers is fresh, in a few words; nil if they are.
    var staleness: String?

    /// The numbers of the export, for a moment in seconds since 1970.
    static func export(_ status: MigrationStatus, _ direction: Records.Direction, at now: Double) -> RatePanel
    {
        let capture = status.capture(direction)
        return RatePanel(
            title: "Export from \(direction.origin.rawValue)",
            now: capture == nil || status.phase.direction == nil ? nil : status.exportedPerSecond,
            rates: capture?.rates,
            metrics: status.exportMetrics(direction), details: status.exportDetails(direction),
            staleness: status.staleness(of: capture, on: direction.origin, at: now))
    }

    /// The numbers of the import.
    static func `import`(_ status: MigrationStatus, _ direction: Records.Direction, at now: Double)
        -> RatePanel
    {
        let apply = status.apply(direction)
        return RatePanel(
            title: "Import to \(direction.destination.rawValue)"
                + (status.channelsInWords.map { ", \($0)" } ?? ""),
            now: apply == nil || status.phase.direction == nil ? nil : status.importedPerSecond,
            rates: apply?.rates,
            metrics: status.importMetrics(direction), details: status.importDetails(direction),
            staleness: status.staleness(of: apply, on: direction.destination, at: now))
    }

    /// The rows that the manual's numbers take in so many columns: a long one takes two.
    func metricRows(columns: Int) -> Int {
        metrics.reduce(0) { $0 + ($1.fits(columns) ? 1 : 2) }
    }
}

extension MigrationStatus {
    /// Why the numbers of a role are not fresh: its server does not answer, or it has published none lately.
    fileprivate func staleness(of role: (some RoleStatus)?, on side: Side, at now: Double) -> String? {
        if let health = servers[side], health.isAway {
            let age = health.since.map { " for " + duration(max(0, now - $0).rounded(.down)) } ?? ""
            return "\(side.rawValue.uppercased()) DOES NOT ANSWER\(age)"
        }
        guard let role, phase.direction != nil, role.state.word != .done else { return nil }
        // A time in the future means that the clock was set back.
        let age = abs(now - role.publishedAt)
        return age > ConsoleData.staleAfterSeconds ? "STALE \(duration(age.rounded(.down)))" : nil
    }
}

extension Canvas {
    /// Draws a panel. `charts` is the number of rows for the trend; 0 leaves the trend beside the rate.
    mutating func draw(_ panel: RatePanel, charts: Int, in area: Rectangle) {
        box(area, title: panel.title)
        if let staleness = panel.staleness {
            writeRight(
                " ✗ \(staleness) ", row: area.row, endColumn: area.endColumn - 2, token: .statusError)
        }
        let token: Token = panel.staleness == nil ? .textStrong : .dataStale
        var rest = Rectangle(
            row: area.row + 1, column: area.column + 2, rows: area.rows - 2, columns: area.columns - 4)
        drawRate(panel, charts: charts, token: token, in: &rest)
        let row = drawMetrics(
            panel.metrics.map { $0.marked(isStale: panel.staleness != nil) }, in: rest, token: token)
        for (offset, detail) in panel.details.prefix(max(0, rest.endRow - row)).enumerated() {
            let detail = detail.marked(isStale: panel.staleness != nil)
            write(
                detail.label.padding(to: 14) + detail.value, row: row + offset, column: rest.column,
                token: panel.staleness == nil ? .textMuted : .dataStale, limit: rest.columns)
        }
    }

    private mutating func drawRate(_ panel: RatePanel, charts: Int, token: Token, in rest: inout Rectangle) {
        let mark = panel.staleness == nil ? "" : " ?"
        let rate = (panel.now.map { "\(Int64($0.rounded()))/s" } ?? unknown) + (panel.now == nil ? "" : mark)
        let peak = "peak " + (panel.rates.map { "\(Int64($0.peak.rounded()))/s" } ?? unknown)
        let start = write("now " + rate, row: rest.row, column: rest.column, token: token) + 1
        writeRight(peak, row: rest.row, endColumn: rest.endColumn, token: .textMuted)
        let room = rest.endColumn - textWidth(peak) - 1 - start
        if charts == 0, room > 4, let rates = panel.rates {
            let area = Rectangle(row: rest.row, column: start, rows: 1, columns: room)
            sparkline(Sparkline(rates.last3Minutes.rates), in: area)
        }
        rest = rest.split(top: 1).rest
        guard charts > 0 else { return }
        let trend = rest.split(top: charts)
        rest = trend.rest
        guard let rates = panel.rates else { return }
        // The last minutes side by side, the whole run below them.
        let upper = trend.top.rows > 1 ? trend.top.split(top: trend.top.rows - 1).top : trend.top
        let half = (upper.columns - 1) / 2
        let left = Rectangle(row: upper.row, column: upper.column, rows: upper.rows, columns: half)
        let right = Rectangle(
            row: upper.row, column: upper.column + half + 1, rows: upper.rows,
            columns: upper.columns - half - 1)
        drawTrend("3 min", rates.last3Minutes, in: left)
        drawTrend("10 min", rates.last10Minutes, in: right)
        if trend.top.rows > 1 {
            drawTrend("all", rates.run, in: trend.top.split(top: trend.top.rows - 1).rest)
        }
    }

    private mutating func drawTrend(_ label: String, _ samples: RateSamples, in area: Rectangle) {
        let start = write(label + " ", row: area.endRow - 1, column: area.column, token: .textMuted)
        sparkline(
            Sparkline(samples.rates),
            in: Rectangle(
                row: area.row, column: start, rows: area.rows, columns: max(0, area.endColumn - start)))
    }
}
