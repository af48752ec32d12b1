import Engine

/// The question before an action with large consequences. It lies over the page, which continues to show
/// fresh numbers.
package struct Dialog: Equatable, Sendable {
    /// The kind of question.
    package enum Kind: Equatable, Sendable {
        /// The operator types a name.
        case typed(TypedConfirmation)
        /// The operator moves to the button and presses it.
        case question(Question)
    }

    package var kind: Kind
    package let assent: Assent
    /// The plan that was shown when the dialog opened.
    package var plan: PlanHash?

    /// What an assent causes.
    package enum Assent: Equatable, Sendable {
        case leave(Request)
        /// Shows the migration of another export directory.
        case openMigration(String)
        /// Takes the wheel from another console.
        case takeWheel
    }

    package static func typed(
        _ confirmation: TypedConfirmation, then request: Request, plan: PlanHash? = nil
    ) -> Dialog {
        Dialog(kind: .typed(confirmation), assent: .leave(request), plan: plan)
    }

    package static func question(_ question: Question, then assent: Assent) -> Dialog {
        Dialog(kind: .question(question), assent: assent)
    }

    /// The request that an assent leaves; nil if it leaves none.
    package var request: Request? {
        switch assent {
        case .leave(let request): request
        case .openMigration, .takeWheel: nil
        }
    }

    package mutating func handle(_ key: KeyEvent) -> DialogOutcome {
        switch kind {
        case .typed(var confirmation):
            let outcome = confirmation.handle(key)
            kind = .typed(confirmation)
            return outcome
        case .question(var question):
            let outcome = question.handle(key)
            kind = .question(question)
            return outcome
        }
    }

    /// The dialog in lines, with what the operator must type.
    func spoken(for environment: Environment?) -> [String] {
        let word = environment.map { $0.word + " " } ?? ""
        return switch kind {
        case .typed(let confirmation):
            [word + confirmation.title] + confirmation.lines.filter { !$0.isEmpty }
                + (confirmation.refusal.map { ["It is refused: \($0)"] } ?? [])
                + ["Type \(confirmation.name) to do it: \(confirmation.go). Anything else cancels."]
        case .question(let question):
            [word + question.title] + question.lines
                + (question.refusal.map { ["It is refused: \($0)"] } ?? [])
                + ["Type yes to do it: \(question.go). Anything else cancels."]
        }
    }

    /// Whether a typed line is the assent.
    func isAssent(_ line: String) -> Bool {
        switch kind {
        case .typed(let confirmation): line == confirmation.name && confirmation.refusal == nil
        case .question(let question): line == "yes" && !question.isLocked
        }
    }

    /// Takes the engine's refusal, read again while the dialog is open: what fails locks the button again.
    package mutating func lock(_ refusal: String?) {
        switch kind {
        case .typed(var confirmation):
            confirmation.refusal = refusal
            kind = .typed(confirmation)
        case .question(var question):
            question.refusal = refusal
            kind = .question(question)
        }
    }
}

/// The result of a key in a dialog.
package enum DialogOutcome: Equatable, Sendable {
    case stays
    case cancelled
    case confirmed
}

/// A question with two buttons. The focus starts on Cancel, and only Tab or an arrow moves it. Esc and ^C
/// mean Cancel.
package struct Question: Equatable, Sendable {
    package let title: String
    /// Sentences that say what will happen, and what undoes it.
    package let lines: [String]
    package let go: String
    package private(set) var focusIsOnGo = false
    package var refusal: String?
    var text: DialogText

    /// Rows of text that the smallest screen has beside the frame and the buttons.
    private static let textRowsMax = rowsMin - 10

    package init(title: String, lines: [String], go: String) {
        self.title = title
        self.lines = lines
        self.go = go
        text = DialogText(lines, rowsMax: Self.textRowsMax)
    }

    package var isLocked: Bool { refusal != nil || !text.isRead }

    package mutating func handle(_ key: KeyEvent) -> DialogOutcome {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .tab, .backTab, .left, .right: focusIsOnGo = !isLocked && !focusIsOnGo
        case .enter:
            if !focusIsOnGo { return .cancelled }
            return isLocked ? .stays : .confirmed
        case .up, .pageUp: text.turn(-1)
        case .down, .pageDown: text.turn(1)
        case .character, .control, .home, .end, .backspace, .delete, .function, .paste: break
        }
        if isLocked { focusIsOnGo = false }
        return .stays
    }
}

extension Canvas {
    /// Draws a page of a dialog's text, and how many there are.
    mutating func draw(_ text: DialogText, row: Int, column: Int) {
        for (offset, line) in text.shown.enumerated() {
            write(line, row: row + offset, column: column, limit: DialogText.columns)
        }
        if let more = text.more { write(more, row: row + text.rows, column: column, token: .statusWarn) }
    }

    /// Draws a dialog; its title says what the databases are for.
    package mutating func draw(_ dialog: Dialog, for environment: Environment? = nil) {
        let word = environment.map { $0.word + " " } ?? ""
        let token = environment?.token ?? .statusWarn
        switch dialog.kind {
        case .typed(let confirmation): draw(confirmation, title: word + confirmation.title, token)
        case .question(let question): draw(question, title: word + question.title, token)
        }
    }

    private mutating func draw(_ question: Question, title: String, _ token: Token) {
        let width = min(columns - 4, 76)
        let text = question.text
        let height = text.rows + (text.more == nil ? 5 : 6)
        let frame = Rectangle(
            row: (rows - height) / 2, column: (columns - width) / 2, rows: height, columns: width)
        fill(frame, token: .panel)
        box(frame, title: title, token: .borderFocus, titleToken: token)
        draw(text, row: frame.row + 1, column: frame.column + 2)
        let row = frame.endRow - 3
        button("Cancel", row: row, column: frame.column + 2, isFocused: !question.focusIsOnGo)
        button(
            question.go, row: row, column: frame.column + 16, isFocused: question.focusIsOnGo,
            token: .buttonDanger)
        write(
            question.refusal
                ?? (text.isRead
                    ? "Tab, then Enter does it. Esc cancels." : "Read all pages first. Esc cancels."),
            row: row + 1,
            column: frame.column + 2, token: question.refusal == nil ? .textMuted : .statusError,
            limit: width - 4)
    }
}
