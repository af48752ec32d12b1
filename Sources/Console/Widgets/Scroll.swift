/// The position in a list: the chosen line.
package struct Scroll: Equatable, Sendable {
    /// The ways to move in a list.
    package enum Movement: Sendable {
        case up
        case down
        case pageUp
        case pageDown
        case top
        case bottom
    }

    package var selected: Int = 0

    package init() {}

    /// Lines that a page key moves; fewer than any list shows, so that no line is skipped.
    private static let pageLines = 10

    package mutating func move(_ movement: Movement, count: Int) {
        switch movement {
        case .up: selected -= 1
        case .down: selected += 1
        case .pageUp: selected -= Scroll.pageLines
        case .pageDown: selected += Scroll.pageLines
        case .top: selected = 0
        case .bottom: selected = count - 1
        }
        clamp(count: count)
    }

    /// Moves the chosen line into a list of so many lines.
    package mutating func clamp(count: Int) {
        selected = min(max(0, selected), max(0, count - 1))
    }

    /// Returns the lines to show in `rows` rows; the chosen one is among them.
    package func window(count: Int, rows: Int) -> Range<Int> {
        guard rows > 0, count > 0 else { return 0..<0 }
        let first = min(max(0, selected - rows / 2), max(0, count - rows))
        return first..<min(count, first + rows)
    }
}
