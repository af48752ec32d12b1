/// A column of a table.
package struct TableColumn: Sendable {
    /// The side at which the cells are aligned.
    package enum Alignment: Sendable {
        case left
        case right
    }

    package let title: String
    package let columns: Int
    package let alignment: Alignment

    package init(_ title: String, _ columns: Int, _ alignment: Alignment = .right) {
        self.title = title
        self.columns = columns
        self.alignment = alignment
    }
}

/// A line of a table.
package struct TableRow: Sendable {
    package var cells: [String]
    package var token: Token

    package init(_ cells: [String], token: Token = .text) {
        self.cells = cells
        self.token = token
    }
}

extension Canvas {
    /// Draws the headings and the rows that fit, the chosen one among them. `marked` is the column that
    /// sorts, `firstNumber` the number of the first row.
    package mutating func table(
        columns: [TableColumn], rows: [TableRow], scroll: Scroll?, in area: Rectangle, marked: Int? = nil,
        descending: Bool = false, firstNumber: Int = 1
    ) {
        guard area.rows > 1 else { return }
        // The numbers of line mode need more room.
        let start = area.column + (numbersLines ? 5 : 2)
        var column = start
        for (index, heading) in columns.enumerated() {
            let title = heading.title + (marked == index ? (descending ? "▼" : "▲") : "")
            place(title, row: area.row, column: column, heading: heading, token: .textMuted)
            column += heading.columns + 1
        }
        let window = (scroll ?? Scroll()).window(count: rows.count, rows: area.rows - 1)
        for (offset, index) in window.enumerated() {
            let row = area.row + 1 + offset
            let isSelected = scroll?.selected == index
            let token: Token = isSelected ? .selection : rows[index].token
            if isSelected {
                fill(Rectangle(row: row, column: area.column, rows: 1, columns: area.columns), token: token)
                write(">", row: row, column: area.column, token: token)
            }
            if numbersLines { write("\(index + firstNumber).", row: row, column: area.column, token: token) }
            column = start
            for (heading, cell) in zip(columns, rows[index].cells) {
                place(cell, row: row, column: column, heading: heading, token: token)
                column += heading.columns + 1
            }
        }
    }

    private mutating func place(_ text: String, row: Int, column: Int, heading: TableColumn, token: Token) {
        switch heading.alignment {
        case .left: write(text, row: row, column: column, token: token, limit: heading.columns)
        case .right:
            writeRight(
                text, row: row, endColumn: column + heading.columns, token: token, limit: heading.columns)
        }
    }
}

/// Returns a bar of `columns` characters for a share between 0 and 1.
package func gauge(_ share: Double, columns: Int) -> String {
    let filled = Int((min(1, max(0, share)) * Double(columns)).rounded(.down))
    return String(repeating: "█", count: filled) + String(repeating: "·", count: columns - filled)
}
