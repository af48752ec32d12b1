/// A form with a list below it: the questions of a guide, and what is known about the answers. The focus
/// moves over the fields, then the button, then the list.
package struct Questions: Equatable, Sendable {
    package var form: Form
    package var scroll = Scroll()
    package private(set) var listHasFocus = false

    package init(_ form: Form) { self.form = form }

    /// Whether typed characters go into a field.
    package var takesText: Bool { !listHasFocus && form.takesText }

    /// Takes a key that a text field edits; false for any other.
    package mutating func type(_ key: KeyEvent) -> Bool { takesText && form.edit(key) }

    /// The line in focus; nil while a field has it.
    package var line: Int? { listHasFocus ? scroll.selected : nil }

    /// Moves over the lines of the list, or over the fields.
    package mutating func move(_ movement: Scroll.Movement, count: Int) {
        guard listHasFocus else {
            switch movement {
            case .up: form.moveLine(-1)
            case .down:
                if form.buttonHasFocus, count > 0 { listHasFocus = true } else { form.moveLine(1) }
            case .pageUp, .pageDown, .top, .bottom:
                listHasFocus = count > 0
                scroll.move(movement, count: count)
            }
            return
        }
        if movement == .up, scroll.selected == 0 {
            listHasFocus = false
            form.focusButton()
        } else {
            scroll.move(movement, count: count)
        }
    }

    package mutating func nextField(count: Int) {
        if listHasFocus {
            listHasFocus = false
            form.focusFirst()
        } else if form.buttonHasFocus, count > 0 {
            listHasFocus = true
        } else {
            form.moveFocus(1)
        }
    }

    package mutating func previousField(count: Int) {
        if listHasFocus {
            listHasFocus = false
            form.focusButton()
        } else if form.isAtStart, count > 0 {
            listHasFocus = true
        } else {
            form.moveFocus(-1)
        }
    }

    package mutating func focusList() { listHasFocus = true }

    package mutating func focusForm() { listHasFocus = false }

    /// Keeps the chosen line inside a list that became shorter.
    package mutating func clamp(count: Int) {
        scroll.clamp(count: count)
        if count == 0, listHasFocus {
            listHasFocus = false
            form.focusButton()
        }
    }

    /// Moves and chooses as the keys of all forms do; nil for another command.
    package mutating func perform(_ command: Command, count: Int) -> Bool {
        switch command {
        case .up: move(.up, count: count)
        case .down: move(.down, count: count)
        case .pageUp: move(.pageUp, count: count)
        case .pageDown: move(.pageDown, count: count)
        case .top: move(.top, count: count)
        case .bottom: move(.bottom, count: count)
        case .nextField: nextField(count: count)
        case .previousField: previousField(count: count)
        case .choose: if !listHasFocus { form.toggle() }
        case .nextChoice: if !listHasFocus { form.choose(1) }
        case .previousChoice: if !listHasFocus { form.choose(-1) }
        default: return false
        }
        return true
    }
}
