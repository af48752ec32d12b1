/// A key as the terminal reported it, free of escape sequences.
package enum KeyEvent: Hashable, Sendable {
    case character(Character)
    /// A control key by its letter: `.control("c")`.
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
