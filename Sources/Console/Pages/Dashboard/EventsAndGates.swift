import Engine
import Records

extension Canvas {
    /// Draws the panels that a tall screen has below the tables: the newest events, and the gates of the next
    /// cutover.
    mutating func drawEventsAndGates(_ data: ConsoleData, in area: Rectangle) {
        // Line mode reads one panel after the other.
        if numbersLines {
            let halves = area.split(top: area.rows / 2)
            drawNewestEvents(data, in: halves.top)
            drawNextCutover(data, in: halves.rest)
            return
        }
        let left = area.columns / 2
        let eventsArea = Rectangle(row: area.row, column: area.column, rows: area.rows, columns: left)
        let gatesArea = Rectangle(
            row: area.row, column: area.column + left - 1, rows: area.rows, columns: area.columns - left + 1)
        drawNewestEvents(data, in: eventsArea)
        drawNextCutover(data, in: gatesArea)
    }

    private mutating func drawNewestEvents(_ data: ConsoleData, in eventsArea: Rectangle) {
        box(eventsArea, title: "Latest events")
        let inner = eventsArea.inner
        for (offset, event) in data.events.suffix(inner.rows).enumerated() {
            let token: Token =
                switch event.level {
                case .info: .statusInfo
                case .warning: .statusWarn
                case .error, .critical: .statusError
                }
            write(
                "\(clock(event.at, utcOffset: data.utcOffset)) \(event.origin.padding(to: 8)) "
                    + "\(event.message)",
                row: inner.row + offset, column: inner.column + 1, token: token, limit: inner.columns - 2)
        }
    }

    private mutating func drawNextCutover(_ data: ConsoleData, in area: Rectangle) {
        guard let status = data.status else { return }
        switch status.phase {
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource:
            let gates = status.gates
            let met = gates.count { $0.state == .green }
            let side = status.nextCutover?.rawValue ?? unknown
            box(area, title: "Ready for the cutover to \(side)?  \(met) of \(gates.count)")
            for (offset, gate) in gates.worstFirst.prefix(area.rows - 2).enumerated() {
                let line = gate.line(now: data.now)
                write(
                    line.text, row: area.row + 1 + offset, column: area.column + 2, token: line.token,
                    limit: area.columns - 4)
            }
        case .prepare, .schema, .complete, .ended:
            box(area, title: "What comes next")
            write(
                "4 opens the guide: \(PageID.ofPhase(status.phase).title)", row: area.row + 1,
                column: area.column + 2, token: .textMuted, limit: area.columns - 4)
        }
    }
}
