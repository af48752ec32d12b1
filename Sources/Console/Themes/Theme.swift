/// A colour in three forms that its author chose, so that no terminal has to approximate it.
package struct Colour: Equatable, Sendable {
    /// 0xRRGGBB, for terminals with 24-bit colours.
    package var rgb: Int32
    /// The index among 256 colours.
    package var c256: Int16
    /// The index among the 16 named colours; -1 is the terminal's own.
    package var c16: Int16

    package static let ownOfTerminal = Colour(rgb: -1, c256: -1, c16: -1)
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

/// The colours and attributes of one token. A missing colour is the background's, or else the terminal's own.
package struct Paint: Equatable, Sendable {
    package var foreground: Colour?
    package var background: Colour?
    package var attributes: Attributes

    package init(foreground: Colour? = nil, background: Colour? = nil, attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }
}

/// The paint of every token.
package struct Theme: Equatable, Sendable {
    package var name: String
    package var title: String
    package var paints: [Token: Paint]

    package init(name: String, title: String, paints: [Token: Paint]) {
        self.name = name
        self.title = title
        self.paints = paints
    }

    /// Returns the token's paint, completed with the colours of text and background.
    package func paint(_ token: Token) -> Paint {
        let ground = paints[.background] ?? Paint()
        var paint = paints[token] ?? Paint()
        paint.foreground = paint.foreground ?? paints[.text]?.foreground ?? ground.foreground
        paint.background = paint.background ?? ground.background
        return paint
    }
}
