extension Canvas {
    /// Draws a form: paired fields in two columns, the other fields below them, then the button and the help
    /// of the field in focus. Without the focus, which a list may have, nothing is marked.
    ///
    /// Returns the first row below it.
    @discardableResult
    package mutating func draw(
        _ form: Form, in area: Rectangle, headings: (left: String, right: String)?, hasFocus: Bool = true
    ) -> Int {
        if numbersLines { return drawSpoken(form, in: area) }
        var rowLeft = area.row
        var rowRight = area.row
        let half = (area.columns - 1) / 2
        if let headings {
            write(headings.left, row: rowLeft, column: area.column + 1, token: .textStrong, limit: half - 1)
            write(
                headings.right, row: rowRight, column: area.column + half + 2, token: .textStrong,
                limit: half - 1)
            rowLeft += 1
            rowRight += 1
        }
        var isBelowPairs = false
        let labels = headings == nil ? 34 : 10
        for (index, field) in form.fields.enumerated() where form.isVisible(field) {
            let isFocused = hasFocus && form.focus == index
            switch field.place {
            case .left:
                draw(
                    field, row: rowLeft, column: area.column + 1, columns: half - 1, label: 10,
                    isFocused: isFocused)
                rowLeft += field.rows(columns: half - 1 - 10)
            case .right:
                draw(
                    field, row: rowRight, column: area.column + half + 2, columns: half - 1, label: 10,
                    isFocused: isFocused)
                rowRight += field.rows(columns: half - 1 - 10)
            case .full:
                if !isBelowPairs {
                    rowLeft = max(rowLeft, rowRight)
                    isBelowPairs = true
                }
                draw(
                    field, row: rowLeft, column: area.column + 1, columns: area.columns - 2,
                    label: labels, isFocused: isFocused)
                rowLeft += field.rows(columns: area.columns - 2 - labels)
            }
        }
        let buttonRow = min(max(rowLeft, rowRight), area.endRow - 2)
        button(
            form.button, row: buttonRow, column: area.column + 1,
            isFocused: hasFocus && form.buttonHasFocus)
        // The rows stay the same when the focus moves.
        let helpRows = 1
        if hasFocus, let help = form.focusedField?.help, !help.isEmpty {
            for (offset, line) in wrapped(help, to: area.columns - 2).prefix(helpRows).enumerated() {
                write(line, row: buttonRow + 1 + offset, column: area.column + 1, token: .textMuted)
            }
        }
        return buttonRow + 1 + helpRows
    }

    /// Draws a form for line mode: an answer a line, and none beside another.
    private mutating func drawSpoken(_ form: Form, in area: Rectangle) -> Int {
        var row = area.row
        for field in form.visibleFields {
            write(
                "\(field.spokenLabel): \(field.spoken)", row: row, column: area.column + 1,
                limit: area.columns - 2)
            row += 1
        }
        return row
    }

    package mutating func button(
        _ label: String, row: Int, column: Int, isFocused: Bool, token: Token = .button
    ) {
        write(
            isFocused ? "▸ [ \(label) ]" : "  [ \(label) ]", row: row, column: column,
            token: isFocused ? .buttonFocus : token)
    }

    private mutating func draw(
        _ field: Field, row: Int, column: Int, columns: Int, label labelColumns: Int, isFocused: Bool
    ) {
        write(
            field.label, row: row, column: column, token: isFocused ? .textStrong : .text,
            limit: labelColumns - 1)
        let start = column + labelColumns
        let width = columns - labelColumns
        switch field.content {
        case .text(let text): input(text, row: row, column: start, columns: width, focused: isFocused)
        case .secret(let text, let given):
            let words = text.text.isEmpty ? given : "typed, not shown"
            input(TextField(), row: row, column: start, columns: width, focused: isFocused)
            write(
                words, row: row, column: start + (isFocused ? 2 : 1), token: .textMuted,
                limit: width - (isFocused ? 3 : 2))
        case .toggle(let isOn):
            let mark = isOn ? "[x] yes" : "[ ] no"
            write(mark, row: row, column: start, token: isFocused ? .inputFocus : .text)
        case .choice(let choices, let index):
            let lines = choiceLines(choices, index, columns: width)
            for (offset, line) in lines.enumerated() {
                write(
                    line, row: row + offset, column: start, token: isFocused ? .inputFocus : .text,
                    limit: width)
            }
        case .list(let choices, let index):
            for (offset, choice) in choices.enumerated() {
                write(
                    (offset == index ? "(•) " : "( ) ") + choice, row: row + offset, column: start,
                    token: isFocused && offset == index ? .inputFocus : .text, limit: width)
            }
        }
    }
}

extension Field {
    /// The label without the heading above it: a field in a column names its side itself.
    var spokenLabel: String {
        guard isOfSide else { return label }
        return switch place {
        case .left: "Source, \(label)"
        case .right: "Target, \(label)"
        case .full: label
        }
    }

    /// The answer in words. A password is not shown.
    var spoken: String {
        switch content {
        case .secret(let typed, let given): typed.text.isEmpty ? given : "typed"
        case .text, .toggle, .choice, .list: text
        }
    }
}
