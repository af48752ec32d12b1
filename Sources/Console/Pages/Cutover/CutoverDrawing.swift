import Engine
import Records

extension Canvas {
    /// Draws the steps of a cutover with their times, the downtime, and what the operator can do.
    mutating func drawCutover(
        _ cutover: CutoverStatus, scroll: Scroll, _ data: ConsoleData, in area: Rectangle
    ) {
        box(area, title: "Cutover to \(cutover.to.rawValue)", token: .borderFocus)
        let area = area.inner
        guard let status = data.status, !cutover.steps.isEmpty else {
            lines([PageLine("Waiting for the engine to begin the cutover.", .statusWaiting)], in: area)
            return
        }
        let budget = cutover.budgetSeconds.map { " of \(duration($0))" } ?? ""
        let downtime =
            (cutover.stopwatch.map { stopwatch($0.seconds(at: data.now)) } ?? unknown) + budget
        write(
            "\(cutover.mark) \(cutover.word.rawValue)", row: area.row, column: area.column + 1,
            token: cutover.token)
        writeRight("DOWNTIME \(downtime)", row: area.row, endColumn: area.endColumn - 1, token: .textStrong)
        let foot = wrapped(cutover.waived + cutover.foot(data, status), to: area.columns - 2, rowsMax: 2)
        let listRows = area.rows - 1 - foot.count
        for (offset, index) in scroll.window(count: cutover.steps.count, rows: listRows).enumerated() {
            draw(cutover.steps[index], number: index + 1, row: area.row + 1 + offset, data, in: area)
        }
        lines(
            foot,
            in: Rectangle(
                row: area.endRow - foot.count, column: area.column, rows: foot.count, columns: area.columns))
    }

    private mutating func draw(
        _ step: CutoverStepStatus, number: Int, row: Int, _ data: ConsoleData, in area: Rectangle
    ) {
        let took = step.seconds(at: data.now).map { duration($0) } ?? ""
        let words = step.progress.map { $0.words(at: data.now) } ?? oneLine(step.detail)
        let detail = words.isEmpty ? "" : "  " + words
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
            if let progress = step?.progress {
                lines.append(PageLine(progress.words(at: data.now), .statusWaiting))
            }
            if let step, let awaited = step.step?.awaited {
                let end = step.abortsAt.map {
                    ", at most until \(clock($0, utcOffset: data.utcOffset)); then the cutover is aborted"
                }
                lines.append(PageLine("Waits for \(awaited)\(end ?? "").", .statusWaiting))
            }
            if let seen = status.writers, seen.side == to.other, let first = seen.writers.first {
                let more = seen.writers.count > 1 ? " and \(seen.writers.count - 1) more" : ""
                lines.append(
                    PageLine("In the way: \(first.description)\(more). T ends sessions.", .statusWarn))
            }
            let stale = data.isStale ? " ?" : ""
            let remaining = integer(status.remainingEvents) + stale
            lines.append(
                PageLine(
                    "Remaining Events \(remaining)   Estimated Time to catch up "
                        + status.timeToCatchUp.words + stale, data.isStale ? .dataStale : .text))
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
