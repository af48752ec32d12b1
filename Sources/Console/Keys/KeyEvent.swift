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
