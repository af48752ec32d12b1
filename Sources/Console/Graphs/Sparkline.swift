/// A curve in few characters: the newest samples, at the right end of a fixed width. A missing sample is a
/// gap, and 0 has the lowest mark, so that the two are never taken for each other.
package struct Sparkline: Equatable, Sendable {
    /// The oldest first.
    private let samples: [Double?]
    /// The value at the upper edge; the greatest sample if nil.
    private let maximum: Double?

    package init(_ samples: [Double?], maximum: Double? = nil) {
        self.samples = samples.map { $0.flatMap { $0.isFinite ? $0 : nil } }
        self.maximum = maximum
    }

    /// Returns how many samples a width shows.
    package static func samples(inColumns columns: Int, _ kind: GraphKind) -> Int {
        switch kind {
        case .braille: 2 * columns
        case .block, .ascii: columns
        }
    }

    /// Returns the curve in one line.
    package func text(columns: Int, _ kind: GraphKind) -> String {
        lines(rows: 1, columns: columns, kind).first ?? ""
    }

    /// Returns the curve as a chart of several lines, the upper one first.
    package func lines(rows: Int, columns: Int, _ kind: GraphKind) -> [String] {
        guard rows > 0, columns > 0 else { return [] }
        let count = Sparkline.samples(inColumns: columns, kind)
        var shown = Array(samples.suffix(count))
        shown = Array(repeating: nil, count: count - shown.count) + shown
        let steps = rows * Sparkline.stepsPerRow(kind)
        let top = maximum ?? shown.compactMap(\.self).max() ?? 0
        let heights = shown.map { $0.map { Sparkline.height(of: $0, top: top, steps: steps) } }
        return (0..<rows).map { row in
            let below = (rows - 1 - row) * Sparkline.stepsPerRow(kind)
            return Sparkline.line(heights.map { $0.map { max(0, $0 - below) } }, kind)
        }
    }

    private static func stepsPerRow(_ kind: GraphKind) -> Int {
        switch kind {
        case .braille: 4
        case .block: blocks.count - 1
        case .ascii: ascii.count - 1
        }
    }

    /// Returns the steps that a value fills: at least one.
    private static func height(of value: Double, top: Double, steps: Int) -> Int {
        guard top > 0, value > 0 else { return 1 }
        return max(1, Int((min(1, value / top) * Double(steps)).rounded()))
    }

    private static let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Character] = [" ", "_", ".", "-", "=", "+", "*", "#"]
    /// The dots of a cell's left and right column, from below.
    private static let leftDots: [UInt32] = [0, 0x40, 0x44, 0x46, 0x47]
    private static let rightDots: [UInt32] = [0, 0x80, 0xA0, 0xB0, 0xB8]

    private static func line(_ heights: [Int?], _ kind: GraphKind) -> String {
        switch kind {
        case .block: return String(heights.map { blocks[min($0 ?? 0, blocks.count - 1)] })
        case .ascii: return String(heights.map { ascii[min($0 ?? 0, ascii.count - 1)] })
        case .braille:
            var text = String.UnicodeScalarView()
            for index in stride(from: 0, to: heights.count, by: 2) {
                let dots = leftDots[min(heights[index] ?? 0, 4)] | rightDots[min(heights[index + 1] ?? 0, 4)]
                // A cell without dots is a space: some fonts draw the empty pattern as a ring of dots.
                text.append(dots == 0 ? " " : Unicode.Scalar(0x2800 + dots) ?? " ")
            }
            return String(text)
        }
    }
}
