import Engine

/// Everything about one line of another page, in full: what was found, what is wanted, and the SQL that mends
/// it.
package struct DetailsPage: Page {
    package var id: PageID { .details }
    private let title: String
    private let lines: [PageLine]
    /// What the key for copying takes.
    private let sql: String?
    private var scroll = Scroll()

    /// - Parameter readAt: the time of the values in the lines; nil if they stay true
    package init(
        title: String, lines: [PageLine], sql: String?, readAt: (at: Double, utcOffset: Int)? = nil
    ) {
        self.title = readAt.map { "\(title), as of \(clock($0.at, utcOffset: $0.utcOffset))" } ?? title
        self.lines = lines
        self.sql = sql
    }

    /// Columns of a narrow screen: the scroll counts the lines as they are wrapped there.
    private static let narrowColumns = columnsMin - 4

    /// Columns of a line that keeps its spaces, so that it is whole on the narrowest screen.
    static let columnsOfVerbatim = narrowColumns

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open: nil
        default: "\(command.rawValue) does nothing on this page"
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if command == .open { return [.pop] }
        if let movement = Scroll.Movement(command) {
            scroll.move(movement, count: wrapped(lines, to: Self.narrowColumns).count)
        }
        return []
    }

    package func copied(_ data: ConsoleData) -> String? { sql }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: title, token: .borderFocus)
        let inner = area.inner
        canvas.list(
            wrapped(lines, to: inner.columns - 2), scroll: scroll, hasFocus: false,
            in: inner.split(top: inner.rows - 1).top)
        canvas.write(
            (sql == nil ? "" : "y copies the SQL. ") + "Esc goes back.", row: inner.endRow - 1,
            column: inner.column + 1, token: .textMuted)
    }
}

extension Scroll.Movement {
    /// The movement of a command; nil for another command.
    package init?(_ command: Command) {
        switch command {
        case .up: self = .up
        case .down: self = .down
        case .pageUp: self = .pageUp
        case .pageDown: self = .pageDown
        case .top: self = .top
        case .bottom: self = .bottom
        default: return nil
        }
    }
}

extension CheckResult {
    /// The page about this check.
    var details: DetailsPage {
        var lines = [
            PageLine("\(state.mark) on the \(side.rawValue): \(name)", state.token),
            PageLine("found: \(found.isEmpty ? "--" : found)"),
        ]
        if !wanted.isEmpty { lines.append(PageLine("wanted: \(wanted)")) }
        if let fix {
            lines.append(PageLine(""))
            lines.append(PageLine("The SQL that mends it, on the \(side.rawValue):", .textStrong))
            lines += fix.statements.map { PageLine($0 + ";", .sqlKeyword) }
            if !fix.undo.isEmpty {
                lines.append(PageLine("The SQL that takes it back:", .textStrong))
                lines += fix.undo.map { PageLine($0 + ";", .sqlKeyword) }
            }
        } else if !remedy.isEmpty {
            lines += [PageLine(""), PageLine("What to do:", .textStrong), PageLine(remedy)]
        }
        return DetailsPage(title: "Check: \(name)", lines: lines, sql: sql)
    }

    /// The text that is copied: the SQL, or the sentence where no SQL helps.
    var sql: String? {
        if let fix { return fix.statements.map { $0 + ";" }.joined(separator: "\n") }
        return remedy.isEmpty ? nil : remedy
    }
}
