/// A bar that shows a share. It is full only if all is done, and empty only if nothing is. An unknown share
/// has no filled part.
package struct Bar: Equatable, Sendable {
    /// From 0 to 1; nil if it is not known.
    private let share: Double?

    package init(share: Double?) {
        self.share = share.flatMap { $0.isNaN ? nil : min(1, max(0, $0)) }
    }

    /// A share of a number; nil of nothing.
    package init(_ part: Int64, of whole: Int64) {
        self.init(share: whole > 0 ? Double(part) / Double(whole) : nil)
    }

    /// Returns the filled part and the rest, together of that width. They have tokens of their own.
    package func parts(columns: Int, _ kind: GraphKind) -> (fill: String, track: String) {
        guard columns > 0 else { return ("", "") }
        let (full, steps, rest) = Bar.characters(kind)
        let all = columns * steps.count
        var filled = Int(((share ?? 0) * Double(all)).rounded())
        if let share, share > 0, share < 1 { filled = min(all - 1, max(1, filled)) }
        var fill = String(repeating: full, count: filled / steps.count)
        let remainder = filled % steps.count
        if remainder > 0 { fill.append(steps[remainder]) }
        return (fill, String(repeating: rest, count: columns - fill.count))
    }

    /// Returns the character of a filled cell, those of a cell filled in part, and that of an empty cell.
    private static func characters(_ kind: GraphKind) -> (Character, [Character], Character) {
        switch kind {
        case .braille, .block: ("█", [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"], "░")
        case .ascii: ("#", [" "], ".")
        }
    }
}

extension Canvas {
    /// Draws a bar, with the graphs that this canvas may use.
    package mutating func bar(_ bar: Bar, row: Int, column: Int, columns: Int, fill: Token = .barFill) {
        let parts = bar.parts(columns: columns, symbols.graphs)
        let end = write(parts.fill, row: row, column: column, token: fill)
        write(parts.track, row: row, column: end, token: .barTrack)
    }

    /// Draws a curve in an area, with the graphs that this canvas may use.
    package mutating func sparkline(_ line: Sparkline, in area: Rectangle, token: Token = .chart1) {
        let lines = line.lines(rows: area.rows, columns: area.columns, symbols.graphs)
        for (offset, text) in lines.enumerated() {
            write(text, row: area.row + offset, column: area.column, token: token)
        }
    }
}
