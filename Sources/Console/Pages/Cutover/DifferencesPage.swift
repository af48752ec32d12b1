import Engine

/// The differences between the catalogs that nobody has accepted, with both definitions of the chosen one. A
/// reason that is typed here accepts it.
package struct DifferencesPage: Page {
    package var id: PageID { .differences }
    private var list = ListChoice()
    /// The reason typed so far, for the object.
    private var reason: (difference: AcceptedDifference, field: TextField)?

    package init() {}

    package var reads: Reads {
        var reads = Reads()
        reads.differences = true
        return reads
    }

    package var takesText: Bool { reason != nil || list.isFiltering }

    private static let orders: [ListOrder<AcceptedDifference>] = [
        ListOrder("as found"), ListOrder("object", by: { $0.object }),
        ListOrder("side", by: { $0.onTarget == nil ? 0 : $0.onSource == nil ? 1 : 2 }),
    ]

    private func differences(_ data: ConsoleData) -> [AcceptedDifference] {
        list.arranged(data.differences, by: Self.orders) {
            [$0.object, $0.onSource ?? "", $0.onTarget ?? ""].joined(separator: " ")
        }
    }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard var (difference, field) = reason else { return list.type(key) ? [] : nil }
        switch key {
        case .escape: reason = nil
        case .enter:
            guard !field.text.isEmpty else {
                return [.notice(Notice(.info, "An acceptance needs a reason; Esc cancels."))]
            }
            reason = nil
            difference.reason = field.text
            return [.leave(.acceptDifferences([difference]))]
        default:
            guard field.handle(key) else { return nil }
            reason = (difference, field)
        }
        return []
    }

    private func chosen(_ data: ConsoleData) -> AcceptedDifference? {
        let differences = differences(data)
        return differences.indices.contains(list.scroll.selected) ? differences[list.scroll.selected] : nil
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command): nil
        case .open, .accept: chosen(data) == nil ? "No difference is open." : nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: differences(data).count, orders: Self.orders.count) {
            return []
        } else if command == .accept {
            reason = chosen(data).map { ($0, TextField()) }
        } else if command == .open, let difference = chosen(data) {
            return [
                .push(
                    DetailsPage(
                        title: difference.object, lines: definitions(difference), sql: difference.onSource))
            ]
        }
        return []
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        list.scroll.clamp(count: differences(data).count)
        return []
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.object }

    private func definitions(_ difference: AcceptedDifference) -> [PageLine] {
        [
            PageLine("source: \(difference.onSource ?? "not there")", .diffRemove),
            PageLine("target: \(difference.onTarget ?? "not there")", .diffAdd),
        ]
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(
            area,
            title: "Differences between the catalogs: \(data.differences.count)\(list.remark(Self.orders))",
            token: .borderFocus)
        let inner = area.inner
        guard let difference = chosen(data) else {
            let nothing =
                data.differences.isEmpty
                ? PageLine("✓ No difference is open.", .statusOK)
                : PageLine("No difference matches the filter.", .textMuted)
            canvas.lines([nothing], in: inner)
            return
        }
        let below = wrapped(definitions(difference), to: inner.columns - 2, rowsMax: inner.rows / 4)
        let footRows = below.count + 2
        let upper = Rectangle(
            row: inner.row, column: inner.column, rows: inner.rows - footRows, columns: inner.columns)
        canvas.list(differences(data).map { PageLine($0.object) }, scroll: list.scroll, in: upper)
        canvas.rule(row: upper.endRow, in: inner)
        canvas.lines(
            below,
            in: Rectangle(
                row: upper.endRow + 1, column: inner.column, rows: below.count, columns: inner.columns))
        if let reason {
            canvas.write(
                "Reason to accept it: ", row: inner.endRow - 1, column: inner.column + 1, token: .textStrong)
            canvas.input(
                reason.field, row: inner.endRow - 1, column: inner.column + 22, columns: inner.columns - 24,
                focused: true)
        } else {
            canvas.write(
                "c accepts it with a reason: no gate counts it while both stay as they are.",
                row: inner.endRow - 1, column: inner.column + 1, token: .textMuted, limit: inner.columns - 2)
        }
    }
}
