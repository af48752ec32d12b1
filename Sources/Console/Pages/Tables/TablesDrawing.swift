import Engine
import Records

extension Canvas {
    /// Draws the progress of all tables that match the filter, in the chosen order.
    mutating func drawTables(
        _ rows: [TableStatus], _ state: TablesState, _ data: ConsoleData, in area: Rectangle
    ) {
        let list = state.list
        let orders = TablesState.orders(data)
        let total = data.status?.tables.count ?? 0
        box(area, title: "Tables \(rows.count) of \(total)\(list.words(orders))")
        guard let status = data.status, !rows.isEmpty else {
            let words =
                total == 0
                ? "No table yet. The start of the live migration finds them." : "No table matches the filter."
            write(words, row: area.row + 1, column: 2, token: .textMuted)
            return
        }
        var inner = area.inner
        if let note = rows[min(list.scroll.selected, rows.count - 1)].note {
            // The reason why the chosen table's changes are not applied, in full.
            let mend = note.remedy.isEmpty ? "" : ". To mend it: \(note.remedy)"
            let lines = wrapped("\(note.word.rawValue): \(note.reason)\(mend)", to: inner.columns - 2).prefix(
                4)
            inner = Rectangle(
                row: inner.row, column: inner.column, rows: inner.rows - lines.count - 1,
                columns: inner.columns)
            write(
                String(repeating: "─", count: inner.columns), row: inner.endRow, column: inner.column,
                token: .border)
            for (offset, line) in lines.enumerated() {
                write(line, row: inner.endRow + 1 + offset, column: inner.column + 1, token: .statusWarn)
            }
        }
        drawTableRows(
            rows, status, data, scroll: list.scroll, in: inner, sortedBy: orders[list.order].title,
            descending: list.descending, narrow: state.columns)
    }

    /// Draws rows of tables: during the snapshot the copied rows, afterwards the changes.
    mutating func drawTableRows(
        _ tables: [TableStatus], _ status: MigrationStatus, _ data: ConsoleData, scroll: Scroll?,
        in area: Rectangle, sortedBy title: String? = nil, descending: Bool = false,
        narrow: TablesState.Columns = .changes
    ) {
        let direction = data.direction
        let isUnread = !data.isFresh(status)
        let isSnapshot = status.phase == .snapshot
        var headings: [TableColumn]
        let width = area.columns - 3
        if isSnapshot {
            headings = [TableColumn("STATE", 9, .left), TableColumn("COPIED", 20, .left)]
            headings += [TableColumn("IMPORTED", 11), TableColumn("OF ABOUT", 11)]
        } else if narrow == .rows, area.columns < 116 {
            headings = [TableColumn("STATE", 9, .left), TableColumn("NOW/s", 8), TableColumn("ROWS", 12)]
            headings.append(TableColumn("ROWS COPIED", 12))
        } else {
            headings = [TableColumn("STATE", 9, .left), TableColumn("INSERTS", 9), TableColumn("UPDATES", 9)]
            headings += [TableColumn("DELETES", 9), TableColumn("REMAINING", 10)]
            if area.columns >= 90 { headings.append(TableColumn("NOW/s", 8)) }
        }
        if area.columns >= 116 {
            headings.append(TableColumn("ROWS", 12))
            headings.append(TableColumn(isSnapshot ? "EXPORTED" : "ROWS COPIED", 12))
        }
        let used = headings.reduce(0) { $0 + $1.columns + 1 }
        headings.insert(TableColumn("TABLE", max(12, width - used), .left), at: 0)
        self.table(
            columns: headings, count: tables.count, scroll: scroll, in: area,
            marked: title.flatMap { title in headings.firstIndex { $0.title == title } },
            descending: descending
        ) { index in
            let table = tables[index]
            let cells =
                isSnapshot
                ? snapshotCells(table, wide: area.columns >= 116)
                : narrow == .rows && area.columns < 116
                    ? rowCells(table, direction, status.legStart)
                    : changeCells(table, direction, status.legStart, columns: area.columns)
            guard isUnread else {
                return TableRow(cells, token: table.snapshotIsDone ? .text : .statusWaiting)
            }
            // The counts are those of the last reading. What was noted about a table is still true.
            let state = table.note == nil ? [cells[0], "? unread"] : Array(cells.prefix(2))
            return TableRow(state + cells.dropFirst(2).map { $0 + "?" }, token: .dataStale)
        }
    }
}

private func snapshotCells(_ table: TableStatus, wide: Bool) -> [String] {
    let share: Double? =
        table.snapshotIsDone
        ? 1
        : table.rowsEstimate > 0 ? min(0.99, Double(table.importedRows) / Double(table.rowsEstimate)) : nil
    let bar = share.map { gauge($0, columns: 14) + " \(Int($0 * 100))%" } ?? unknown
    let state = table.snapshotIsDone ? "✓ done" : table.exportedRows > 0 ? "▶ copy" : "· waits"
    let cells = [
        table.name.description, state, bar, integer(table.importedRows), integer(table.rowsEstimate),
    ]
    return wide ? cells + [integer(table.rowsEstimate), integer(table.exportedRows)] : cells
}

/// The cells about rows and rate, which a narrow screen has in a second set of columns.
private func rowCells(_ table: TableStatus, _ direction: Records.Direction, _ start: LegStart?) -> [String] {
    let now = table.appliedPerSecond.map { "\(Int64($0.rounded()))" } ?? unknown
    return Array(changeCells(table, direction, start, columns: 0).prefix(2))
        + [now, integer(table.rowsEstimate), integer(table.importedRows)]
}

private func changeCells(
    _ table: TableStatus, _ direction: Records.Direction, _ start: LegStart?, columns: Int
) -> [String] {
    let counts = table.imported[direction]
    let isKnown = table.imported[direction] != nil || table.exported[direction] != nil
    let remaining = table.remaining(direction)
    let incidents = table.incidents[direction] ?? .zero
    let state =
        table.note.map(\.mark)
        ?? (incidents.stopped > 0
            ? "✗ stopped"
            : incidents.stashed > 0
                ? "! stashed"
                : !table.snapshotIsDone && start?.importsRows == true
                    ? "▶ copy" : !isKnown ? unknown : remaining > 0 ? "▶ apply" : "✓ level")
    let cells = [
        table.name.description, state, integer(counts?.inserts), integer(counts?.updates),
        integer(counts?.deletes),
        isKnown ? integer(max(0, remaining)) : unknown,
    ]
    guard columns >= 90 else { return cells }
    let now = table.appliedPerSecond.map { "\(Int64($0.rounded()))" } ?? unknown
    guard columns >= 116 else { return cells + [now] }
    return cells + [now, integer(table.rowsEstimate), integer(table.importedRows)]
}

extension TableNote {
    /// The mark shown instead of the table's state.
    fileprivate var mark: String {
        switch word {
        case .setAside: "✗ aside"
        case .catchingUp: "▶ behind"
        case .excluded: "⊘ excl."
        case .new: "! new"
        }
    }
}
