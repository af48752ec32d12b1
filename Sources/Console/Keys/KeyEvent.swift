/// A key that was pressed, without its escape sequence.
package enum KeyEvent: Hashable, Sendable {
    case character(Character)
    /// A control key, named by its letter: `.control("c")`.
    case control(Character)
    case enter
    case escape
    case tab
    case backTab
    case up
    case down
    case left
    case right
    case home
    case end
    case pageUp
    case pageDown
    case backspace
    case delete
    case function(Int)
    /// Text pasted from the clipboard, as one event.
    case paste(String)
}

extension KeyEvent {
    /// The key's name in hints and help: `1`, `^L`, `F5`, `Shift-Tab`.
    package var name: String {
        switch self {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(let letter): "^" + letter.uppercased()
        case .enter: "Enter"
        case .escape: "Esc"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .up: "Up"
        case .down: "Down"
        case .left: "Left"
        case .right: "Right"
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .function(let number): "F\(number)"
        case .paste: "paste"
        }
    }
}

extension KeyEvent {
    /// The keys that have a word as their name.
    private static let named: [KeyEvent] = [
        .enter, .escape, .tab, .backTab, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown,
        .backspace, .delete, .character(" "),
    ]

    /// Reads a key's name as hints and help write it; nil if there is no such key.
    package init?(named text: String) {
        if text.count == 1, let character = text.first {
            self = .character(character)
        } else if text.count == 2, text.first == "^", let letter = text.last, letter.isASCII, letter.isLetter
        {
            self = .control(Character(letter.lowercased()))
        } else if text.count <= 3, text.first == "F", let number = Int(text.dropFirst()),
            (1...12).contains(number)
        {
            self = .function(number)
        } else if let key = Self.named.first(where: { $0.name.lowercased() == text.lowercased() }) {
            self = key
        } else {
            return nil
        }
    }
}
