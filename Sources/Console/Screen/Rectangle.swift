/// A part of the screen, in character cells.
package struct Rectangle: Equatable, Sendable {
    package var row: Int
    package var column: Int
    package var rows: Int
    package var columns: Int

    package init(row: Int, column: Int, rows: Int, columns: Int) {
        self.row = row
        self.column = column
        self.rows = max(0, rows)
        self.columns = max(0, columns)
    }

    package var endRow: Int { row + rows }
    package var endColumn: Int { column + columns }

    /// The area inside a border one cell wide.
    package var inner: Rectangle {
        Rectangle(row: row + 1, column: column + 1, rows: rows - 2, columns: columns - 2)
    }

    /// Returns the upper `rows` rows, and the area below them.
    package func split(top rows: Int) -> (top: Rectangle, rest: Rectangle) {
        let height = min(max(0, rows), self.rows)
        return (
            Rectangle(row: row, column: column, rows: height, columns: columns),
            Rectangle(row: row + height, column: column, rows: self.rows - height, columns: columns)
        )
    }
}
