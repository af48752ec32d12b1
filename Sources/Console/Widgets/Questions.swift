/// A form with a list below it: the questions of a guide, and what is known about the answers. The focus
/// moves over the fields, then the button, then the list.
package struct Questions: Equatable, Sendable {
    package var form: Form
    private var list = ListChoice()
    package private(set) var listHasFocus = false
    /// The form with the answers that it began with.
    private var base: Form

    package var scroll: Scroll { list.scroll }

    package init(_ form: Form) {
        self.form = form
        base = form
    }

    /// The texts of the answers that differ from those that the form began with, by field.
    private var changed: [String: String] {
        form.answers.filter { base.answers[$0.key] != $0.value }
    }

    /// Whether the operator has changed an answer.
    package var isChanged: Bool { !changed.isEmpty }

    /// Begins with other answers. What the operator has changed, and what is secret, stays.
    package mutating func rebase(on other: Form) {
        let (mine, old) = (changed, form)
        base = other
        form = other
        for (id, text) in mine { form.set(id, text) }
        form.takeSecrets(of: old)
    }

    /// Notes that the answers are done: they are no draft any more.
    package mutating func settle() { base = form }

    /// What is kept of the answers: those that the operator has changed.
    package var draft: ConsoleDraft.PageDraft {
        ConsoleDraft.PageDraft(
            answers: changed.reduce(into: [:]) { answers, change in
                answers[change.key] = ConsoleDraft.Answer(
                    text: change.value, from: base.answers[change.key] ?? "")
            }, focus: form.focus)
    }

    /// Takes over answers that were kept. One that began with another answer than now is out of date.
    package mutating func take(_ draft: ConsoleDraft.PageDraft) {
        for (id, answer) in draft.answers where base.answers[id] == answer.from { form.set(id, answer.text) }
        form.focus(on: draft.focus)
    }

    /// Whether typed characters go into a field, or into the filter of the list.
    package var takesText: Bool { list.isFiltering || !listHasFocus && form.takesText }

    /// Takes a key that a text field edits, or the filter; false for any other.
    package mutating func type(_ key: KeyEvent) -> Bool {
        list.isFiltering ? list.type(key) : !listHasFocus && form.takesText && form.edit(key)
    }

    /// Returns the lines of the list as they are shown.
    package func arranged<Line>(_ lines: [Line], by orders: [ListOrder<Line>], _ text: (Line) -> String)
        -> [Line]
    {
        list.arranged(lines, by: orders, text)
    }

    /// Order and filter of the list for its heading, where the operator has chosen something.
    package func remark<Line>(_ orders: [ListOrder<Line>]) -> String { list.remark(orders) }

    package var hasFilter: Bool { list.hasFilter }

    package mutating func clearFilter() { list.clearFilter() }

    /// Begins a filter of the list, or changes its order; false for another command.
    package mutating func arrange(_ command: Command, orders: Int) -> Bool {
        guard Scroll.Movement(command) == nil, ListChoice.takes(command) else { return false }
        listHasFocus = true
        return list.perform(command, count: 0, orders: orders)
    }

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
                list.scroll.move(movement, count: count)
            }
            return
        }
        if movement == .up, scroll.selected == 0 {
            listHasFocus = false
            form.focusButton()
        } else {
            list.scroll.move(movement, count: count)
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

    /// Makes a line of the list the chosen one.
    package mutating func choose(line: Int) { list.scroll.selected = line }

    package mutating func focusList() { listHasFocus = true }

    package mutating func focusForm() { listHasFocus = false }

    /// Keeps the chosen line inside a list that became shorter.
    package mutating func clamp(count: Int) {
        list.scroll.clamp(count: count)
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
