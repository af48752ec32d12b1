/// A line of a page.
package struct PageLine: Equatable, Sendable {
    package var text: String
    package var token: Token
    /// Whether its spaces have a meaning, so that it is never wrapped.
    package var isVerbatim: Bool

    package init(_ text: String, _ token: Token = .text, isVerbatim: Bool = false) {
        self.text = text
        self.token = token
        self.isVerbatim = isVerbatim
    }
}

extension Canvas {
    /// Draws lines from the top of an area; returns the row after the last.
    @discardableResult
    mutating func lines(_ lines: [PageLine], in area: Rectangle) -> Int {
        for (offset, line) in lines.prefix(area.rows).enumerated() {
            write(
                line.text, row: area.row + offset, column: area.column + 1, token: line.token,
                limit: area.columns - 2)
        }
        return area.row + min(lines.count, area.rows)
    }

    /// Draws a list with the chosen line in view. Without the focus, the chosen line is not marked.
    mutating func list(_ lines: [PageLine], scroll: Scroll, hasFocus: Bool = true, in area: Rectangle) {
        let window = scroll.window(count: lines.count, rows: area.rows)
        for (offset, index) in window.enumerated() {
            let row = area.row + offset
            let isSelected = hasFocus && scroll.selected == index
            if isSelected {
                fill(
                    Rectangle(row: row, column: area.column, rows: 1, columns: area.columns),
                    token: .selection)
            }
            let mark = numbersLines ? "\(index + 1). " : isSelected ? ">" : " "
            write(
                mark + lines[index].text, row: row, column: area.column,
                token: isSelected ? .selection : lines[index].token, limit: area.columns)
        }
        // What is not in view is counted.
        let below = lines.count - window.upperBound
        if below > 0, area.rows > 1 {
            writeRight(
                " \(below) more ", row: area.endRow - 1, endColumn: area.endColumn, token: .textMuted)
        }
    }

    /// Columns that the numbers of line mode take of a list's lines.
    var numberColumns: Int { numbersLines ? 4 : 0 }

    /// Draws a line across an area.
    mutating func rule(row: Int, in area: Rectangle, title: String = "") {
        write(
            String(repeating: "─", count: area.columns), row: row, column: area.column, token: .border)
        if !title.isEmpty {
            write(
                " " + clipped(title, to: area.columns - 4) + " ", row: row, column: area.column + 1,
                token: .panelTitle)
        }
    }
}

/// Returns lines that are wrapped, each with its token.
func wrapped(_ lines: [PageLine], to columns: Int, rowsMax: Int = .max) -> [PageLine] {
    lines.flatMap { line in
        line.isVerbatim
            ? [line] : wrapped(line.text, to: columns).prefix(rowsMax).map { PageLine($0, line.token) }
    }
}

/// Returns a statement of several lines as one line.
func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

extension String {
    /// The text with spaces after it, up to that many columns.
    package func padding(to columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - textWidth(self)))
    }
}
