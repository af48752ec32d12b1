import Engine
import Records

extension Canvas {
    /// Draws the steps of a cutover with their times, and the downtime.
    mutating func drawCutover(to side: Side, _ guide: Guide, _ data: ConsoleData, in area: Rectangle) {
        guard let status = data.status, let cutover = status.cutover(to: side), !cutover.steps.isEmpty
        else {
            write(
                "Waiting for the engine to begin the cutover.", row: area.row + 1, column: area.column + 1,
                token: .statusWaiting)
            return
        }
        let downtime = cutover.downtime(now: data.now).map(stopwatch) ?? unknown
        write(
            "\(cutover.mark) \(cutover.word.rawValue)", row: area.row, column: area.column + 1,
            token: cutover.token)
        writeRight("DOWNTIME \(downtime)", row: area.row, endColumn: area.endColumn - 1, token: .textStrong)
        let foot = cutover.waived + cutover.foot(data, status)
        let listRows = area.rows - 1 - foot.count
        let running =
            cutover.steps.firstIndex { $0.state == .running }
            ?? cutover.steps.lastIndex { $0.state != .pending }
        var scroll = Scroll()
        scroll.selected = running ?? 0
        for (offset, index) in scroll.window(count: cutover.steps.count, rows: listRows).enumerated() {
            draw(cutover.steps[index], number: index + 1, row: area.row + 1 + offset, data, in: area)
        }
        for (offset, line) in foot.enumerated() {
            write(
                line.text, row: area.endRow - foot.count + offset, column: area.column + 1,
                token: line.token,
                limit: area.columns - 2)
        }
    }

    private mutating func draw(
        _ step: CutoverStepStatus, number: Int, row: Int, _ data: ConsoleData, in area: Rectangle
    ) {
        let took =
            step.startedAt.map { duration(max(0, (step.endedAt ?? step.undoneAt ?? data.now) - $0)) } ?? ""
        let detail = step.detail.isEmpty ? "" : "  " + oneLine(step.detail)
        let width = area.columns - 2 - textWidth(took) - 1
        write(
            "\(step.state.mark) \(number < 10 ? " " : "")\(number) \(step.title)\(detail)", row: row,
            column: area.column + 1, token: step.state.token, limit: width)
        writeRight(took, row: row, endColumn: area.endColumn - 1, token: step.state.token)
    }
}

extension CutoverStatus {
    var mark: String {
        switch word {
        case .notInitiated: "·"
        case .initiated: awaitsApproval ? "‖ AWAITS APPROVAL," : "▶"
        case .completed: "✓"
        case .aborted: "↺"
        }
    }

    var token: Token {
        switch word {
        case .notInitiated: .textMuted
        case .initiated: .statusWaiting
        case .completed: .statusOK
        case .aborted: .statusWarn
        }
    }

    /// The line that names the gates that the operator waived; none if there are none.
    var waived: [PageLine] {
        waivers.isEmpty
            ? [] : [PageLine("Waived gates: \(waivers.map(\.gate.rawValue).listed(max: 4))", .statusWarn)]
    }

    /// The last lines: what the operator can do now, and whether the cutover can be aborted.
    func foot(_ data: ConsoleData, _ status: MigrationStatus) -> [PageLine] {
        switch word {
        case .notInitiated: return []
        case .initiated:
            if let abortReason {
                return [
                    PageLine(
                        "Aborting: \(abortReason). The steps are undone, the last one first.", .statusWarn)
                ]
            }
            var lines: [PageLine] = []
            let remaining = integer(status.remainingEvents)
            lines.append(
                PageLine(
                    "Remaining Events \(remaining)   Estimated Time to catch up \(status.timeToCatchUp.words)"
                ))
            if awaitsApproval {
                lines.append(PageLine("Awaits approval: R releases the application.", .statusWarn))
            }
            lines.append(
                canAbort
                    ? PageLine(
                        "A aborts: it undoes every step, and the \(to.other.rawValue) is writable again.",
                        .textStrong)
                    : PageLine("Released: it can no longer be aborted.", .textMuted))
            return lines
        case .completed:
            let next =
                to == .target
                ? (status.fallBackEnabled
                    ? "The target's changes stream back to the source. 5: cutover to the source."
                    : "No fall-back was prepared.")
                : "The application writes to the source again."
            return [
                PageLine("The application is on the \(to.rawValue).", .statusOK), PageLine(next),
                PageLine("Enter goes to the dashboard.", .textStrong),
            ]
        case .aborted:
            return [
                PageLine(
                    "Aborted: \(abortReason ?? "on request"). The application is on the "
                        + "\(to.other.rawValue).",
                    .statusWarn),
                PageLine("Enter goes back to the questions.", .textStrong),
            ]
        }
    }
}

extension CutoverStepStatus.State {
    var mark: String {
        switch self {
        case .pending: "·"
        case .running: "▶"
        case .done: "✓"
        case .skipped: "⊘"
        case .failed: "✗"
        case .undone: "↺"
        }
    }

    var token: Token {
        switch self {
        case .pending, .skipped: .textMuted
        case .running: .statusWaiting
        case .done: .statusOK
        case .failed: .statusError
        case .undone: .statusWarn
        }
    }
}
