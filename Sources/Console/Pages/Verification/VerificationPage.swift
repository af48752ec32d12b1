import Engine
import Records

/// The page about the equality of the rows: what the verification has proved of each table, how far its pass
/// is, and the rows that differ. Their values are shown on request.
package struct VerificationPage: Page {
    package var id: PageID { .verification }
    private var list = ListChoice()

    package init() {}

    package var takesText: Bool { list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        list.type(key) ? [] : nil
    }

    private static let orders: [ListOrder<VerificationStatus.Table>] = [
        ListOrder("TABLE"), ListOrder("AGE", by: { -($0.provedAt ?? 0) }),
        ListOrder("OPEN", by: { $0.openRows }), ListOrder("ROWS READ", by: { $0.entry?.rows ?? 0 }),
        ListOrder("DIFFER", by: { $0.entry?.differences ?? 0 }),
    ]

    package var reads: Reads {
        var reads = Reads()
        reads.rowDifferences = true
        return reads
    }

    private func tables(_ data: ConsoleData) -> [VerificationStatus.Table] {
        list.arranged(data.status?.verification?.tables ?? [], by: Self.orders, \.name.description)
    }

    private func differences(_ data: ConsoleData) -> [RowDifference] {
        let direction = data.foundDifferences?.direction ?? .forward
        return list.arranged(data.foundDifferences?.differences ?? [], by: []) { $0.words(direction) }
    }

    private func count(_ data: ConsoleData) -> Int { tables(data).count + differences(data).count }

    /// The difference that is chosen; nil if a table is.
    private func chosen(_ data: ConsoleData) -> RowDifference? {
        let index = list.scroll.selected - tables(data).count
        return differences(data).indices.contains(index) ? differences(data)[index] : nil
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .back: nil
        case .verify:
            data.status?.verification == nil ? "Rows are verified while changes stream." : nil
        case .repairSQL:
            differences(data).allSatisfy(\.repair.isEmpty)
                ? "The verification has found no row that the SQL could mend." : nil
        case .open, .details: chosen(data) == nil ? "No row that differs is on this line." : nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if list.perform(command, count: count(data), orders: Self.orders.count) { return [] }
        switch command {
        case .back:
            if !list.hasFilter { return [.show(.dashboard)] }
            list.clearFilter()
            return []
        case .verify:
            guard let verification = data.status?.verification else { return [] }
            var choice = verification.choice
            choice.isOn.toggle()
            return [.leave(.setVerification(choice))]
        case .repairSQL: return [.writeRepairs]
        case .open, .details:
            guard let difference = chosen(data), let found = data.foundDifferences else { return [] }
            return [.push(difference.details(found.direction))]
        default: return []
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        list.scroll.clamp(count: count(data))
        return []
    }

    /// The statements alone; they have values, and are taken on request.
    package func copied(_ data: ConsoleData) -> String? {
        chosen(data).flatMap { $0.repair.isEmpty ? nil : $0.repair.joined(separator: ";\n") }
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Verification of the rows\(list.remark(Self.orders))", token: .borderFocus)
        let inner = area.inner
        guard let verification = data.status?.verification else {
            canvas.lines(
                wrapped(
                    [PageLine("Rows are verified while changes stream, and none do now.", .textMuted)]
                        + comparisons(data), to: inner.columns - 2), in: inner)
            return
        }
        let head = wrapped(
            VerificationLines(verification, data).head + comparisons(data), to: inner.columns - 2)
        let differences = differences(data)
        let below = differences.isEmpty ? 0 : min(differences.count + 1, max(3, inner.rows / 3))
        let top = canvas.lines(head, in: inner)
        draw(
            tables(data), data, on: &canvas,
            in: Rectangle(
                row: top, column: inner.column, rows: max(0, inner.endRow - 1 - below - top),
                columns: inner.columns))
        if below > 0 {
            draw(
                differences, on: &canvas,
                in: Rectangle(
                    row: inner.endRow - 1 - below, column: inner.column, rows: below,
                    columns: inner.columns), data)
        }
        canvas.write(
            verification.choice.isOn
                ? "v ends the verification. Enter shows the values of a row. g writes the SQL to a file."
                : "v verifies the rows in the worker, again and again, while changes stream.",
            row: inner.endRow - 1, column: inner.column + 1, token: .textMuted, limit: inner.columns - 2)
    }

    /// The comparisons of the cutovers so far.
    private func comparisons(_ data: ConsoleData) -> [PageLine] {
        (data.status?.cutovers ?? []).flatMap { cutover in
            cutover.steps.filter { $0.step == .checksumDestination && $0.endedAt != nil }.map { step in
                PageLine(
                    "\(step.state.mark) Cutover to \(cutover.to.rawValue), "
                        + "\(clock(step.endedAt ?? 0, utcOffset: data.utcOffset)): \(oneLine(step.detail))",
                    step.state.token)
            }
        }
    }

    private func draw(
        _ tables: [VerificationStatus.Table], _ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle
    ) {
        let wide = max(14, area.columns - 60)
        var inTables = Scroll()
        inTables.selected = min(list.scroll.selected, max(0, tables.count - 1))
        let columns = [
            TableColumn("TABLE", wide, .left), TableColumn("PROVED", 10, .left), TableColumn("AGE", 8),
            TableColumn("OPEN", 8), TableColumn("ROWS READ", 12), TableColumn("DIFFER", 9),
        ]
        canvas.table(
            columns: columns,
            rows: tables.map { table in
                let differs = (table.entry?.differences ?? 0) > 0
                let reason = table.entry?.reason != nil
                return TableRow(
                    [
                        "\(table.name)", table.provedAt == nil ? "no" : table.openRows > 0 ? "partly" : "yes",
                        table.provedAt.map { duration(max(0, data.now - $0)) } ?? unknown,
                        table.provedAt == nil ? unknown : "\(table.openRows)",
                        integer(table.entry?.rows), integer(table.entry?.differences),
                    ], token: differs ? .statusError : reason ? .statusWarn : .text)
            }, scroll: list.scroll.selected < tables.count ? inTables : nil, in: area,
            marked: list.marked(Self.orders, in: columns), descending: list.descending)
    }

    private func draw(
        _ differences: [RowDifference], on canvas: inout Canvas, in area: Rectangle, _ data: ConsoleData
    ) {
        canvas.rule(row: area.row, in: area, title: "Rows that differ: \(differences.count)")
        var inRows = Scroll()
        let index = list.scroll.selected - tables(data).count
        inRows.selected = max(0, index)
        let direction = data.foundDifferences?.direction ?? .forward
        canvas.list(
            differences.map { PageLine($0.words(direction), .statusError) }, scroll: inRows,
            hasFocus: index >= 0,
            in: Rectangle(
                row: area.row + 1, column: area.column, rows: area.rows - 1, columns: area.columns))
    }
}
