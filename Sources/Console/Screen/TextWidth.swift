// The width of text on a terminal, and how text is cut to a width. The table is our own, so that a drawing
// does not depend on the locale of the C library. It agrees with glibc on every character we have seen in
// table names.

/// Returns the columns of a scalar: 0 for marks on the character before, 2 for East Asian wide forms and
/// emoji.
private func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break  // The other thirty categories all take space.
    }
    switch value {
    case 0x1160...0x11FF: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
        return 2
    default:
        return scalar.properties.isEmojiPresentation ? 2 : 1
    }
}

/// The text of one cell, or of a cell and its right neighbour.
package struct Glyph: Equatable, Sendable {
    package let text: String
    package let width: Int
}

/// The glyph that replaces a character that must not reach the terminal.
private let replacement = Glyph(text: "\u{FFFD}", width: 1)

/// The most scalars in a cell of ncurses: a base character and four marks.
private let scalarsPerCell = 5

/// Returns a safe glyph for any character. Control characters (a table's name may contain an escape sequence)
/// and characters that change the writing direction become U+FFFD. A cluster that terminals show differently
/// (joined emoji, flags) is reduced to its first scalar.
package func glyph(of character: Character) -> Glyph {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
        return Glyph(text: String(character), width: 1)
    }
    if character == "\t" || character == "\n" || character == "\r\n" { return Glyph(text: " ", width: 1) }
    var kept = String.UnicodeScalarView()
    var width = 0
    for scalar in character.unicodeScalars {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB:
            if kept.isEmpty { return replacement }
            continue
        default: break  // Everything else is text.
        }
        let columns = columns(of: scalar)
        if kept.isEmpty {
            guard columns > 0 else { return replacement }
            kept.append(scalar)
            width = columns
        } else if columns == 0, kept.count < scalarsPerCell, scalar.value != 0xFE0F {
            kept.append(scalar)
        }
    }
    return kept.isEmpty ? replacement : Glyph(text: String(kept), width: width)
}

/// Returns the columns of a text.
package func textWidth(_ text: String) -> Int {
    text.reduce(0) { $0 + glyph(of: $1).width }
}

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

private func prefix(of word: String, columns: Int) -> String {
    var result = ""
    var used = 0
    for character in word {
        let width = glyph(of: character).width
        if used + width > columns, !result.isEmpty { break }
        result.append(character)
        used += width
    }
    return result
}
