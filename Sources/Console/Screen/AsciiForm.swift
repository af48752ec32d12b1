/// What a glyph of ours becomes on a terminal without UTF-8. Anything foreign becomes a question mark, once a
/// column, so that the layout stays.
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
