import Engine

extension Canvas {
    /// Draws the event log, oldest first. Following keeps the newest line in view.
    mutating func drawLog(_ state: LogState, _ data: ConsoleData, in area: Rectangle) {
        let lines = state.lines(data)
        box(
            area,
            title: "Log  FOLLOW \(state.follows ? "on" : "off")  level >= \(state.level.rawValue)"
                + "\(state.list.remark(LogState.orders))  \(lines.count) of \(data.events.count) shown")
        let inner = area.inner
        guard !lines.isEmpty else {
            write("Nothing to show.", row: inner.row, column: inner.column + 1, token: .textMuted)
            return
        }
        var scroll = state.list.scroll
        scroll.selected = state.chosen(lines)
        // The chosen line is shown in full below the list, because most lines do not fit.
        let detail = wrapped(lines[scroll.selected].message, to: inner.columns - 2).prefix(3)
        let listRows = inner.rows - detail.count - 1
        let window = scroll.window(count: lines.count, rows: listRows)
        for (offset, index) in window.enumerated() {
            draw(
                lines[index], row: inner.row + offset, area: inner, utcOffset: data.utcOffset,
                isSelected: index == scroll.selected)
        }
        let rule = String(repeating: "─", count: inner.columns)
        write(rule, row: inner.row + listRows, column: inner.column, token: .border)
        for (offset, line) in detail.enumerated() {
            write(line, row: inner.row + listRows + 1 + offset, column: inner.column + 1)
        }
    }

    private mutating func draw(_ event: LogEvent, row: Int, area: Rectangle, utcOffset: Int, isSelected: Bool)
    {
        let level =
            switch event.level {
            case .info: "INFO "
            case .warning: "WARN "
            case .error, .critical: "ERROR"
            }
        let token: Token =
            switch event.level {
            case .info: .statusInfo
            case .warning: .statusWarn
            case .error, .critical: .statusError
            }
        let origin = event.origin.padding(to: 9)
        let line = "\(clock(event.at, utcOffset: utcOffset)) \(level) \(origin) \(event.message)"
        if isSelected {
            fill(Rectangle(row: row, column: area.column, rows: 1, columns: area.columns), token: .selection)
        }
        write(
            (isSelected ? ">" : " ") + line, row: row, column: area.column,
            token: isSelected ? .selection : token,
            limit: area.columns)
    }
}
