import Engine

/// The page that shows the event log, with a level and a filter.
package struct LogPage: Page {
    package var id: PageID { .log }
    private var state = LogState()

    package init() {}

    package var reads: Reads { Reads(events: true) }
    package var takesText: Bool { state.list.isFiltering }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        state.list.type(key) ? [] : nil
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .open, .back, .follow, .level: nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let lines = state.lines(data)
        let isMovement = Scroll.Movement(command) != nil
        if isMovement { state.list.scroll.selected = state.chosen(lines) }
        if state.list.perform(command, count: lines.count, orders: LogState.orders.count) {
            // The end of the list is the newest event in one order alone.
            if isMovement {
                state.follows = command == .bottom && state.list.order == 0 && !state.list.descending
            }
            return []
        }
        switch command {
        case .follow: state.follows.toggle()
        case .level: state.level = state.level.next
        case .back:
            if !state.list.hasFilter { return [.show(.dashboard)] }
            state.list.clearFilter()
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
        let index = state.chosen(lines)
        return lines.indices.contains(index) ? lines[index] : nil
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.drawLog(state, data, in: area)
    }
}
