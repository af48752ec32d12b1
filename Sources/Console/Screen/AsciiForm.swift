/// Returns the cell's text for a terminal without UTF-8. A character without such a form becomes question
/// marks, one a column, so that the layout stays.
package func asciiForm(of cell: Cell) -> String {
    if cell.text.utf8.count == 1 || cell.width == 0 { return cell.text }
    if let known = asciiForms[cell.text] { return known }
    return String(repeating: "?", count: Int(cell.width))
}

/// Returns what a terminal shows of a cell: marks and lines in ASCII where its symbols are, and ASCII alone
/// where its characters are not UTF-8.
func shownText(of cell: Cell, symbols: Symbols, isUTF8: Bool) -> String {
    if !isUTF8 { return asciiForm(of: cell) }
    return symbols.marksAreASCII ? asciiForms[cell.text] ?? cell.text : cell.text
}

private let asciiForms: [String: String] = [
    "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+",
    "✓": "+", "▶": ">", "·": ".", "✗": "x", "→": ">", "←": "<", "⊘": "-", "‖": "=", "↺": "~", "●": "*",
    "•": "*",
    "█": "#", "░": ".", "…": "~", "▲": "^", "▼": "v", "◂": "<", "▸": ">",
]
