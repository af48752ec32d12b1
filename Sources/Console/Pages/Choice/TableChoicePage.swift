import Engine
import Records

/// The page that chooses the tables: the two lists of patterns, and below them the source's tables, each with
/// a mark. A mark changes the lists, and a list changes the marks.
package struct TableChoicePage: AskingPage {
    package var id: PageID { .choice }
    package var questions = Questions(Form(fields: [], button: button))
    private var isFilled = false
    private var selection = TableSelection([], TableLists())
    private var arrangement = ChoiceArrangement()
    /// The tables in view, as indices into the selection's.
    private var rows: [Int] = []
    /// The texts of the two lists that the selection was made of.
    private var texts: [String] = []
    private var isRead = false
    private var refusal: String?

    private static let button = "Keep this choice"

    package init() {}

    package var reads: Reads {
        var reads = Reads()
        reads.offers = true
        return reads
    }

    package var takesText: Bool { arrangement.list.isFiltering || questions.takesText }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard arrangement.list.isFiltering ? arrangement.list.type(key) : questions.type(key) else {
            return nil
        }
        refusal = nil
        arrange(data)
        return []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField, .previousField, .nextChoice,
            .previousChoice, .back, .nextPage, .previousPage, .filter, .sort, .reverseSort:
            return nil
        case .choose, .chooseAll, .chooseNone:
            if let settled = Self.settled(data) { return settled }
            guard data.offers != nil else { return Self.unread }
            return command == .choose && chosen == nil
                ? "Choose a table first: Tab moves to the list." : nil
        case .details: return chosen == nil ? "Choose a table first: Tab moves to the list." : nil
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    static let unread = "The tables are not read yet: check both databases on the page Prepare."

    /// Why the choice stays as it is; nil while it can change.
    private static func settled(_ data: ConsoleData) -> String? {
        switch data.status?.phase {
        case .prepare, .schema, nil: nil
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
            "The live migration has begun with this choice; X on the tables' page leaves one out."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        // An answer of line mode is in the fields, and not judged yet.
        arrange(data)
        switch command {
        case .choose:
            mark(data)
            return []
        case .chooseAll, .chooseNone:
            let names = rows.map { selection.tables[$0].name }
            set(names, chosen: command == .chooseAll, data)
            return []
        case .filter, .sort, .reverseSort:
            _ = arrangement.list.perform(
                command, count: rows.count, orders: ChoiceArrangement.orders.count)
            arrange(data)
            return []
        case .open:
            if let table = chosen { return [.push(table.details(selection))] }
            if questions.form.buttonHasFocus { return keep(data) + [.show(.live)] }
            questions.nextField(count: rows.count)
            return []
        case .details: return chosen.map { [.push($0.details(selection))] } ?? []
        case .nextPage: return keep(data) + [.show(.live)]
        case .previousPage: return keep(data) + [.show(.schema)]
        case .back:
            guard !arrangement.list.hasFilter else {
                arrangement.list.clearFilter()
                arrange(data)
                return []
            }
            return keep(data) + [.show(.live)]
        default:
            _ = questions.perform(command, count: rows.count)
            return []
        }
    }

    // MARK: Marks

    private var chosen: OfferedTable? {
        questions.line.flatMap { rows.indices.contains($0) ? selection.tables[rows[$0]] : nil }
    }

    /// Turns the mark of the chosen table.
    private mutating func mark(_ data: ConsoleData) {
        guard let table = chosen else { return }
        guard table.canBeChosen else {
            refusal = "\(table.name) cannot be migrated: \(table.problem ?? "it is no table")."
            return
        }
        set([table.name], chosen: !selection.chosen.contains(table.name), data)
    }

    private mutating func set(_ names: [QualifiedName], chosen isChosen: Bool, _ data: ConsoleData) {
        refusal = nil
        selection.set(names, chosen: isChosen)
        questions.form.set("tables", selection.lists.tables.joined(separator: ", "))
        questions.form.set("without", selection.lists.excluded.joined(separator: ", "))
        texts = listTexts
        arrange(data)
    }

    private var listTexts: [String] { [questions.form.text("tables"), questions.form.text("without")] }

    /// Keeps the choice in the migration's record, if it differs.
    private func keep(_ data: ConsoleData) -> [Action] {
        let lists = selection.lists
        guard !data.readOnly, Self.settled(data) == nil, isFilled, lists != data.status?.tableLists else {
            return []
        }
        return [.leave(.chooseTables(lists))]
    }

    // MARK: Readings

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        if !isFilled, let lists = data.status?.tableLists {
            questions = Questions(Self.form(lists))
            isFilled = true
        }
        arrange(data)
        // The list is what one comes for.
        if !isRead, !rows.isEmpty {
            isRead = true
            if questions.form.isAtStart { questions.focusList() }
        }
        return []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        guard case .chooseTables = reply.request else { return false }
        if case .refused(_, let reason) = reply { refusal = reason }
        return true
    }

    /// Judges the lists and orders the tables, if one of them has changed.
    private mutating func arrange(_ data: ConsoleData) {
        let offers = data.offers ?? []
        if texts != listTexts || selection.tables != offers {
            texts = listTexts
            selection = TableSelection(
                offers,
                TableLists(
                    tables: NameList.patterns(in: texts[0]), excluded: NameList.patterns(in: texts[1])))
            arrangement.forget()
        }
        if let ordered = arrangement.order(selection) { rows = ordered }
        questions.clamp(count: rows.count)
    }

    private static func form(_ lists: TableLists) -> Form {
        Form(
            fields: [
                Field(
                    "tables", "Only these tables", .text(TextField(lists.tables.joined(separator: ", "))),
                    help: "Separated by commas; * matches any text, ? any character. Empty means all."),
                Field(
                    "without", "Without these tables",
                    .text(TextField(lists.excluded.joined(separator: ", "))),
                    help: "Written in the same way; stronger than the first list."),
            ], button: button)
    }

    package func copied(_ data: ConsoleData) -> String? { chosen?.name.quoted }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Table choice", token: .borderFocus)
        let inner = area.inner
        let isInList = questions.line != nil
        var row = canvas.draw(questions.form, in: inner, headings: nil, hasFocus: !isInList)
        if isInList {
            canvas.write(
                "Space marks a table; + all, 0 none of those in view; Tab: the patterns.",
                row: row - 1, column: inner.column + 1, token: .textMuted, limit: inner.columns - 2)
        }
        func line(_ words: PageLine) {
            canvas.lines(
                [words], in: Rectangle(row: row, column: inner.column, rows: 1, columns: inner.columns))
            row += 1
        }
        line(data.offers == nil ? PageLine("✗ " + Self.unread, .statusWarn) : selection.summary)
        for warning in refusal.map({ [PageLine("✗ " + $0, .statusError)] }) ?? selection.warnings {
            line(warning)
        }
        canvas.rule(row: row, in: inner, title: arrangement.title(rows.count, of: selection.tables.count))
        row += 1
        let list = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row, columns: inner.columns)
        canvas.drawOffers(
            rows, selection, arrangement, questions.line == nil ? nil : questions.scroll, in: list)
    }
}
