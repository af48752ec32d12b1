/// The line chosen in a list, kept inside it.
package struct Scroll: Equatable, Sendable {
    package var selected: Int = 0

    package init() {}

    /// How far a page key goes; less than any list is high, so that no line is jumped over.
    private static let pageLines = 10

    package mutating func move(_ command: KeyCommand, count: Int) {
        switch command {
        case .up: selected -= 1
        case .down: selected += 1
        case .pageUp: selected -= Scroll.pageLines
        case .pageDown: selected += Scroll.pageLines
        case .top: selected = 0
        case .bottom: selected = count - 1
        default: return  // No other command moves.
        }
        clamp(count: count)
    }

    package mutating func clamp(count: Int) {
        selected = min(max(0, selected), max(0, count - 1))
    }

    /// The lines to show in `rows` rows, the chosen one among them.
    package func window(count: Int, rows: Int) -> Range<Int> {
        guard rows > 0, count > 0 else { return 0..<0 }
        let first = min(max(0, selected - rows / 2), max(0, count - rows))
        return first..<min(count, first + rows)
    }
}
