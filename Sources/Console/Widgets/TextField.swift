/// A line of text being edited; the cursor is before the character with its index.
package struct TextField: Equatable, Sendable {
    package private(set) var text: String
    package private(set) var cursor: Int
    /// Whether it still has the text that it began with. The first typed character replaces that text.
    private var isUntouched: Bool

    package init(_ text: String = "") {
        self.text = text
        self.cursor = text.count
        isUntouched = !text.isEmpty
    }

    /// Handles an editing key; false for any other key.
    package mutating func handle(_ key: KeyEvent) -> Bool {
        switch key {
        case .character, .paste: if isUntouched { self = TextField() }
        case .backspace, .delete, .left, .right, .home, .end, .control, .enter, .escape, .tab, .backTab,
            .up, .down, .pageUp, .pageDown, .function:
            break
        }
        let isTaken = edit(key)
        if isTaken { isUntouched = false }
        return isTaken
    }

    private mutating func edit(_ key: KeyEvent) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .paste(let pasted):
            insert(pasted.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
        case .backspace: if cursor > 0 { remove(at: cursor - 1) }
        case .delete: if cursor < text.count { remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .control("u"): self = TextField()
        case .control, .enter, .escape, .tab, .backTab, .up, .down, .pageUp, .pageDown, .function:
            return false
        }
        return true
    }

    private mutating func insert(_ new: String) {
        text.insert(contentsOf: new, at: text.index(text.startIndex, offsetBy: cursor))
        cursor = min(text.count, cursor + new.count)
    }

    private mutating func remove(at position: Int) {
        text.remove(at: text.index(text.startIndex, offsetBy: position))
        cursor = position
    }

    /// Returns the part that fits, with the cursor inside it.
    package func window(columns: Int) -> (text: String, cursorColumn: Int) {
        let characters = Array(text)
        var start = 0
        while start < cursor, textWidth(String(characters[start..<cursor])) > columns - 1 { start += 1 }
        return (String(characters[start...]), textWidth(String(characters[start..<cursor])))
    }
}

extension Canvas {
    /// Draws an input line in brackets, with the cursor if it has the focus.
    package mutating func input(
        _ field: TextField, row: Int, column: Int, columns: Int, focused: Bool, faulty: Bool = false
    ) {
        guard columns > 3 else { return }
        let token: Token = faulty ? .inputError : focused ? .inputFocus : .input
        write("[", row: row, column: column, token: .border)
        fill(Rectangle(row: row, column: column + 1, rows: 1, columns: columns - 2), token: token)
        let window = field.window(columns: columns - 2)
        if focused {
            var position = column + 1
            for character in window.text {
                let width = glyph(of: character).width
                guard position + width <= column + columns - 1 else { break }
                position = write(String(character), row: row, column: position, token: token)
            }
            let under = Array(window.text)
            let index = field.cursor - (field.text.count - under.count)
            let shown = index < under.count ? String(under[index]) : " "
            write(shown, row: row, column: column + 1 + window.cursorColumn, token: .cursor)
        } else {
            write(field.text, row: row, column: column + 1, token: token, limit: columns - 2)
        }
        write("]", row: row, column: column + columns - 1, token: .border)
    }
}
