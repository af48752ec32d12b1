import Engine
import Records

/// The page about the schema: export, analysis and import as a list with their results, the options of each,
/// and below them what the chosen step has found.
package struct SchemaPage: AskingPage {
    /// The steps, in their usual order.
    enum Step: Int, CaseIterable {
        case export
        case analyze
        case importSchema
        case indexes

        var label: String {
            switch self {
            case .export: "export the source's schema into files"
            case .analyze: "analyze the files"
            case .importSchema: "import tables, keys, types, functions and views"
            case .indexes: "import indexes and triggers, after the snapshot"
            }
        }

        /// The request with the form's options.
        func request(_ form: Form) -> Request {
            switch self {
            case .export: .exportSchema(startClean: form.isOn("clean"))
            case .analyze: .analyzeSchema
            case .importSchema:
                .importSchema(
                    ImportSchemaOptions(
                        ignoreExist: form.isOn("exist"), continueOnError: form.isOn("continue")))
            case .indexes:
                .importSchema(
                    ImportSchemaOptions(
                        postSnapshotImport: true, ignoreExist: form.isOn("exist"),
                        continueOnError: form.isOn("continue"), refreshMaterializedViews: form.isOn("views")))
            }
        }
    }

    package var id: PageID { .schema }
    package var questions: Questions
    private var watch = RequestWatch()
    private var isPlaced = false

    package init() { questions = Questions(Self.form(done: [:])) }

    private static let titles = Step.allCases.map { $0.request(Form(fields: [], button: "")).title }

    package var reads: Reads {
        Reads(inquiry: step.request(questions.form), record: watch.id, newest: Self.titles)
    }

    private var step: Step { Step(rawValue: questions.form.choice) ?? .export }

    private static func form(done: [Step: RequestRecord]) -> Form {
        let imports: Set = [Step.importSchema.rawValue, Step.indexes.rawValue]
        return Form(
            fields: [
                Field("step", "Step", .list(Step.allCases.map(\.label), 0)),
                Field(
                    "clean", "Start clean", .toggle(false), onlyFor: [Step.export.rawValue],
                    help: "Removes the schema files of an earlier export, including your edits."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false), onlyFor: imports,
                    help: "Skips an object that the target already has."),
                Field(
                    "continue", "Continue on error", .toggle(false), onlyFor: imports,
                    help: "Continues after a failed statement and lists the failed ones at the end."),
                Field(
                    "views", "Refresh materialized views", .toggle(false), onlyFor: [Step.indexes.rawValue],
                    help: "Refreshes the materialized views of the target."),
            ], button: "Do this step")
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField, .previousField, .choose,
            .nextChoice, .previousChoice, .back, .previousPage, .again:
            return nil
        case .details, .edit:
            guard let issue = chosenIssue(data) else {
                return "Choose a line of the result first: Tab moves there."
            }
            return command == .edit && issue.file.isEmpty ? "This finding has no file." : nil
        case .nextPage:
            return data.newest[Step.importSchema.request(questions.form).title]?.state == .done
                || data.status?.phase.group != .schema
                ? nil : "The schema is not imported yet: the live migration needs the tables on the target."
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let count = rows(data).count
        if questions.perform(command, count: count) { return [] }
        switch command {
        case .open, .again:
            if command == .open, let page = details(data) { return [.push(page)] }
            if command == .again || questions.form.buttonHasFocus || questions.form.focusedField?.id == "step"
            {
                return start(data)
            }
            questions.nextField(count: count)
            return []
        case .details: return details(data).map { [.push($0)] } ?? []
        case .edit:
            return chosenIssue(data).map {
                [.edit(path: (data.status?.exportDirectory ?? "") + "/" + $0.file, line: $0.line)]
            } ?? []
        case .nextPage: return [.show(.live)]
        case .previousPage: return [.show(.connection)]
        case .back: return [.show(.dashboard)]
        default: return []
        }
    }

    private mutating func start(_ data: ConsoleData) -> [Action] {
        let request = step.request(questions.form)
        guard !watch.isUnderWay(data) else {
            return [.notice(Notice(.info, "\(request.title) is under way."))]
        }
        if data.inquiry?.request == request, let refusal = data.inquiry?.refusal {
            return [.notice(Notice(.warning, refusal))]
        }
        return [data.leaving(request)]
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        if !isPlaced, Self.titles.contains(where: { data.newest[$0] != nil }) || data.status != nil {
            isPlaced = true
            let isDone = Self.titles.map { data.newest[$0]?.state == .done }
            questions.form.choose(entry: isDone.firstIndex(of: false) ?? 0)
        }
        // A step that has ended well offers the next one.
        if let record = data.record, record.id == watch.id, record.state == .done,
            record.request.title == step.request(questions.form).title, !watch.isSeen
        {
            watch.isSeen = true
            if step == .export || step == .analyze, record.issues.allSatisfy({ $0.state == .ok }) {
                questions.form.choose(entry: step.rawValue + 1)
            }
        }
        questions.clamp(count: rows(data).count)
        return []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        guard Self.titles.contains(reply.request.title) else { return false }
        watch.take(reply)
        return true
    }

    package func copied(_ data: ConsoleData) -> String? {
        let lines = rows(data)
        return questions.line.flatMap { lines.indices.contains($0) ? lines[$0].text : nil }
    }

    // MARK: Results

    private func record(_ data: ConsoleData) -> RequestRecord? {
        let title = step.request(questions.form).title
        return data.record.flatMap { $0.id == watch.id && $0.request.title == title ? $0 : nil }
            ?? data.newest[title]
    }

    private func chosenIssue(_ data: ConsoleData) -> SchemaIssue? {
        guard let issues = record(data)?.issues, let line = questions.line, issues.indices.contains(line)
        else { return nil }
        return issues[line]
    }

    private func rows(_ data: ConsoleData) -> [PageLine] {
        guard let record = record(data) else { return [] }
        if !record.issues.allSatisfy({ $0.state == .ok }) {
            return record.issues.map {
                PageLine(
                    "\($0.state.mark) \($0.objectType) \($0.object)  \(oneLine($0.reason))", $0.state.token)
            }
        }
        return record.lines.map { PageLine($0) }
    }

    private func details(_ data: ConsoleData) -> DetailsPage? {
        guard let issue = chosenIssue(data) else { return nil }
        var lines = [
            PageLine("\(issue.state.mark) \(issue.objectType) \(issue.object)", issue.state.token),
            PageLine(issue.reason), PageLine(""), PageLine("What to do:", .textStrong),
            PageLine(issue.suggestion),
        ]
        if !issue.file.isEmpty { lines.append(PageLine("File: \(issue.place)", .textMuted)) }
        return DetailsPage(title: "Finding", lines: lines, sql: nil)
    }

    // MARK: Drawing

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Schema", token: .borderFocus)
        let inner = area.inner
        var row = canvas.draw(questions.form, in: inner, headings: nil)
        for (offset, step) in Step.allCases.enumerated() {
            // Line mode has the steps one below the other, after the answers.
            if canvas.numbersLines {
                let record = data.newest[step.request(questions.form).title]
                canvas.write(
                    "\(record?.state.mark ?? "·") \(step.label)", row: row, column: inner.column + 1)
                row += 1
                continue
            }
            let record = data.newest[step.request(questions.form).title]
            let mark = record?.state.mark ?? "·"
            canvas.write(
                mark, row: inner.row + offset, column: inner.column + 32,
                token: record?.state.token ?? .textMuted)
        }
        let record = record(data)
        let ask = watch.isUnderWay(data) ? "  under way" : ""
        canvas.rule(
            row: row, in: inner,
            title: record.map { "\($0.state.mark) \($0.request.title): \($0.state.rawValue)\(ask)" }
                ?? "not done yet\(ask)")
        row += 1
        var rest = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row, columns: inner.columns)
        let words = watch.refusal ?? record?.answer ?? data.inquiry?.refusal ?? ""
        if !words.isEmpty {
            let token: Token = watch.refusal == nil ? record?.state.token ?? .statusWarn : .statusError
            let lines = wrapped([PageLine(oneLine(words), token)], to: rest.columns - 2, rowsMax: 2)
            canvas.lines(lines, in: rest)
            rest = rest.split(top: lines.count).rest
        }
        let work = (data.status?.work ?? []).filter { $0.kind == .schemaImport || $0.kind == .indexBuild }
        rest = canvas.draw(work, at: data.now, in: rest)
        canvas.list(rows(data), scroll: listScroll(data), hasFocus: questions.line != nil, in: rest)
    }

    /// The newest line of a step under way is in view, unless the operator moves in the list.
    private func listScroll(_ data: ConsoleData) -> Scroll {
        var scroll = questions.scroll
        if questions.line == nil, watch.isUnderWay(data) { scroll.selected = rows(data).count - 1 }
        return scroll
    }
}
