/// What the mouse did, at a place of the screen.
package struct MouseEvent: Equatable, Sendable {
    package enum Button: Equatable, Sendable {
        case left
        case middle
        case right
        case wheelUp
        case wheelDown
    }

    /// From 0, as on a canvas.
    package var row: Int
    package var column: Int
    package var button: Button
    /// The button was let go. A wheel is never let go.
    package var isRelease: Bool

    package init(row: Int, column: Int, button: Button, isRelease: Bool = false) {
        self.row = row
        self.column = column
        self.button = button
        self.isRelease = isRelease
    }

    /// Characters of a report after its start; a longer one is none.
    static let reportCharactersMax = 20

    /// Reads a report in xterm's form (mode 1006) after its `ESC [ <`: `0;12;5M`, with `m` for a release. Nil
    /// for other buttons, movements, and what is no report. Shift, Alt and Ctrl are not told apart.
    package init?(report: String) {
        guard let last = report.last, last == "M" || last == "m" else { return nil }
        let numbers = report.dropLast().split(separator: ";", omittingEmptySubsequences: false).map {
            $0.allSatisfy { $0.isASCII && $0.isNumber } ? Int($0) : nil
        }
        guard numbers.count == 3, let code = numbers[0], let column = numbers[1], let row = numbers[2],
            row > 0,
            column > 0
        else { return nil }
        let modifiers = 4 | 8 | 16
        switch code & ~modifiers {
        case 0: button = .left
        case 1: button = .middle
        case 2: button = .right
        case 64: button = .wheelUp
        case 65: button = .wheelDown
        default: return nil  // Movements have 32; further buttons have no meaning here.
        }
        self.row = row - 1
        self.column = column - 1
        isRelease = last == "m"
    }
}
