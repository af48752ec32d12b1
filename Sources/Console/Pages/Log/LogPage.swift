import Engine

/// The page that shows the event log, with a level and a filter.
package struct LogPage: Page {
    package var id: PageID { .log }
    private var state = LogState()

    package init() {}

    package var reads: Reads { Reads(events: true) }
    package var takesText: Bool { state.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        state.filter.type(key, isOpen: &state.isFiltering) ? [] : nil
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .back, .filter, .follow, .level: nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let count = state.lines(data).count
        if let movement = Scroll.Movement(command) {
            if state.follows { state.scroll.selected = count - 1 }
            state.scroll.move(movement, count: count)
            state.follows = movement == .bottom
            return []
        }
        switch command {
        case .filter: state.isFiltering = true
        case .follow: state.follows.toggle()
        case .level: state.level = state.level.next
        case .back:
            if state.filter.text.isEmpty { return [.show(.dashboard)] }
            state.filter = TextField()
        case .open:
            return chosen(data).map {
                [.push(DetailsPage(title: "Event", lines: [PageLine($0.message)], sql: $0.message))]
            } ?? []
        default: break
        }
        return []
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.message }

    private func chosen(_ data: ConsoleData) -> LogEvent? {
        let lines = state.lines(data)
        let index = state.follows ? lines.count - 1 : state.scroll.selected
        return lines.indices.contains(index) ? lines[index] : nil
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.drawLog(state, data, in: area)
    }
}
