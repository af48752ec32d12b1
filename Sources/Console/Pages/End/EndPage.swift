import Engine
import Records

/// The page of the end: what is backed up, and the statements that remove what is ours from both databases.
package struct EndPage: AskingPage {
    package var id: PageID { .end }
    package var questions = Questions(Self.form)
    private var watch = RequestWatch()
    private var problem: String?

    package init() {}

    private static let title = "end migration"

    package var reads: Reads { Reads(inquiry: request, record: watch.id, newest: [Self.title]) }
    package var takesText: Bool { questions.takesText }

    private static let form = Form(
        fields: [
            Field("schema", "Back up the schema files", .toggle(true)),
            Field("data", "Back up the data files", .toggle(true)),
            Field("reports", "Save the migration reports", .toggle(true)),
            Field("logs", "Back up the log files", .toggle(true)),
            Field(
                "directory", "Backup directory", .text(TextField()),
                help: "A directory that exists; needed if any of the four is on."),
        ], button: "End the migration")

    private var request: Request {
        let form = questions.form
        let directory = trimmed(form.text("directory"))
        return .endMigration(
            EndOptions(
                backupSchemaFiles: form.isOn("schema"), backupDataFiles: form.isOn("data"),
                saveMigrationReports: form.isOn("reports"), backupLogFiles: form.isOn("logs"),
                backupDirectory: directory.isEmpty ? nil : directory))
    }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard questions.type(key) else { return nil }
        problem = nil
        return []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField, .previousField, .choose,
            .nextChoice, .previousChoice, .back, .previousPage:
            nil
        case .nextPage: "This is the last page of the guide."
        default: "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let plan = plan(data)
        if questions.perform(command, count: plan.count) { return [] }
        switch command {
        case .open:
            if let line = questions.line, plan.indices.contains(line) { return [.push(plan[line].details)] }
            guard questions.form.buttonHasFocus else {
                if questions.takesText {
                    questions.nextField(count: plan.count)
                } else {
                    questions.form.toggle()
                }
                return []
            }
            return ask(data)
        case .previousPage: return [.show(.cutover)]
        case .back: return [.show(.dashboard)]
        default: return []
        }
    }

    private mutating func ask(_ data: ConsoleData) -> [Action] {
        let form = questions.form
        let isBackedUp = ["schema", "data", "reports", "logs"].contains { form.isOn($0) }
        if isBackedUp, trimmed(form.text("directory")).isEmpty {
            problem = "A backup needs a backup directory."
            return []
        }
        guard let status = data.status, data.inquiry?.request == request else { return [] }
        if let refusal = data.inquiry?.refusal {
            problem = refusal
            return []
        }
        return [
            .ask(.typed(.end(status), then: request, plan: data.inquiry.map { PlanHash($0.plan) }))
        ]
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        questions.clamp(count: plan(data).count)
        return []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        guard case .endMigration = reply.request else { return false }
        watch.take(reply)
        return true
    }

    package func copied(_ data: ConsoleData) -> String? {
        let plan = plan(data)
        return questions.line.flatMap { plan.indices.contains($0) ? plan[$0].sql : nil }
    }

    private func plan(_ data: ConsoleData) -> [PlanLine] {
        data.inquiry.flatMap { $0.request == request ? $0.plan : nil } ?? []
    }

    private func record(_ data: ConsoleData) -> RequestRecord? {
        data.record.flatMap { $0.id == watch.id ? $0 : nil } ?? data.newest[Self.title]
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "End of the migration", token: .borderFocus)
        let inner = area.inner
        var row = canvas.draw(questions.form, in: inner, headings: nil)
        let record = record(data)
        canvas.rule(
            row: row, in: inner,
            title: record.map { "\($0.state.mark) \($0.request.title): \($0.state.rawValue)" }
                ?? plan(data).title)
        row += 1
        var rest = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row, columns: inner.columns)
        let refusal = data.inquiry?.request == request ? data.inquiry?.refusal : nil
        let head: PageLine? =
            problem.map { PageLine("✗ " + $0, .statusError) }
            ?? watch.refusal.map { PageLine("✗ " + $0, .statusError) }
            ?? record.map { PageLine(oneLine($0.answer), $0.state.token) }
            ?? refusal.map { PageLine("Not now: " + $0, .statusWarn) }
        if let head {
            let lines = wrapped([head], to: rest.columns - 2, rowsMax: 3)
            canvas.lines(lines, in: rest)
            rest = rest.split(top: lines.count).rest
        }
        let rows = record.map { $0.lines.map { PageLine($0) } } ?? plan(data).lines
        canvas.list(rows, scroll: questions.scroll, hasFocus: questions.line != nil, in: rest)
    }
}

/// Returns the text without spaces at its ends.
func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
}
