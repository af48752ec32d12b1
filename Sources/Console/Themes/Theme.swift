/// The colours and attributes of one token. A missing colour is the ground's, or else the terminal's own.
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

/// The paint of every token, and what the theme's author wants drawn.
package struct Theme: Equatable, Sendable {
    /// The terminals that a theme is for. `any` sets no background.
    package enum Appearance: String, CaseIterable, Sendable {
        case dark
        case light
        case any
    }

    package var name: String
    package var title: String
    package var appearance: Appearance
    package var symbols: SymbolChoice
    package var graphs: GraphChoice
    package var paints: [Token: Paint]

    package init(
        name: String, title: String, appearance: Appearance = .any, symbols: SymbolChoice = .auto,
        graphs: GraphChoice = .auto, paints: [Token: Paint]
    ) {
        self.name = name
        self.title = title
        self.appearance = appearance
        self.symbols = symbols
        self.graphs = graphs
        self.paints = paints
    }

    /// Returns the token's paint, completed with the colours of text and of the ground it stands on.
    package func paint(_ token: Token, onPanel: Bool = false) -> Paint {
        let ground = paints[.background] ?? Paint()
        let panel = onPanel ? paints[.panel] : nil
        var paint = paints[token] ?? Paint()
        paint.foreground = paint.foreground ?? paints[.text]?.foreground ?? ground.foreground
        paint.background = paint.background ?? panel?.background ?? ground.background
        return paint
    }
}
