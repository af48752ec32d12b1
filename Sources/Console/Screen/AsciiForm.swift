/// Returns the cell's text for a terminal without UTF-8. A character without such a form becomes question
/// marks, one a column, so that the layout stays.
package func asciiForm(of cell: Cell) -> String {
    if cell.text.utf8.count == 1 || cell.width == 0 { return cell.text }
    if let known = asciiForms[cell.text] { return known }
    return String(repeating: "?", count: Int(cell.width))
}

private let asciiForms: [String: String] = [
    "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+",
    "✓": "+", "▶": ">", "·": ".", "✗": "x", "→": ">", "←": "<", "⊘": "-", "‖": "=", "↺": "~", "●": "*",
    "█": "#", "░": ".", "…": "~", "▲": "^", "▼": "v", "◂": "<", "▸": ">",
]
