/// The dialog before an action that cannot be undone: the operator must type a name. The focus starts on
/// Cancel. Enter does nothing until the name matches. Pasted text is refused. Esc and ^C mean Cancel.
package struct TypedConfirmation: Equatable, Sendable {
    package let title: String
    /// Sentences that say what will happen, and what undoes it.
    package let lines: [String]
    /// The name that must be typed.
    package let name: String
    package let go: String
    package private(set) var typed = TextField()
    package private(set) var focusIsOnGo = false
    package private(set) var pasteWasRefused = false
    /// The engine's refusal, read again while the dialog is open: a gate that fails locks the button again.
    package var refusal: String?
    var text: DialogText

    /// Rows of text that the smallest screen has beside the frame, the name and the buttons.
    private static let textRowsMax = rowsMin - 13

    package init(title: String, lines: [String], name: String, go: String) {
        self.title = title
        self.lines = lines
        text = DialogText(lines, rowsMax: Self.textRowsMax)
        self.name = name
        self.go = go
    }

    package var isLocked: Bool { typed.text != name || refusal != nil || !text.isRead }

    /// Why the button is locked; nil if it is not.
    var lock: String? {
        if refusal != nil { return "refused" }
        if !text.isRead { return "locked until all pages were shown" }
        return typed.text == name ? nil : "locked until the name matches"
    }

    package mutating func handle(_ key: KeyEvent) -> DialogOutcome {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .paste: pasteWasRefused = true
        case .tab, .backTab: if !isLocked { focusIsOnGo.toggle() }
        case .enter:
            if isLocked { return .stays }
            return focusIsOnGo ? .confirmed : .cancelled
        case .character, .backspace, .delete, .left, .right, .home, .end, .control:
            pasteWasRefused = false
            _ = typed.handle(key)  // A control key that edits nothing is ignored.
        case .up, .pageUp: text.turn(-1)
        case .down, .pageDown: text.turn(1)
        case .function: break
        }
        if isLocked { focusIsOnGo = false }
        return .stays
    }
}

extension Canvas {
    mutating func draw(_ dialog: TypedConfirmation, title: String, _ token: Token) {
        let width = min(columns - 4, 76)
        let text = dialog.text
        let height = text.rows + (text.more == nil ? 8 : 9)
        let frame = Rectangle(
            row: (rows - height) / 2, column: (columns - width) / 2, rows: height, columns: width)
        fill(frame, token: .panel)
        box(frame, title: title, token: .borderFocus, titleToken: token)
        let left = frame.column + 2
        draw(text, row: frame.row + 1, column: left)
        let row = frame.endRow - 6
        let prompt = "Type \(dialog.name) to continue:"
        write(prompt, row: row, column: left, token: .textStrong, limit: width - 4)
        input(
            dialog.typed, row: row + 1, column: left, columns: width - 4, focused: true,
            faulty: dialog.refusal != nil)
        button("Cancel", row: row + 3, column: left, isFocused: !dialog.focusIsOnGo)
        let label = dialog.go + (dialog.lock.map { ": \($0)" } ?? "")
        button(label, row: row + 3, column: left + 14, isFocused: dialog.focusIsOnGo, token: .buttonDanger)
        let remark =
            dialog.refusal ?? (dialog.pasteWasRefused ? "Pasted text does not count: type the name." : "")
        let words =
            remark.isEmpty
            ? (dialog.isLocked ? "Esc cancels." : "Tab, then Enter confirms. Esc cancels.") : remark
        write(
            words, row: row + 4, column: left, token: remark.isEmpty ? .textMuted : .statusError,
            limit: width - 4)
    }
}
