/// A colour in three forms that its author chose, so that no terminal has to approximate it.
package struct Colour: Equatable, Sendable {
    /// 0xRRGGBB, for terminals with 24-bit colours; -1 if there is none, and `c256` is used.
    package var rgb: Int32
    /// The index among 256 colours; -1 is the terminal's own.
    package var c256: Int16
    /// The index among the 16 named colours; -1 is the terminal's own.
    package var c16: Int16

    package init(rgb: Int32, c256: Int16, c16: Int16) {
        self.rgb = rgb
        self.c256 = c256
        self.c16 = c16
    }

    package static let ownOfTerminal = Colour(rgb: -1, c256: -1, c16: -1)

    /// The first 16 of 256 colours are the named ones.
    package static func named(_ name: NamedColour) -> Colour {
        Colour(rgb: -1, c256: name.index, c16: name.index)
    }

    /// Returns the 24 bits of one of the 240 colours that are the same on every terminal; nil for the first
    /// 16, which belong to the terminal's owner.
    package static func rgb(ofIndex index: Int16) -> Int32? {
        switch index {
        case 16...231:
            let number = Int32(index) - 16
            func part(_ step: Int32) -> Int32 { step == 0 ? 0 : 55 + 40 * step }
            return part(number / 36) << 16 | part(number / 6 % 6) << 8 | part(number % 6)
        case 232...255:
            let grey = 8 + 10 * (Int32(index) - 232)
            return grey << 16 | grey << 8 | grey
        default: return nil
        }
    }
}

/// The 16 colours that have the same names on every terminal.
package enum NamedColour: String, CaseIterable, Sendable {
    case black, red, green, yellow, blue, magenta, cyan, white
    case brightblack, brightred, brightgreen, brightyellow, brightblue, brightmagenta, brightcyan, brightwhite

    package var index: Int16 { Int16(NamedColour.allCases.firstIndex(of: self) ?? 0) }
}

/// The attributes of a character cell.
package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let italic = Attributes(rawValue: 4)
    package static let underline = Attributes(rawValue: 8)
    package static let reverse = Attributes(rawValue: 16)
}
