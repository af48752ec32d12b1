import CNcurses

/// How the console can be shown on a terminal.
package enum Presentation: Sendable {
    /// As a screen. The warning says if the terminal is taken for one of another type.
    case screen(TerminalKind, warning: String?)
    /// Line by line alone, and why.
    case lines(TerminalKind, reason: String)
}

extension TerminalKind {
    /// The type that a terminal is taken for where the system does not know its own.
    private static let likelyType = "xterm-256color"

    /// What the system's descriptions say about a type.
    package enum Description: Sendable {
        case unknown
        /// It cannot move its cursor to a place.
        case lines
        case screen
    }

    /// Returns how the console can be shown here. A type that the system does not know is taken for
    /// xterm-256color, because newer terminals understand that. No screen may be open.
    package func presentation(
        describing describe: (String) -> Description = TerminalKind.description(of:)
    ) -> Presentation {
        switch type.isEmpty ? .unknown : describe(type) {
        case .screen: return .screen(self, warning: nil)
        case .lines:
            return .lines(self, reason: "A terminal of type \(printable(type)) cannot show the console.")
        case .unknown: break
        }
        let shown = type.isEmpty ? "(none)" : printable(type)
        guard case .screen = describe(TerminalKind.likelyType) else {
            return .lines(
                self,
                reason:
                    "This system does not know the terminal type \(shown); set TERM, for example to xterm.")
        }
        return .screen(
            takenFor(TerminalKind.likelyType),
            warning:
                "This system does not know the terminal type \(shown); \(TerminalKind.likelyType) is used.")
    }

    /// Asks the system's descriptions.
    package static func description(of type: String) -> Description {
        // Sound: the string lives through the call.
        switch unsafe sb_describe(type) {
        case SB_SCREEN: .screen
        case SB_LINES: .lines
        default: .unknown
        }
    }

    private func printable(_ type: String) -> String { type.map { glyph(of: $0).text }.joined() }
}
