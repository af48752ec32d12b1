/// The page that lists the themes. The chosen one is painted at once; Esc goes back to the one before.
package struct ThemesPage: Page {
    package var id: PageID { .themes }
    private var scroll = Scroll()

    package init() {}

    package var reads: Reads {
        var reads = Reads()
        reads.themes = true
        return reads
    }

    /// However it is closed, the theme that was chosen is painted again.
    package var leaving: [Action] { [.paint(nil)] }

    private func chosen(_ data: ConsoleData) -> ThemeSearch.Entry? {
        data.themes.indices.contains(scroll.selected) ? data.themes[scroll.selected] : nil
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .back: nil
        case .open: chosen(data)?.fault.map { "This theme cannot be used: \($0)" }
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if let movement = Scroll.Movement(command) {
            scroll.move(movement, count: data.themes.count)
            return [.paint(chosen(data).flatMap { $0.fault == nil ? $0.name : nil })]
        }
        switch command {
        case .back: return [.pop]
        case .open:
            guard let name = chosen(data)?.name else { return [] }
            return [
                .keepTheme(name), .pop,
                .notice(
                    Notice(
                        .info,
                        "This console has the theme \(name). To keep it: theme: \(name) in console.yaml.")),
            ]
        default: return []
        }
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.name }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Themes: arrows show one, Enter keeps it, Esc goes back", token: .borderFocus)
        canvas.list(
            data.themes.map { theme in
                PageLine(
                    theme.name.padding(to: 18) + (theme.fault.map { "✗ " + $0 } ?? theme.title),
                    theme.fault == nil ? .text : .textMuted)
            }, scroll: scroll, in: area.inner.split(top: max(1, area.inner.rows - 4)).top)
        let samples: [(String, Token)] = [
            ("✓ OK", .statusOK), ("! WARN", .statusWarn), ("✗ ERROR", .statusError),
            ("✗✗ CRITICAL", .statusCritical), ("stale ?", .dataStale), ("→ forward", .directionForward),
            ("← back", .directionReverse), ("+ added", .diffAdd), ("- removed", .diffRemove),
        ]
        var column = area.inner.column + 1
        for (words, token) in samples where column + textWidth(words) < area.inner.endColumn {
            column = canvas.write(words, row: area.inner.endRow - 2, column: column, token: token) + 2
        }
    }
}
