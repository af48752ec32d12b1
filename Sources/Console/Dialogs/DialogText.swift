/// The sentences of a dialog, in pages that the smallest screen can show. The button stays locked until the
/// last page was shown.
package struct DialogText: Equatable, Sendable {
    /// The wrapped lines.
    package let lines: [String]
    private let rowsMax: Int
    package private(set) var page = 0
    /// Whether the last page was shown.
    package private(set) var isRead: Bool

    /// Columns of a dialog's text; the smallest screen has as many.
    static let columns = columnsMin - 8

    init(_ sentences: [String], rowsMax: Int) {
        lines = sentences.flatMap { wrapped($0, to: Self.columns) }
        self.rowsMax = rowsMax
        isRead = lines.count <= rowsMax
    }

    private var pages: Int { max(1, (lines.count + rowsMax - 1) / rowsMax) }

    /// The lines of the page in view.
    var shown: ArraySlice<String> {
        lines[min(page * rowsMax, lines.count)..<min((page + 1) * rowsMax, lines.count)]
    }

    /// What tells that there is more; nil if all is shown.
    var more: String? {
        pages == 1 ? nil : "page \(page + 1) of \(pages): PgDn and PgUp show the others"
    }

    /// Number of rows that the text needs.
    var rows: Int { pages == 1 ? lines.count : rowsMax }

    mutating func turn(_ step: Int) {
        page = min(max(0, page + step), pages - 1)
        if page == pages - 1 { isRead = true }
    }
}
