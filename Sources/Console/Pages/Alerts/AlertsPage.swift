import Engine

/// The page that lists what needs the operator, the worst first.
package struct AlertsPage: Page {
    package var id: PageID { .alerts }
    private var scroll = Scroll()

    package init() {}

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .back, .open: nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let notices = data.notices
        if let movement = Scroll.Movement(command) { scroll.move(movement, count: notices.count) }
        switch command {
        case .back: return [.show(.dashboard)]
        case .open:
            guard notices.indices.contains(scroll.selected) else { return [] }
            let text = notices[scroll.selected].text
            return [.push(DetailsPage(title: "Needs you", lines: [PageLine(text)], sql: text))]
        default: return []
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        scroll.clamp(count: data.notices.count)
        return []
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        let notices = data.notices
        canvas.box(area, title: "Needs you: \(notices.count)", token: .borderFocus)
        let lines = notices.map { PageLine($0.word + $0.text, $0.token) }
        canvas.list(
            lines.isEmpty ? [PageLine("Nothing needs you.", .textMuted)] : lines, scroll: scroll,
            hasFocus: !lines.isEmpty, in: area.inner)
    }
}
