/// Rows of text in columns. Every cell is padded to its column's width, also the last one. ` | ` separates
/// cells, so that `awk -F'|'` finds them.
struct ColumnTable {
    private var rows: [[String]] = []

    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// Returns the lines. Each cell passes through `style` after it was padded, because colours must not
    /// count as width.
    func lines(style: (_ cell: String, _ row: Int, _ column: Int) -> String = { cell, _, _ in cell })
        -> [String]
    {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.enumerated().map { number, row in
            row.enumerated().map { column, cell in
                style(cell.padded(to: widths[column]), number, column)
            }.joined(separator: " | ")
        }
    }
}

extension String {
    /// The text with spaces after it, up to a width.
    func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }

    /// The text with spaces before it, up to a width.
    func aligned(rightTo width: Int) -> String {
        count < width ? String(repeating: " ", count: width - count) + self : self
    }
}
