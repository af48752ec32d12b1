// The width of text on a terminal, and how text is cut to a width.

/// Returns the columns of a text.
package func textWidth(_ text: String) -> Int {
    if isPlain(text) { return text.utf8.count }
    return text.reduce(0) { $0 + glyph(of: $1).width }
}

/// Whether every byte of a text is a character of one column, as in most names.
private func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

/// Returns the text cut to at most `columns`, with an ellipsis if something was cut.
package func clipped(_ text: String, to columns: Int) -> String {
    guard textWidth(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var result = ""
    var used = 0
    for character in text {
        let width = glyph(of: character).width
        if used + width > columns - 1 { break }
        result.append(character)
        used += width
    }
    return result + "…"
}

/// Returns the text cut at its start, for texts whose end matters more (`…:5432/orders`).
package func clippedAtStart(_ text: String, to columns: Int) -> String {
    guard textWidth(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var kept: [Character] = []
    var used = 0
    for character in text.reversed() {
        let width = glyph(of: character).width
        if used + width > columns - 1 { break }
        kept.append(character)
        used += width
    }
    return "…" + String(kept.reversed())
}

/// Returns a place such as `host:5432/database` in at most `columns`. A long one loses its middle:
/// `pg-old…/orders`. The database has at most half of the columns if the host needs the other half.
package func shortenedPlace(_ place: String, to columns: Int) -> String {
    guard textWidth(place) > columns else { return place }
    guard columns > 3, let slash = place.lastIndex(of: "/") else { return clipped(place, to: columns) }
    let host = String(place[..<slash])
    let database = String(place[slash...])
    // The ellipsis before the database takes a column.
    let forDatabase = max(columns / 2, columns - textWidth(host) - 1)
    let end = clipped(database, to: min(forDatabase, columns - 1))
    let start = prefix(of: host, columns: columns - textWidth(end) - 1, atLeastOne: false)
    return start + "…" + end
}

/// Returns the text in lines of at most `columns`, broken at spaces, and inside a word that is too long.
package func wrapped(_ text: String, to columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var line = ""
        var used = 0
        for word in paragraph.split(separator: " ") {
            var word = String(word)
            var width = textWidth(word)
            if used > 0, used + 1 + width > columns {
                lines.append(line)
                (line, used) = ("", 0)
            }
            while width > columns {
                let head = prefix(of: word, columns: columns)
                lines.append(head)
                word = String(word.dropFirst(head.count))
                width = textWidth(word)
            }
            line += (used > 0 ? " " : "") + word
            used += (used > 0 ? 1 : 0) + width
        }
        lines.append(line)
    }
    return lines
}

private func prefix(of word: String, columns: Int, atLeastOne: Bool = true) -> String {
    var result = ""
    var used = 0
    for character in word {
        let width = glyph(of: character).width
        if used + width > columns, !(result.isEmpty && atLeastOne) { break }
        result.append(character)
        used += width
    }
    return result
}
