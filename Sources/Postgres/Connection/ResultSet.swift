/// The rows of a small query, as text: of catalogs and metadata, never of the data that is moved.
package struct ResultSet: Sendable {
    package let columns: [String]
    package let rows: [[String?]]
    /// Number of rows that a statement changed.
    package let affectedRows: Int

    package init(columns: [String], rows: [[String?]], affectedRows: Int) {
        self.columns = columns
        self.rows = rows
        self.affectedRows = affectedRows
    }

    /// The first row's first value.
    package var scalar: String? { rows.first?.first ?? nil }
}
