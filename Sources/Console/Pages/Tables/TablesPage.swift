import Engine
import Records

/// The page that lists all tables, with a filter, a sorting and the reason why a table is set aside.
package struct TablesPage: Page {
    package var id: PageID { .tables }
    private var state = TablesState()
    /// The tables in their order. There may be thousands, so they are filtered and sorted when something
    /// changes, and not with each question about a key.
    private var rows: [TableStatus] = []

    package init() {}

    package var takesText: Bool { state.list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard state.list.type(key) else { return nil }
        arrange(data)
        return []
    }

    private mutating func arrange(_ data: ConsoleData) {
        // The chosen table stays the chosen one where others come before it.
        let name = chosen(data)?.name
        rows = state.rows(data)
        if let place = rows.firstIndex(where: { $0.name == name }) { state.list.scroll.selected = place }
        state.list.scroll.clamp(count: rows.count)
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .open, .back, .columns: return nil
        case .retryTable: return refusal(data, [.setAside])
        case .excludeTable: return refusal(data, [.setAside, .catchingUp, .new])
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    /// Why nothing can be done about the chosen table; nil if its note is one of these.
    private func refusal(_ data: ConsoleData, _ words: Set<TableNote.Word>) -> String? {
        guard let table = chosen(data) else { return "There is no table." }
        guard let note = table.note else { return "\(table.name) is applied like any other." }
        return words.contains(note.word) ? nil : "\(table.name) is not set aside."
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let orders = TablesState.orders(data).count
        if state.list.perform(command, count: rows.count, orders: orders) {
            // A movement changes no line.
            if Scroll.Movement(command) == nil { arrange(data) }
            return []
        }
        switch command {
        case .columns: state.columns = state.columns.next
        case .back:
            if !state.list.hasFilter { return [.show(.dashboard)] }
            state.list.clearFilter()
            arrange(data)
        case .open: return chosen(data).map { [.push($0.details(data.direction))] } ?? []
        case .retryTable: return chosen(data).map { [.leave(.retryTable($0.name))] } ?? []
        case .excludeTable:
            guard let table = chosen(data), let status = data.status else { return [] }
            return [.ask(.typed(.exclude(table, of: status), then: .excludeTable(table.name)))]
        default: break
        }
        return []
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        arrange(data)
        return []
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.name.description }

    private func chosen(_ data: ConsoleData) -> TableStatus? {
        let index = state.list.scroll.selected
        return rows.indices.contains(index) ? rows[index] : nil
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.drawTables(rows, state, data, in: area)
    }
}

extension TableStatus {
    /// The page about this table.
    func details(_ direction: Records.Direction) -> DetailsPage {
        var lines = [PageLine("\(name)", .textStrong)]
        if let note {
            lines.append(PageLine("\(note.word.rawValue): \(note.reason)", .statusWarn))
            if !note.remedy.isEmpty { lines.append(PageLine("To mend it: \(note.remedy)")) }
        }
        lines += [
            PageLine("rows, by estimate   \(integer(rowsEstimate))"),
            PageLine("rows exported       \(integer(exportedRows))"),
            PageLine("rows imported       \(integer(importedRows))"),
        ]
        for (words, counts) in [("exported", exported[direction]), ("imported", imported[direction])] {
            lines.append(
                PageLine(
                    "changes \(words)    inserts \(integer(counts?.inserts))  updates "
                        + "\(integer(counts?.updates))  deletes \(integer(counts?.deletes))"))
        }
        return DetailsPage(title: "Table", lines: lines, sql: name.quoted)
    }
}
