/// Attributes and colours of each token on one terminal, as curses takes them.
struct CellStyles {
    /// How a token is drawn.
    struct Style: Equatable {
        var attributes: Attributes
        /// Numbers of colours; -1 is the terminal's own.
        var foreground: Int32
        var background: Int32
    }

    private struct Key: Hashable {
        var token: Token
        var onPanel: Bool
    }

    private let theme: Theme
    private let depth: ColourDepth
    private var trueColours: TrueColours
    private var known: [Key: Style] = [:]

    /// Without colours the theme is `mono`, whose attributes alone tell the tokens apart.
    init(
        theme: Theme, depth: ColourDepth,
        sequence: @escaping (_ index: Int16, _ ofBackground: Bool) -> [UInt8]?
    ) {
        self.theme = depth == .none ? .mono : theme
        self.depth = depth
        trueColours = TrueColours(sequence: sequence)
    }

    mutating func style(of token: Token, onPanel: Bool) -> Style {
        let key = Key(token: token, onPanel: onPanel)
        if let style = known[key] { return style }
        let paint = theme.paint(token, onPanel: onPanel)
        var style = Style(
            attributes: paint.attributes, foreground: number(of: paint.foreground),
            background: number(of: paint.background))
        // Terminals with eight colours show the bright ones as bold.
        if depth == .eight || depth == .direct, let colour = paint.foreground, isNamedBright(colour) {
            style.attributes.insert(.bold)
        }
        known[key] = style
        return style
    }

    /// Returns a finished frame in the colours of the terminal.
    func translated(_ frame: [UInt8]) -> [UInt8] {
        depth == .truecolor ? trueColours.translated(frame) : frame
    }

    private func isNamedBright(_ colour: Colour) -> Bool {
        colour.c16 >= 8 && (depth == .eight || colour.rgb < 0)
    }

    private mutating func number(of colour: Colour?) -> Int32 {
        guard let colour else { return -1 }
        switch depth {
        case .none: return -1
        case .eight: return Int32(colour.c16 < 8 ? colour.c16 : colour.c16 - 8)
        case .sixteen: return Int32(colour.c16)
        case .indexed256: return Int32(colour.c256)
        case .truecolor:
            guard let rgb = bits(of: colour) else { return Int32(colour.c256) }
            return Int32(trueColours.index(of: rgb) ?? colour.c256)
        case .direct:
            guard let rgb = bits(of: colour) else {
                return Int32(colour.c16 < 8 ? colour.c16 : colour.c16 - 8)
            }
            // The first eight numbers are the named colours.
            return max(8, rgb)
        }
    }

    private func bits(of colour: Colour) -> Int32? {
        colour.rgb >= 0 ? colour.rgb : Colour.rgb(ofIndex: colour.c256)
    }
}
