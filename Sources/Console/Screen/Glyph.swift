// What of a text reaches the terminal. The table of widths is our own, so that a drawing does not depend on
// the locale of the C library. It agrees with glibc on every character that both know.

/// A character as it is drawn: one cell or two for each of its parts.
package struct Glyph: Equatable, Sendable {
    /// What is written into one cell, or into a cell and its right neighbour.
    package struct Part: Equatable, Sendable {
        package let text: String
        package let width: Int
    }

    package let first: Part
    /// The parts to the right of the first; most characters have none.
    package let rest: [Part]

    package init(_ first: Part, _ rest: [Part] = []) {
        self.first = first
        self.rest = rest
    }

    package var text: String { rest.reduce(first.text) { $0 + $1.text } }
    package var width: Int { rest.reduce(first.width) { $0 + $1.width } }

    /// The glyph that replaces a character that must not reach the terminal.
    package static let replacement = Glyph(Part(text: "\u{FFFD}", width: 1))
    fileprivate static let space = Glyph(Part(text: " ", width: 1))
}

/// The most scalars in a cell of ncurses: a base character and four marks.
private let scalarsPerCell = 5

/// Returns a safe glyph for any character. Control characters (a table's name may contain an escape sequence)
/// and characters that change the writing direction become U+FFFD. What terminals join, or not, is drawn in
/// its parts, side by side: the emoji of a family each alone, a flag as the two letters of its country, an
/// emoji without its skin tone. So every terminal draws it with the same width.
package func glyph(of character: Character) -> Glyph {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
        return Glyph(Glyph.Part(text: String(character), width: 1))
    }
    if character == "\t" || character == "\n" || character == "\r\n" { return .space }
    var first: Glyph.Part?
    var rest: [Glyph.Part] = []
    var kept = String.UnicodeScalarView()
    var width = 0
    func add(_ part: Glyph.Part) {
        if first == nil { first = part } else { rest.append(part) }
    }
    func end() {
        if !kept.isEmpty { add(Glyph.Part(text: String(kept), width: width)) }
        kept = String.UnicodeScalarView()
    }
    for scalar in character.unicodeScalars {
        if let letter = countryLetter(scalar) {
            end()
            add(Glyph.Part(text: letter, width: 1))
            continue
        }
        if isInvisible(scalar) { continue }
        let columns = columns(of: scalar)
        if columns > 0 {
            // The letters of a syllable that Hangul composes share a cell; all else stands alone.
            end()
            kept.append(scalar)
            width = columns
        } else if !kept.isEmpty, kept.count < scalarsPerCell {
            kept.append(scalar)
        }
    }
    end()
    return first.map { Glyph($0, rest) } ?? .replacement
}

/// Whether nothing of a scalar is drawn: controls, joiners, marks of direction, variants and skin tones.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x34F, 0x61C, 0x180B...0x180F, 0x200B...0x200F, 0x2028...0x202E,
        0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF, 0xFFF9...0xFFFB, 0x1F3FB...0x1F3FF, 0xE0000...0xE0FFF:
        return true
    default: break  // Everything else depends on its category.
    }
    switch scalar.properties.generalCategory {
    case .unassigned, .surrogate, .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false  // The other categories all draw something, if only a space.
    }
}

/// Returns the letter of one half of a flag.
private func countryLetter(_ scalar: Unicode.Scalar) -> String? {
    guard (0x1F1E6...0x1F1FF).contains(scalar.value) else { return nil }
    return Unicode.Scalar(scalar.value - 0x1F1E6 + 0x41).map { String($0) }
}

/// Returns the columns of a visible scalar: 0 for marks on the character before, 2 for East Asian wide forms
/// and emoji.
private func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break  // The other categories all take space.
    }
    switch value {
    case 0x1160...0x11FF, 0xD7B0...0xD7FF, 0x1171E: return 0
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD:
        return 2
    default:
        return scalar.properties.isEmojiPresentation ? 2 : 1
    }
}
