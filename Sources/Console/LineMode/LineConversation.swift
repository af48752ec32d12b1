import Engine

/// The conversation of the line mode: lines go in, lines come out. What the operator is asked next is its
/// state.
package struct LineConversation {
    /// What the next line is.
    private enum Awaited {
        case command
        /// The answer to a question of the page: the number of the question among those shown.
        case answer(Int)
        /// The reason or filter that the page takes as text.
        case text
        /// The assent to a dialog.
        case assent
    }

    package private(set) var session: ConsoleSession
    private var awaited = Awaited.command
    private var said = LineNews()

    package init(_ session: ConsoleSession) { self.session = session }

    package var outcome: ConsoleOutcome? { session.outcome }

    /// The words before the cursor.
    package var prompt: String {
        switch awaited {
        case .command:
            (session.data.status?.environment.map { $0.word + " " } ?? "")
                + "\(session.data.status?.name ?? "switchback") \(session.state.page.id.title)> "
        case .answer(let index): field(index).map { "\($0.spokenLabel) [\($0.spoken)]: " } ?? "> "
        case .text: "> "
        case .assent: "? "
        }
    }

    /// Whether the next line must not be shown while it is typed.
    package var isSecret: Bool {
        guard case .answer(let index) = awaited, case .secret? = field(index)?.content else { return false }
        return true
    }

    // MARK: Lines in

    /// Begins; returns the first lines.
    package mutating func begin(_ notice: String?) -> [String] {
        session.begin(notice)
        _ = session.refresh(alsoEvents: true)
        said.skipEvents(session.data)
        return ["Line mode. `help` lists the commands, `quit` leaves; the migration continues."]
            + takeNotice() + said.news(session.data) + page()
    }

    /// Reads the engine's values; returns what is new.
    package mutating func refresh() -> [String] {
        _ = session.refresh(alsoEvents: true)
        return said.news(session.data) + takeNotice()
    }

    /// Takes a line; returns the lines that answer it.
    package mutating func take(_ line: String) -> [String] {
        switch awaited {
        case .command: command(LineInput(line))
        case .answer(let index): answered(index, line)
        case .text: typed(line)
        case .assent: assented(line)
        }
    }

    private mutating func command(_ input: LineInput) -> [String] {
        switch input {
        case .show: return page()
        case .help: return help()
        case .unknown(let text): return ["There is no command \(text). `help` lists them."]
        case .answer:
            guard let questions = session.state.form?.visibleFields, !questions.isEmpty else {
                return ["This page asks nothing."]
            }
            awaited = .answer(0)
            return fieldHelp(0)
        case .go:
            guard session.state.form != nil else { return run(.open) }
            session.pressButton()
            return followed()
        case .filter(let text):
            _ = session.run(.filter)
            guard session.state.page.takesText else { return takeNotice() }
            _ = session.key(.control("u"))
            for character in text { _ = session.key(.character(character)) }
            _ = session.key(.enter)
            return page()
        case .open(let number):
            guard hasLine(number) else { return ["There is no line \(number) on this page."] }
            choose(number)
            return run(.open)
        case .command(let command, let line):
            guard command.worksInLines else { return ["\(command.rawValue) has no meaning in line mode."] }
            if let line {
                guard hasLine(line) else { return ["There is no line \(line) on this page."] }
                choose(line)
            }
            return run(command)
        }
    }

    /// Whether the page shows a line of that number: no other one is meant by it.
    private func hasLine(_ number: Int) -> Bool {
        page().contains { $0.split(separator: " ").first.map(String.init) == "\(number)." }
    }

    /// Makes the numbered line the chosen one.
    private mutating func choose(_ number: Int) {
        _ = session.run(.top)
        for _ in 1..<max(1, number) { _ = session.run(.down) }
    }

    private mutating func run(_ command: Command) -> [String] {
        _ = session.run(command)
        return followed()
    }

    /// Says what a command led to: a dialog's question, a page's question, or the page.
    private mutating func followed() -> [String] {
        _ = session.refresh(alsoEvents: true)
        if let dialog = session.state.dialog {
            awaited = .assent
            return dialog.spoken(for: session.data.status?.environment)
        }
        if session.state.page.takesText, session.state.form?.takesText != true {
            awaited = .text
            return page()
        }
        awaited = .command
        let notice = takeNotice()
        return notice.isEmpty ? page() : notice
    }

    private mutating func answered(_ index: Int, _ line: String) -> [String] {
        guard let field = field(index) else {
            awaited = .command
            return page()
        }
        if !line.isEmpty {
            guard let answer = Self.answer(line, to: field) else {
                return ["\(line) is no answer to \(field.spokenLabel)."] + fieldHelp(index)
            }
            session.answer(field.id, answer)
        }
        // The page stores what it was told when the focus leaves a field.
        _ = session.run(.nextField)
        guard self.field(index + 1) != nil else {
            awaited = .command
            return takeNotice() + page() + ["`go` does it: \(session.state.form?.button ?? "")."]
        }
        awaited = .answer(index + 1)
        return fieldHelp(index + 1)
    }

    private mutating func typed(_ line: String) -> [String] {
        for character in line { _ = session.key(.character(character)) }
        _ = session.key(line.isEmpty ? .escape : .enter)
        awaited = .command
        return followed()
    }

    private mutating func assented(_ line: String) -> [String] {
        awaited = .command
        guard let dialog = session.state.dialog else { return page() }
        guard dialog.isAssent(line) else {
            _ = session.key(.escape)
            return takeNotice()
        }
        if case .typed = dialog.kind {
            for character in line { _ = session.key(.character(character)) }
        }
        _ = session.key(.tab)
        _ = session.key(.enter)
        return followed()
    }

    // MARK: Questions of a page

    private func field(_ index: Int) -> Field? {
        guard let fields = session.state.form?.visibleFields, fields.indices.contains(index) else {
            return nil
        }
        return fields[index]
    }

    private func fieldHelp(_ index: Int) -> [String] {
        guard let field = field(index) else { return [] }
        let choices =
            switch field.content {
            case .choice(let choices, _), .list(let choices, _):
                choices.enumerated().map { "  \($0.offset + 1). \($0.element)" }
            case .toggle: ["  yes or no"]
            case .text, .secret: [String]()
            }
        return (field.help.isEmpty ? [] : [field.help]) + choices
    }

    /// Returns the answer that a line gives to a field; nil if it is none.
    private static func answer(_ line: String, to field: Field) -> String? {
        switch field.content {
        case .text, .secret: return line
        case .toggle: return ["y", "yes"].contains(line) ? "yes" : ["n", "no"].contains(line) ? "no" : nil
        case .choice(let choices, _), .list(let choices, _):
            if let number = Int(line), choices.indices.contains(number - 1) { return choices[number - 1] }
            return choices.contains(line) ? line : nil
        }
    }

    // MARK: Lines out

    private func page() -> [String] {
        LineText.lines(of: session.state, session.data)
            + (session.state.form == nil ? [] : ["`answer` asks the questions, `go` presses the button."])
    }

    private mutating func takeNotice() -> [String] {
        guard let notice = session.state.notice else { return [] }
        session.forgetNotice()
        return [notice.level.word + notice.text]
    }

    private func help() -> [String] {
        let keymap = session.state.keymap
        let page = session.state.page.id
        return [
            "a number: opens that line", "a command and a number: does it to that line",
            "answer: asks the questions of the page", "go: presses its button",
            "filter TEXT: shows the lines with that text", "an empty line: shows the page again",
        ]
            + keymap.bindings(on: page).filter { $0.command.worksInLines }.map { binding in
                let refusal = session.state.refusal(of: binding.command, session.data)
                return "\(binding.command.rawValue): \(binding.help)"
                    + (refusal.map { " (not now: \($0))" } ?? "")
            }
    }
}
