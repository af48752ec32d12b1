/// A character cell. A wide character fills its cell and leaves the next one empty with width 0.
package struct Cell: Equatable, Sendable {
    package var text: String
    package var width: Int8
    package var token: Token
    /// It stands on a dialog, whose ground is the theme's panel.
    package var onPanel: Bool

    package init(text: String, width: Int8, token: Token, onPanel: Bool = false) {
        self.text = text
        self.width = width
        self.token = token
        self.onPanel = onPanel
    }

    package static let blank = Cell(text: " ", width: 1, token: .text)
}

/// The cells in memory that every view draws on. The terminal writes the changes, and a test compares the
/// text.
package struct Canvas: Equatable, Sendable {
    package let rows: Int
    package let columns: Int
    /// The characters that the terminal can show.
    package let symbols: Symbols
    private(set) var cells: [Cell]
    /// Whether the lines of lists and tables have their number before them, as in line mode.
    package var numbersLines = false

    package init(rows: Int, columns: Int, symbols: Symbols = .unicode) {
        self.rows = rows
        self.columns = columns
        self.symbols = symbols
        self.cells = Array(repeating: .blank, count: rows * columns)
    }

    package var area: Rectangle { Rectangle(row: 0, column: 0, rows: rows, columns: columns) }

    package func row(_ row: Int) -> ArraySlice<Cell> { cells[row * columns..<(row + 1) * columns] }

    /// Writes text from a column on, at most `limit` columns, and never half of a wide character.
    /// `glyph(of:)` cleans every string. Returns the column after the last one written.
    @discardableResult
    package mutating func write(
        _ text: String, row: Int, column: Int, token: Token = .text, limit: Int? = nil
    ) -> Int {
        guard row >= 0, row < rows, column >= 0 else { return column }
        let end = min(columns, limit.map { column + $0 } ?? columns)
        let text = limit.map { clipped(text, to: $0) } ?? text
        var position = column
        for character in text {
            let glyph = glyph(of: character)
            guard position + glyph.width <= end else { break }
            put(glyph.first, row: row, column: position, token: token)
            position += glyph.first.width
            for part in glyph.rest {
                put(part, row: row, column: position, token: token)
                position += part.width
            }
        }
        return position
    }

    /// Writes text so that it ends before `endColumn`.
    package mutating func writeRight(
        _ text: String, row: Int, endColumn: Int, token: Token = .text, limit: Int? = nil
    ) {
        let text = limit.map { clipped(text, to: $0) } ?? text
        write(text, row: row, column: max(0, endColumn - textWidth(text)), token: token)
    }

    /// Fills an area with spaces. What is written on a fill of `.panel` stands on that ground.
    package mutating func fill(_ area: Rectangle, token: Token = .text) {
        for row in max(0, area.row)..<max(0, min(rows, area.endRow)) {
            for column in max(0, area.column)..<max(0, min(columns, area.endColumn)) {
                put(.space, row: row, column: column, token: token)
            }
        }
    }

    /// Draws a border with a title in its upper edge.
    package mutating func box(
        _ area: Rectangle, title: String = "", token: Token = .border, titleToken: Token = .panelTitle
    ) {
        guard area.rows >= 2, area.columns >= 2 else { return }
        let line = String(repeating: "─", count: area.columns - 2)
        write("┌" + line + "┐", row: area.row, column: area.column, token: token)
        for row in area.row + 1..<area.endRow - 1 {
            write("│", row: row, column: area.column, token: token)
            write("│", row: row, column: area.endColumn - 1, token: token)
        }
        write("└" + line + "┘", row: area.endRow - 1, column: area.column, token: token)
        if !title.isEmpty {
            write(
                " " + clipped(title, to: area.columns - 6) + " ", row: area.row, column: area.column + 1,
                token: titleToken)
        }
    }

    /// Returns the canvas as text: a line for each row, without trailing spaces.
    package func lines() -> [String] {
        (0..<rows).map { row in
            var line = ""
            for cell in self.row(row) where cell.width > 0 { line += cell.text }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private mutating func put(_ part: Glyph.Part, row: Int, column: Int, token: Token) {
        let index = row * columns + column
        // Overwriting half of a wide character removes its other half.
        if cells[index].width == 0, column > 0 { blank(index - 1) }
        for offset in 0..<part.width {
            if cells[index + offset].width == 2, column + offset + 1 < columns { blank(index + offset + 1) }
        }
        let onPanel = token == .panel || (token != .background && cells[index].onPanel)
        cells[index] = Cell(text: part.text, width: Int8(part.width), token: token, onPanel: onPanel)
        if part.width == 2 { cells[index + 1] = Cell(text: "", width: 0, token: token, onPanel: onPanel) }
    }

    private mutating func blank(_ index: Int) {
        cells[index] = Cell(text: " ", width: 1, token: .text, onPanel: cells[index].onPanel)
    }
}

extension Glyph.Part {
    fileprivate static let space = Glyph.Part(text: " ", width: 1)
}
