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

    package var takesText: Bool { state.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard state.filter.type(key, isOpen: &state.isFiltering) else { return nil }
        arrange(data)
        return []
    }

    private mutating func arrange(_ data: ConsoleData) {
        rows = state.rows(data)
        state.scroll.clamp(count: rows.count)
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .back, .filter, .sort, .reverseSort,
            .columns:
            return nil
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
        if let movement = Scroll.Movement(command) {
            state.scroll.move(movement, count: rows.count)
            return []
        }
        switch command {
        case .filter: state.isFiltering = true
        case .sort:
            state.sort = state.sort.next
            arrange(data)
        case .reverseSort:
            state.descending.toggle()
            arrange(data)
        case .columns: state.columns = state.columns.next
        case .back:
            if state.filter.text.isEmpty { return [.show(.dashboard)] }
            state.filter = TextField()
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
        rows.indices.contains(state.scroll.selected) ? rows[state.scroll.selected] : nil
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

extension TextField {
    /// Takes a key of a filter: Enter keeps it, Esc clears it. Returns false if the key is none of them.
    mutating func type(_ key: KeyEvent, isOpen: inout Bool) -> Bool {
        switch key {
        case .enter: isOpen = false
        case .escape:
            self = TextField()
            isOpen = false
        default: return handle(key)
        }
        return true
    }
}
