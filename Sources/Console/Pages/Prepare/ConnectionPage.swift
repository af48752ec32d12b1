import Engine
import Records

/// The page about both databases: the connections on the left and right, and below them the checks, which run
/// whenever a complete answer has changed.
package struct ConnectionPage: AskingPage {
    package var id: PageID { .connection }
    package var questions = Questions(Form(fields: [], button: "Check both databases"))
    /// The stored answers that the questions show; nil before the first reading.
    private var filled: DatabaseForms?
    /// The answers that the newest check was asked about.
    private var checked: Answers?
    /// Whether answers have changed during a check, so that another one follows it.
    private var isCheckDue = false
    private var watch = RequestWatch()
    private var problem: String?

    package init() {}

    /// What a check depends on.
    private struct Answers: Equatable {
        var forms: DatabaseForms
        var source: String?
        var target: String?
    }

    /// The mending whose end leads to new checks.
    private var mending: Int64?

    private static let title = Request.checkDatabases.title

    package var reads: Reads {
        var reads = Reads(record: mending ?? watch.id, newest: [Self.title])
        reads.forms = true
        return reads
    }
    package var takesText: Bool { questions.takesText }

    /// Passwords typed into the forms; nil if none was typed.
    package var passwords: (source: String?, target: String?) {
        func typed(_ side: String) -> String? {
            let text = questions.form.text(side + ".password")
            return text.isEmpty ? nil : text
        }
        return (typed("source"), typed("target"))
    }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard questions.type(key) else { return nil }
        problem = nil
        return []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case _ where ListChoice.takes(command), .open, .nextField, .previousField, .choose, .nextChoice,
            .previousChoice, .again, .back:
            return nil
        case .details, .fix:
            guard let check = chosen(data) else { return "Choose a check first: Tab moves to the list." }
            return command == .fix && check.fix == nil
                ? "No SQL of ours mends this; Enter says what to do." : nil
        case .nextPage: return blocker(data)
        case .previousPage: return "This is the first page of the guide."
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    /// Why the guide does not go on: a failed check cannot be walked past.
    private func blocker(_ data: ConsoleData) -> String? {
        guard let record = record(data), !record.isOpen else { return "Check both databases first (Enter)." }
        let failed = record.checks.filter { $0.state == .failure }
        guard let first = failed.first else { return nil }
        return
            "\(failed.count) of \(record.checks.count) checks failed. Mend \(first.name) on the "
            + "\(first.side.rawValue): Enter on it shows how. Then r checks again."
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        if questions.arrange(command, orders: Self.orders.count) { return [] }
        let before = questions.form.focus
        if questions.perform(command, count: rows(data).count) {
            return questions.form.focus == before && questions.line == nil ? [] : leftField(data)
        }
        switch command {
        case .open:
            if let check = chosen(data) { return [.push(check.details)] }
            if questions.form.buttonHasFocus { return check(data) }
            questions.nextField(count: rows(data).count)
            return leftField(data)
        case .details: return chosen(data).map { [.push($0.details)] } ?? []
        case .again: return check(data)
        case .fix: return chosen(data).flatMap { $0.mending(data) }.map { [.ask($0)] } ?? []
        case .nextPage: return keep(data) + [.show(.schema)]
        case .back:
            if !questions.hasFilter { return keep(data) + [.show(.dashboard)] }
            questions.clearFilter()
            return []
        default: return []
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        if let forms = data.forms, forms != filled {
            // A verb or another console may store other answers while this page is open.
            let form = Self.form(forms, data)
            if filled == nil { questions = Questions(form) } else { questions.rebase(on: form) }
            filled = forms
        }
        questions.clamp(count: rows(data).count)
        // What was mended is checked again.
        if let id = mending, let record = data.record, record.id == id, !record.isOpen {
            mending = nil
            let notice = Notice(record.state == .done ? .info : .error, record.answer)
            return [.notice(notice)] + check(data)
        }
        return isCheckDue && !watch.isUnderWay(data) ? check(data) : []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        switch reply.request {
        case .checkDatabases:
            watch.take(reply)
            // A refusal may need more rows than the form leaves, so it is told as a notice, too.
            return watch.refusal == nil
        case .mendChecks:
            if case .left(_, let id) = reply { mending = id }
            return false
        default: return false
        }
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.sql }

    // MARK: Answers and checks

    /// Stores the answers when the focus leaves a field, so that a crash of the console loses none, and
    /// checks complete ones.
    private mutating func leftField(_ data: ConsoleData) -> [Action] {
        let kept = keep(data)
        guard case .success(let forms) = Self.databases(from: questions.form), answers(forms) != checked,
            Self.missing(forms) == nil, checked != nil || !kept.isEmpty, !data.readOnly
        else { return kept }
        guard !watch.isUnderWay(data) else {
            isCheckDue = true
            return kept
        }
        return kept + check(data)
    }

    private func answers(_ forms: DatabaseForms) -> Answers {
        Answers(forms: forms, source: passwords.source, target: passwords.target)
    }

    private func keep(_ data: ConsoleData) -> [Action] {
        guard !data.readOnly, case .success(let forms) = Self.databases(from: questions.form),
            forms != data.forms
        else { return [] }
        return [.keep(forms)]
    }

    private mutating func check(_ data: ConsoleData) -> [Action] {
        isCheckDue = false
        switch Self.databases(from: questions.form) {
        case .failure(let error):
            problem = error.description
            return []
        case .success(let forms):
            if let missing = Self.missing(forms) {
                problem = missing
                return []
            }
            problem = nil
            checked = answers(forms)
            return keep(data) + [.leave(.checkDatabases)]
        }
    }

    private static func missing(_ forms: DatabaseForms) -> String? {
        if !forms.source.isComplete { return "The source needs a host, a port, a database and a user." }
        if !forms.target.isComplete { return "The target needs a host, a port, a database and a user." }
        return forms.schemas.isEmpty ? "At least one schema must be named, such as public." : nil
    }

    private func record(_ data: ConsoleData) -> RequestRecord? {
        data.record.flatMap { $0.id == watch.id ? $0 : nil } ?? data.newest[Self.title]
    }

    private static let orders: [ListOrder<CheckResult>] = [
        ListOrder("worst first", by: { $0.state.rank }), ListOrder("side", by: { $0.side.rawValue }),
        ListOrder("name", by: { $0.name }),
    ]

    /// The checks as they are shown, the worst first if the operator chose nothing else.
    private func rows(_ data: ConsoleData) -> [CheckResult] {
        questions.arranged(record(data)?.checks ?? [], by: Self.orders) { line($0).text }
    }

    private func line(_ check: CheckResult) -> PageLine {
        let wanted = check.wanted.isEmpty ? "" : "  wants \(check.wanted)"
        return PageLine(
            "\(check.state.mark) \(check.side.rawValue) \(check.name)  \(oneLine(check.found))\(wanted)",
            check.state.token)
    }

    private func chosen(_ data: ConsoleData) -> CheckResult? {
        let checks = rows(data)
        return questions.line.flatMap { checks.indices.contains($0) ? checks[$0] : nil }
    }

    // MARK: Drawing

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Prepare: both databases", token: .borderFocus)
        let inner = area.inner
        // On a small screen the checks take the place of the answers while they have the focus.
        var row =
            questions.line != nil && inner.rows < Self.wholeRows
            ? canvas.lines(summary, in: inner)
            : canvas.draw(questions.form, in: inner, headings: (left: "SOURCE", right: "TARGET"))
        if let problem {
            canvas.write(
                "✗ " + problem, row: row - 1, column: inner.column + 1, token: .statusError,
                limit: inner.columns - 2)
        }
        canvas.rule(row: row, in: inner, title: heading(data))
        row += 1
        let list = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row, columns: inner.columns)
        if let refusal = watch.refusal {
            canvas.lines(wrapped([PageLine("✗ " + refusal, .statusError)], to: list.columns - 2), in: list)
            return
        }
        let checks = rows(data)
        if checks.isEmpty {
            let words = questions.hasFilter ? "No check matches the filter." : state(data)
            canvas.lines([PageLine(words, .textMuted)], in: list)
            return
        }
        canvas.list(
            checks.map(line), scroll: questions.scroll, hasFocus: questions.line != nil, in: list)
    }

    /// Rows that the longest form and a few checks need.
    private static let wholeRows = 24

    /// The answers in two lines.
    private var summary: [PageLine] {
        ["source", "target"].map { side in
            func text(_ field: String) -> String { questions.form.text(side + "." + field) }
            return PageLine(
                side.uppercased().padding(to: 8)
                    + "\(text("host")):\(text("port"))/\(text("database"))  user \(text("user"))  "
                    + "TLS \(text("sslmode"))", .textMuted)
        }
    }

    private func heading(_ data: ConsoleData) -> String {
        let checks = record(data)?.checks ?? []
        guard !checks.isEmpty else { return "Checks" }
        let counts = [
            ("ok", checks.count { $0.state == .ok }), ("warning", checks.count { $0.state == .warning }),
            ("failed", checks.count { $0.state == .failure }),
        ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: "  ")
        return "Checks  \(counts)\(questions.remark(Self.orders))"
            + (watch.isUnderWay(data) ? "  checking again" : "")
    }

    private func state(_ data: ConsoleData) -> String {
        if watch.isUnderWay(data) { return "Checking." }
        if let record = record(data) { return "\(record.state.mark) \(record.answer)" }
        return "Not checked yet. They are checked when all answers are there."
    }
}

extension CheckResult {
    /// The question before the SQL of this check is run; nil if it has none.
    func mending(_ data: ConsoleData) -> Dialog? {
        guard let fix, let status = data.status else { return nil }
        let undo = fix.undo.isEmpty ? "nothing: it CANNOT be undone" : fix.undo.joined(separator: "; ")
        return .question(
            Question(
                title: "MEND \(name) ON THE \(side.rawValue.uppercased())",
                lines: ["On \(status.place(of: side)) this is run:"] + fix.statements.map { "  \($0)" }
                    + ["Taken back by \(undo)."] + (fix.afterwards.isEmpty ? [] : [fix.afterwards]),
                go: "Run it"), then: .leave(.mendChecks([CheckName(side: side, name: name)])))
    }
}
