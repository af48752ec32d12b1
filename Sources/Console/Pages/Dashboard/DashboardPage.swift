import Engine
import Records

/// The page that shows what happens now: both metric tables, the path of a change, the gates, and the tables.
package struct DashboardPage: Page {
    package var id: PageID { .dashboard }
    private var scroll = Scroll()
    /// The tables, the worst first, as they were when the values were read.
    private var rows: [TableStatus] = []
    /// The panel that is shown alone.
    private var alone: DashboardPanel?

    package init() {}

    package var reads: Reads { Reads(events: true) }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .back, .zoom: nil
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if let movement = Scroll.Movement(command) {
            scroll.move(movement, count: data.status?.tables.count ?? 0)
        }
        switch command {
        case .zoom: alone = alone.map(\.next) ?? .export
        case .back: alone = nil
        case .open: return [.show(.tables)]
        default: break
        }
        return []
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        rows = data.status?.tablesWorstFirst ?? []
        scroll.clamp(count: data.status?.tables.count ?? 0)
        return []
    }

    package func copied(_ data: ConsoleData) -> String? {
        rows.indices.contains(scroll.selected) ? rows[scroll.selected].name.description : nil
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.drawDashboard(rows, scroll, alone: alone, data, in: area)
    }
}
