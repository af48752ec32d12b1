/// The page that lists the keys: those of the page below it, and those that work everywhere. Typing searches.
package struct HelpPage: Page {
    package var id: PageID { .help }
    private let page: PageID
    private let keymap: Keymap
    private let readOnly: Bool
    private var scroll = Scroll()
    private var field = TextField()

    package init(_ page: PageID, _ keymap: Keymap, readOnly: Bool) {
        self.page = page
        self.keymap = keymap
        self.readOnly = readOnly
    }

    package var takesText: Bool { true }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        switch key {
        case .escape, .enter, .control("c"): return [.pop]
        case .character("?") where field.text.isEmpty: return [.pop]
        case .up, .down, .pageUp, .pageDown:
            scroll.move(
                key == .up ? .up : key == .down ? .down : key == .pageUp ? .pageUp : .pageDown,
                count: lines.count)
            return []
        default: return field.handle(key) ? [] : nil
        }
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? { nil }
    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] { [] }

    private var lines: [PageLine] {
        let all = keymap.bindings(on: page)
        let here = all.filter { !$0.pages.isEmpty }
        let everywhere = all.filter { $0.pages.isEmpty }
        return section("On this page: \(page.title)", here) + section("Everywhere", everywhere)
    }

    private func section(_ title: String, _ bindings: [KeyBinding]) -> [PageLine] {
        let rows = bindings.compactMap { binding -> PageLine? in
            let keys = binding.keys.map(\.name).joined(separator: " ")
            let off = readOnly && binding.effect != .none
            let line =
                keys.padding(to: 16) + binding.command.rawValue.padding(to: 17) + binding.help
                + (off ? "  (read-only: off)" : "") + (binding.effect == .asks ? "  (asks)" : "")
            guard Filter(field.text).matches(line) else { return nil }
            return PageLine(line, off ? .textMuted : .keyLabel)
        }
        return rows.isEmpty ? [] : [PageLine(title, .textStrong)] + rows
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Keys: \(page.title)   type to search, Esc closes", token: .borderFocus)
        let inner = area.inner
        canvas.write("search ", row: inner.row, column: inner.column + 1, token: .textMuted)
        canvas.input(field, row: inner.row, column: inner.column + 8, columns: 32, focused: true)
        let split = inner.split(top: 1)
        canvas.list(lines, scroll: scroll, hasFocus: false, in: split.rest)
    }
}
