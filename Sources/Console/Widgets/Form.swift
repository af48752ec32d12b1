/// One question of a form.
package struct Field: Equatable, Sendable {
    /// The kind of answer, with the answer.
    package enum Content: Equatable, Sendable {
        case text(TextField)
        /// A password, never shown, nor its length. `given` says where it comes from while none is typed.
        case secret(TextField, given: String)
        case toggle(Bool)
        case choice([String], Int)
        /// The same, with a line for each entry.
        case list([String], Int)
    }

    /// A field and the answers of it.
    package struct Condition: Equatable, Sendable {
        package let field: String
        package let answers: Set<String>

        package init(_ field: String, _ answers: Set<String>) {
            self.field = field
            self.answers = answers
        }
    }

    /// The field's column: a form about both databases shows them side by side.
    package enum Place: Sendable {
        case left
        case right
        case full
    }

    package let id: String
    package let label: String
    package var content: Content
    package var place: Place
    /// Whether a field in a column is about the side that the column's heading names.
    package var isOfSide = true
    /// The entries of the form's first choice that show this field; nil for all.
    package var onlyFor: Set<Int>?
    /// The field and its answers that show this one; nil if it is always shown.
    package var onlyIf: Condition?
    /// One sentence shown while the field has the focus.
    package let help: String

    package init(
        _ id: String, _ label: String, _ content: Content, place: Place = .full, onlyFor: Set<Int>? = nil,
        onlyIf: Condition? = nil, help: String = ""
    ) {
        self.id = id
        self.label = label
        self.content = content
        self.place = place
        self.onlyFor = onlyFor
        self.onlyIf = onlyIf
        self.help = help
    }

    package var text: String {
        switch content {
        case .text(let field), .secret(let field, _): field.text
        case .toggle(let isOn): isOn ? "yes" : "no"
        case .choice(let choices, let index), .list(let choices, let index): choices[index]
        }
    }

    package var isOn: Bool { content == .toggle(true) }

    fileprivate var takesText: Bool {
        switch content {
        case .text, .secret: true
        case .toggle, .choice, .list: false
        }
    }

    /// The number of rows that it needs in so many columns.
    package func rows(columns: Int) -> Int {
        switch content {
        case .text, .secret, .toggle: 1
        case .choice(let choices, let index): choiceLines(choices, index, columns: columns).count
        case .list(let choices, _): choices.count
        }
    }
}

/// Returns the entries of a choice in as few lines as they need; brackets mark the chosen one.
func choiceLines(_ choices: [String], _ chosen: Int, columns: Int) -> [String] {
    var lines = [""]
    for (index, choice) in choices.enumerated() {
        let word = index == chosen ? "(\(choice))" : " \(choice) "
        let line = lines[lines.count - 1]
        if line.isEmpty || textWidth(line) + textWidth(word) <= columns {
            lines[lines.count - 1] = line + word
        } else {
            lines.append(word)
        }
    }
    return lines
}

/// The questions of a guide and its button. The focus moves over the fields in order, then to the button.
package struct Form: Equatable, Sendable {
    package var fields: [Field]
    package var button: String
    /// Index into `fields`, or their count for the button.
    package private(set) var focus: Int

    package init(fields: [Field], button: String, focusOnButton: Bool = false) {
        self.fields = fields
        self.button = button
        self.focus = focusOnButton ? fields.count : 0
    }

    package subscript(id: String) -> Field? { fields.first { $0.id == id } }

    package func text(_ id: String) -> String { self[id]?.text ?? "" }

    package func isOn(_ id: String) -> Bool { self[id]?.isOn ?? false }

    /// The chosen entry of the form's first choice; 0 if it has none.
    package var choice: Int {
        for field in fields {
            switch field.content {
            case .choice(_, let index), .list(_, let index): return index
            case .text, .secret, .toggle: continue
            }
        }
        return 0
    }

    package func isVisible(_ field: Field) -> Bool {
        if let condition = field.onlyIf, !condition.answers.contains(text(condition.field)) { return false }
        return field.onlyFor?.contains(choice) ?? true
    }

    /// The texts of the answers by field, without passwords.
    package var answers: [String: String] {
        var answers: [String: String] = [:]
        for field in fields {
            switch field.content {
            case .text, .toggle, .choice, .list: answers[field.id] = field.text
            case .secret: break
            }
        }
        return answers
    }

    /// Takes over the passwords of another form, and its focus.
    package mutating func takeSecrets(of other: Form) {
        for index in fields.indices {
            if case .secret = fields[index].content, let known = other[fields[index].id] {
                fields[index].content = known.content
            }
        }
        focus(on: other.focus)
    }

    package mutating func focus(on field: Int) { focus = min(max(0, field), fields.count) }

    package var visibleFields: [Field] { fields.filter(isVisible) }

    package var buttonHasFocus: Bool { focus >= fields.count }

    package var focusedField: Field? { buttonHasFocus ? nil : fields[focus] }

    /// Whether the field in focus takes characters.
    package var takesText: Bool { focusedField?.takesText ?? false }

    /// Passes an editing key to the field in focus; false for any other key.
    package mutating func edit(_ key: KeyEvent) -> Bool {
        guard !buttonHasFocus else { return false }
        switch fields[focus].content {
        case .text(var field):
            guard field.handle(key) else { return false }
            fields[focus].content = .text(field)
        case .secret(var field, let given):
            guard field.handle(key) else { return false }
            fields[focus].content = .secret(field, given: given)
        case .toggle, .choice, .list: return false
        }
        return true
    }

    package mutating func moveFocus(_ step: Int) {
        let stops = fields.indices.filter { isVisible(fields[$0]) } + [fields.count]
        let position = stops.firstIndex(of: focus) ?? 0
        focus = stops[(position + step + stops.count) % stops.count]
    }

    package mutating func focusButton() { focus = fields.count }

    package mutating func focusFirst() { focus = fields.firstIndex(where: isVisible) ?? fields.count }

    /// Whether the first field has the focus.
    package var isAtStart: Bool { focus == fields.firstIndex(where: isVisible) }

    /// Turns the switch in focus, or moves the choice in focus by one entry.
    package mutating func toggle() {
        guard !buttonHasFocus else { return }
        switch fields[focus].content {
        case .toggle(let isOn): fields[focus].content = .toggle(!isOn)
        case .choice, .list: choose(1)
        case .text, .secret: break
        }
    }

    /// Moves the choice in focus by so many entries, up to its ends.
    package mutating func choose(_ step: Int) {
        guard !buttonHasFocus else { return }
        switch fields[focus].content {
        case .choice(let choices, let index):
            fields[focus].content = .choice(choices, min(max(0, index + step), choices.count - 1))
        case .list(let choices, let index):
            fields[focus].content = .list(choices, min(max(0, index + step), choices.count - 1))
        case .toggle: toggle()
        case .text, .secret: break
        }
    }

    /// Chooses an entry of the form's first choice.
    package mutating func choose(entry: Int) {
        for index in fields.indices {
            switch fields[index].content {
            case .choice(let choices, _):
                fields[index].content = .choice(choices, min(entry, choices.count - 1))
                return
            case .list(let choices, _):
                fields[index].content = .list(choices, min(entry, choices.count - 1))
                return
            case .text, .secret, .toggle: continue
            }
        }
    }

    /// Moves up or down: inside of a list first, then to the next field.
    package mutating func moveLine(_ step: Int) {
        if case .list(let choices, let index)? = focusedField?.content,
            choices.indices.contains(index + step)
        {
            choose(step)
        } else {
            moveFocus(step)
        }
    }

    /// Sets the text of a field.
    package mutating func set(_ id: String, _ text: String) {
        guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
        switch fields[index].content {
        case .text: fields[index].content = .text(TextField(text))
        case .choice(let choices, _):
            if let entry = choices.firstIndex(of: text) { fields[index].content = .choice(choices, entry) }
        case .list(let choices, _):
            if let entry = choices.firstIndex(of: text) { fields[index].content = .list(choices, entry) }
        case .toggle: fields[index].content = .toggle(text == "yes")
        case .secret(_, let given): fields[index].content = .secret(TextField(text), given: given)
        }
    }
}
