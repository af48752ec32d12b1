import Engine
import Records

/// The page about what is known of the equality of both databases: when all tables were compared last, and
/// with what result.
package struct VerificationPage: Page {
    package var id: PageID { .verification }
    private var scroll = Scroll()

    package init() {}

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .back, .open: nil
        case .again: "All rows are compared in a cutover; it can be aborted after the comparison."
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if let movement = Scroll.Movement(command) { scroll.move(movement, count: lines(data).count) }
        return command == .back ? [.show(.dashboard)] : []
    }

    /// One line for each comparison of a cutover.
    private func lines(_ data: ConsoleData) -> [PageLine] {
        (data.status?.cutovers ?? []).flatMap { cutover in
            cutover.steps.filter { $0.title.hasPrefix("Verify") && $0.startedAt != nil }.map { step in
                PageLine(
                    "\(step.state.mark) \(clock(step.startedAt ?? 0, utcOffset: data.utcOffset)) cutover to "
                        + "\(cutover.to.rawValue): \(step.title)  \(oneLine(step.detail))", step.state.token)
            }
        }
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Verification", token: .borderFocus)
        let lines = lines(data)
        let head =
            lines.isEmpty
            ? [
                PageLine("Nothing was compared yet.", .textStrong),
                PageLine(
                    "A cutover with \"Compare all rows\" compares counts and checksums of every table.",
                    .textMuted),
            ] : [PageLine("Comparisons of all rows", .textStrong)]
        let row = canvas.lines(head, in: area.inner)
        canvas.list(
            lines, scroll: scroll, hasFocus: !lines.isEmpty,
            in: Rectangle(
                row: row, column: area.column + 1, rows: area.endRow - 1 - row, columns: area.columns - 2))
    }
}
