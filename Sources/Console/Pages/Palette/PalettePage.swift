import Engine

/// The page that lists all commands by name: typed letters choose among them, and Enter performs one. A
/// command that does nothing now says why.
package struct PalettePage: Page {
    /// A command as it was when the page was opened.
    private struct Entry: Sendable {
        let command: Command
        let line: String
        /// Why it does nothing now; nil if it does something.
        let refusal: String?
    }

    package var id: PageID { .palette }
    private let entries: [Entry]
    private var field = TextField()
    private var scroll = Scroll()

    package init(_ state: ConsoleState, _ data: ConsoleData) {
        entries = state.keymap.bindings.map { binding in
            let readOnly = data.readOnly && binding.effect != .none ? "This console is read-only." : nil
            return Entry(
                command: binding.command,
                line: binding.command.rawValue.padding(to: 18) + binding.shown.padding(to: 8) + binding.help,
                refusal: readOnly ?? state.refusal(of: binding.command, data))
        }
    }

    package var takesText: Bool { true }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        let found = found
        switch key {
        case .escape, .control("c"): return [.pop]
        case .enter:
            guard found.indices.contains(scroll.selected) else { return [] }
            let entry = found[scroll.selected]
            if let refusal = entry.refusal { return [.notice(Notice(.info, refusal))] }
            return [.run(entry.command)]
        case .up: scroll.move(.up, count: found.count)
        case .down: scroll.move(.down, count: found.count)
        case .pageUp: scroll.move(.pageUp, count: found.count)
        case .pageDown: scroll.move(.pageDown, count: found.count)
        default:
            guard field.handle(key) else { return nil }
            scroll = Scroll()
        }
        return []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? { nil }
    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] { [] }

    /// The entries whose name has the letters in their order; those whose name begins with them come first.
    private var found: [Entry] {
        let letters = field.text.lowercased()
        let matching = entries.filter { Filter.comeInOrder(letters, in: $0.line.lowercased()) }
        return matching.filter { $0.command.rawValue.hasPrefix(letters) }
            + matching.filter { !$0.command.rawValue.hasPrefix(letters) }
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Commands", token: .borderFocus)
        let inner = area.inner
        canvas.write(":", row: inner.row, column: inner.column + 1, token: .textStrong)
        canvas.input(field, row: inner.row, column: inner.column + 3, columns: 40, focused: true)
        canvas.list(
            found.map { entry in
                PageLine(
                    entry.line + (entry.refusal.map { "  - " + $0 } ?? ""),
                    entry.refusal == nil ? .text : .textMuted)
            }, scroll: scroll, in: inner.split(top: 1).rest)
    }
}
