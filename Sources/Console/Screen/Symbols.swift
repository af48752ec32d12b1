/// Which characters marks and lines are drawn with, as a theme or the operator chooses.
package enum SymbolChoice: String, CaseIterable, Sendable {
    case auto
    case unicode
    case ascii
}

/// Which characters graphs are drawn with, as a theme or the operator chooses.
package enum GraphChoice: String, CaseIterable, Sendable {
    case auto
    case braille
    case block
    case ascii
}

/// The characters that a graph is drawn with.
package enum GraphKind: String, CaseIterable, Sendable {
    /// Dots, two columns and four rows of them in a cell. Some fonts lack them.
    case braille
    /// Blocks of eighths.
    case block
    case ascii
}

/// The characters that a terminal can show, which drawing code asks.
package struct Symbols: Equatable, Sendable {
    /// Marks and lines are drawn with ASCII: `✓` becomes `+`.
    package var marksAreASCII: Bool
    package var graphs: GraphKind

    package init(marksAreASCII: Bool, graphs: GraphKind) {
        self.marksAreASCII = marksAreASCII
        self.graphs = graphs
    }

    package static let unicode = Symbols(marksAreASCII: false, graphs: .braille)
    package static let ascii = Symbols(marksAreASCII: true, graphs: .ascii)

    /// Resolves the choices for a terminal. A locale without UTF-8 leaves ASCII alone. The fonts of the Linux
    /// console have blocks and no dots.
    package init(_ symbols: SymbolChoice, _ graphs: GraphChoice, isUTF8: Bool, terminalType: String) {
        guard isUTF8 else {
            self = .ascii
            return
        }
        marksAreASCII = symbols == .ascii
        switch graphs {
        case .braille: self.graphs = .braille
        case .block: self.graphs = .block
        case .ascii: self.graphs = .ascii
        case .auto:
            if marksAreASCII {
                self.graphs = .ascii
            } else {
                self.graphs = terminalType.hasPrefix("linux") ? .block : .braille
            }
        }
    }
}
