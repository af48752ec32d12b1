/// The colours of a terminal.
package enum ColourDepth: Equatable, Sendable {
    case none
    case eight
    case sixteen
    case indexed256
    /// 24 bits, in frames that are composed with indexes.
    case truecolor
    /// 24 bits, by a terminal type whose colour numbers are the bits.
    case direct
}

/// What the environment tells about the terminal.
package struct TerminalKind: Sendable {
    /// A program between the console and the terminal, which has a screen of its own.
    package enum Multiplexer: Sendable {
        case tmux
        case screen
    }

    /// The variables of the environment that say something about a terminal.
    package static let variableNames = [
        "TERM", "COLORTERM", "NO_COLOR", "TMUX", "STY", "KITTY_WINDOW_ID", "TERM_PROGRAM",
    ]

    /// The name of the description that the terminal is used by.
    package private(set) var type: String
    /// The type that the environment names.
    private let ownType: String
    private let variables: [String: String]

    package init(variables: [String: String]) {
        type = variables["TERM"] ?? ""
        ownType = type
        self.variables = variables
    }

    /// Returns the same terminal, used by another description.
    package func takenFor(_ type: String) -> TerminalKind {
        var kind = self
        kind.type = type
        return kind
    }

    package var multiplexer: Multiplexer? {
        if has("TMUX") || ownType.hasPrefix("tmux") { return .tmux }
        if has("STY") || ownType.hasPrefix("screen") { return .screen }
        return nil
    }

    /// NO_COLOR with any value but an empty one asks for no colours.
    package var wantsColours: Bool { !has("NO_COLOR") }

    /// Returns the colours to use on a terminal whose description has that number of them.
    package func depth(colours: Int) -> ColourDepth {
        guard wantsColours else { return .none }
        switch colours {
        case ..<8: return .none
        case ..<16: return .eight
        case ..<256: return .sixteen
        case 256: return ["truecolor", "24bit"].contains(variables["COLORTERM"]) ? .truecolor : .indexed256
        default: return .direct
        }
    }

    /// Whether the terminal shows a frame between `begin` and `end` of DEC mode 2026 as a whole. Within tmux
    /// and screen it does not help, and some versions then draw everything again.
    package var takesSynchronizedOutput: Bool {
        guard multiplexer == nil else { return false }
        let types = ["xterm-kitty", "alacritty", "foot", "contour", "xterm-ghostty", "wezterm", "rio"]
        let programs = ["WezTerm", "ghostty", "iTerm.app", "vscode", "contour", "rio"]
        return types.contains { ownType.hasPrefix($0) } || has("KITTY_WINDOW_ID")
            || programs.contains(variables["TERM_PROGRAM"] ?? "")
    }

    /// Whether the terminal may take a copy by OSC 52. That it did cannot be known.
    package var mayTakeCopies: Bool {
        if variables["TERM_PROGRAM"] == "Apple_Terminal", multiplexer == nil { return false }
        return !["linux", "vt", "dumb", "ansi", "cons"].contains { ownType.hasPrefix($0) }
    }

    private func has(_ variable: String) -> Bool { !(variables[variable] ?? "").isEmpty }
}
