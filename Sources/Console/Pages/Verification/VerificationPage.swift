import Engine
import Records

/// The page about what is known of the equality of both databases: when all tables were compared last, and
/// with what result.
package struct VerificationPage: Page {
    package var id: PageID { .verification }
    private var list = ListChoice()

    package init() {}

    package var takesText: Bool { list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        list.type(key) ? [] : nil
    }

    /// A comparison of a cutover.
    private struct Comparison {
        var to: Side
        var step: CutoverStepStatus
    }

    private static let orders: [ListOrder<Comparison>] = [
        ListOrder("time"), ListOrder("result", by: { $0.step.state.mark }),
        ListOrder("cutover", by: { $0.to.rawValue }),
    ]

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .back, .open: nil
        case .again: "All rows are compared in a cutover; it can be aborted after the comparison."
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: comparisons(data).count, orders: Self.orders.count) { return [] }
        guard command == .back else { return [] }
        if !list.hasFilter { return [.show(.dashboard)] }
        list.clearFilter()
        return []
    }

    /// The comparisons of all cutovers.
    private func comparisons(_ data: ConsoleData) -> [Comparison] {
        let all = (data.status?.cutovers ?? []).flatMap { cutover in
            cutover.steps.filter { $0.step?.comparesRows == true && $0.startedAt != nil }.map {
                Comparison(to: cutover.to, step: $0)
            }
        }
        return list.arranged(all, by: Self.orders) { line($0, data).text }
    }

    private func line(_ comparison: Comparison, _ data: ConsoleData) -> PageLine {
        let step = comparison.step
        return PageLine(
            "\(step.state.mark) \(clock(step.startedAt ?? 0, utcOffset: data.utcOffset)) cutover to "
                + "\(comparison.to.rawValue): \(step.title)  \(oneLine(step.detail))", step.state.token)
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        list.scroll.clamp(count: comparisons(data).count)
        return []
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Verification\(list.remark(Self.orders))", token: .borderFocus)
        let lines = comparisons(data).map { line($0, data) }
        let head: [PageLine] =
            if !lines.isEmpty {
                [PageLine("Comparisons of all rows", .textStrong)]
            } else if list.hasFilter {
                [PageLine("No comparison matches the filter.", .textMuted)]
            } else {
                [
                    PageLine("No rows were compared yet.", .textStrong),
                    PageLine(
                        "A cutover with \"Compare all rows\" compares counts and checksums of every table.",
                        .textMuted),
                ]
            }
        let row = canvas.lines(head, in: area.inner)
        canvas.list(
            lines, scroll: list.scroll, hasFocus: !lines.isEmpty,
            in: Rectangle(
                row: row, column: area.column + 1, rows: area.endRow - 1 - row, columns: area.columns - 2))
    }
}

extension CutoverStep {
    /// Whether the step reads rows to compare them.
    fileprivate var comparesRows: Bool {
        switch self {
        case .checksumOrigin, .checksumDestination: true
        case .readFacts, .gates, .prepareOrigin, .fence, .quiesce, .suspendOrigin, .barrier, .drain,
            .readSequences, .setSequences, .fallBackSlot, .approval, .quietProof, .restoreDestination,
            .openDestination, .release:
            false
        }
    }
}
