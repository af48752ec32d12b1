import Engine
import Records

/// The page of the live migration: an open list of what can be done now, the answers that it needs, and the
/// statements that it will run.
package struct LivePage: AskingPage {
    /// What can be done, in the usual order.
    enum Choice: Int, CaseIterable {
        case tables
        case start
        case indexes
        case pause
        case resume
        case applyMode
        case diskLimits
        case stopWorker

        var label: String {
            switch self {
            case .tables: "choose the tables"
            case .start: "copy all rows, then stream the changes"
            case .indexes: "import indexes and triggers"
            case .pause: "pause"
            case .resume: "resume"
            case .applyMode: "choose how changes are applied"
            case .diskLimits: "limit the use of the disk"
            case .stopWorker: "stop the worker"
            }
        }
    }

    package var id: PageID { .live }
    package var questions = Questions(Form(fields: [], button: "Do it"))
    private var phaseSeen: Phase?
    private var watch = RequestWatch()
    private var problem: String?

    package init() {}

    private static let startTitle = Request.startLiveMigration(jobs: 1).title
    private static let indexesTitle = Request.importSchema(ImportSchemaOptions(postSnapshotImport: true))
        .title

    package var reads: Reads {
        Reads(inquiry: request, record: watch.id, newest: [Self.startTitle, Self.indexesTitle])
    }
    package var takesText: Bool { questions.takesText }
    private var choice: Choice { Choice(rawValue: questions.form.choice) ?? .start }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        guard questions.type(key) else { return nil }
        problem = nil
        return []
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField, .previousField, .choose,
            .nextChoice, .previousChoice, .back, .previousPage:
            return nil
        case .details: return chosen(data) == nil ? "Choose a line of the plan first: Tab moves there." : nil
        case .nextPage:
            return data.status?.nextCutover == nil ? "A cutover follows the snapshot." : nil
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let count = rows(data).count
        if questions.perform(command, count: count) { return [] }
        switch command {
        case .open:
            if let line = chosen(data) { return [.push(line.details)] }
            if questions.form.buttonHasFocus { return start(data) }
            // A choice is made with the arrows. It is done with the button alone, so that no choice that
            // has just changed is done by a key that was meant for another one.
            if questions.form.focusedField?.id == "step" {
                questions.form.focusButton()
            } else {
                questions.nextField(count: count)
            }
            return []
        case .details: return chosen(data).map { [.push($0.details)] } ?? []
        case .nextPage: return [.show(.cutover)]
        case .previousPage: return [.show(.schema)]
        case .back: return [.show(.dashboard)]
        default: return []
        }
    }

    private mutating func start(_ data: ConsoleData) -> [Action] {
        if let problem = answerProblem {
            self.problem = problem
            return []
        }
        if choice == .tables { return [.show(.choice)] }
        guard let request else { return [] }
        if data.inquiry?.request == request, let refusal = data.inquiry?.refusal {
            return [.notice(Notice(.warning, refusal))]
        }
        problem = nil
        return [question(request, data).map(Action.ask) ?? data.leaving(request)]
    }

    /// The question before a choice with large consequences; nil for another one.
    private func question(_ request: Request, _ data: ConsoleData) -> Dialog? {
        guard let status = data.status else { return nil }
        switch choice {
        case .indexes: return .importIndexes(status, then: request)
        case .stopWorker: return .stopWorker(status)
        case .start, .tables, .pause, .resume, .applyMode, .diskLimits: return nil
        }
    }

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        if let status = data.status, status.phase != phaseSeen {
            // What the operator has begun to choose does not change under the next key.
            if phaseSeen == nil || !questions.isChanged { questions = Questions(Self.form(status)) }
            phaseSeen = status.phase
        }
        questions.clamp(count: rows(data).count)
        return []
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        switch reply.request {
        case .startLiveMigration, .pause, .resume, .setApplyMode, .setDiskLimits, .stopWorker:
            break
        case .importSchema(let options): guard options.postSnapshotImport else { return false }
        default: return false
        }
        watch.take(reply)
        return true
    }

    package func copied(_ data: ConsoleData) -> String? { chosen(data)?.sql }

    // MARK: Answers

    private static func form(_ status: MigrationStatus) -> Form {
        let indexes: Set = [Choice.indexes.rawValue]
        let modes: Set = [Choice.applyMode.rawValue]
        let disk: Set = [Choice.diskLimits.rawValue]
        let limits = status.diskLimits
        let mode = status.applyMode
        let channels = mode == .transactional ? ApplyMode.channelsDefault : mode.channels
        var form = Form(
            fields: [
                Field("step", "What to do", .list(Choice.allCases.map(\.label), 0)),
                Field(
                    "jobs", "Jobs", .text(TextField(String(jobsByDefault))), onlyFor: [Choice.start.rawValue],
                    help: "Tables and chunks of tables copied at the same time, 1 to \(jobsMax)."),
                Field(
                    "exist", "Ignore objects that exist", .toggle(false), onlyFor: indexes,
                    help: "Skips an object that the target already has."),
                Field(
                    "continue", "Continue on error", .toggle(false), onlyFor: indexes,
                    help: "Continues after a failed statement and lists the failed ones at the end."),
                Field(
                    "views", "Refresh materialized views", .toggle(false), onlyFor: indexes,
                    help: "Refreshes the materialized views of the target."),
                Field(
                    "parallel", "In parallel channels", .toggle(mode != .transactional), onlyFor: modes,
                    help: "Faster. When off, the destination always matches a commit of the origin."),
                Field(
                    "channels", "Channels", .text(TextField(String(channels))), onlyFor: modes,
                    help: "Connections that apply at once, 1 to \(ApplyMode.channelsMax)."),
                Field(
                    "free", "Least free disk", .text(TextField(DiskLimits.text(limits.freeBytesMin))),
                    onlyFor: disk,
                    help: "Capture pauses when the export directory's disk has less free space."),
                Field(
                    "queue", "Largest queue",
                    .text(TextField(limits.queueBytesMax.map(DiskLimits.text) ?? "0")), onlyFor: disk,
                    help: "Capture pauses when more changes are not applied yet; 0 means no limit."),
            ], button: "Do it")
        let choice: Choice =
            switch status.phase {
            case .prepare, .schema, .complete, .ended: .start
            case .snapshot: status.isPaused ? .resume : .pause
            case .streaming: status.isPaused ? .resume : .indexes
            case .cutoverToTarget, .fallBack, .cutoverToSource: status.isPaused ? .resume : .pause
            }
        form.choose(entry: choice.rawValue)
        return form
    }

    /// The request that the answers describe; nil if an answer is missing.
    private var request: Request? {
        let form = questions.form
        switch choice {
        case .tables: return nil
        case .start: return Int(form.text("jobs")).map { .startLiveMigration(jobs: $0) }
        case .indexes:
            return .importSchema(
                ImportSchemaOptions(
                    postSnapshotImport: true, ignoreExist: form.isOn("exist"),
                    continueOnError: form.isOn("continue"), refreshMaterializedViews: form.isOn("views")))
        case .pause: return .pause
        case .resume: return .resume
        case .applyMode:
            guard form.isOn("parallel") else { return .setApplyMode(.transactional) }
            return Int(form.text("channels")).map { .setApplyMode(.parallel(channels: $0)) }
        case .diskLimits: return diskLimits.map { .setDiskLimits($0) }
        case .stopWorker: return .stopWorker
        }
    }

    private var diskLimits: DiskLimits? {
        guard let free = DiskLimits.bytes(questions.form.text("free")),
            let queue = DiskLimits.bytes(questions.form.text("queue"))
        else { return nil }
        return DiskLimits(freeBytesMin: free, queueBytesMax: queue == 0 ? nil : queue)
    }

    /// What is wrong with the answers; nil if the engine can judge them.
    private var answerProblem: String? {
        let form = questions.form
        switch choice {
        case .applyMode where form.isOn("parallel"):
            guard let channels = Int(form.text("channels")), (1...ApplyMode.channelsMax).contains(channels)
            else {
                return "Channels must be a number from 1 to \(ApplyMode.channelsMax), such as "
                    + "\(ApplyMode.channelsDefault)."
            }
            return nil
        case .diskLimits:
            guard let limits = diskLimits else {
                return "Both must be sizes, such as 512MB or 50GB; 0 means no limit."
            }
            return limits.problem.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
        case .start:
            guard let jobs = Int(form.text("jobs")), (1...jobsMax).contains(jobs) else {
                return "Jobs must be a number from 1 to \(jobsMax), such as \(jobsByDefault)."
            }
            return nil
        case .tables, .indexes, .pause, .resume, .applyMode, .stopWorker: return nil
        }
    }

    // MARK: Drawing

    private func plan(_ data: ConsoleData) -> [PlanLine] {
        data.inquiry.flatMap { $0.request == request ? $0.plan : nil } ?? []
    }

    private func chosen(_ data: ConsoleData) -> PlanLine? {
        let plan = plan(data)
        guard progress(data).isEmpty else { return nil }
        return questions.line.flatMap { plan.indices.contains($0) ? plan[$0] : nil }
    }

    /// The progress of what is under way, else the plan.
    private func rows(_ data: ConsoleData) -> [PageLine] {
        let progress = progress(data)
        return progress.isEmpty ? plan(data).lines : progress
    }

    private func progress(_ data: ConsoleData) -> [PageLine] {
        let record = data.record.flatMap { $0.id == watch.id ? $0 : nil }
        guard watch.isUnderWay(data) || record != nil, watch.asked?.title == request?.title else { return [] }
        var lines = (record?.lines ?? []).map { PageLine($0) }
        if let status = data.status, status.phase == .snapshot {
            lines += status.tables.map { $0.snapshotLine(isStale: data.isStale) }
        }
        return lines
    }

    /// The choice of tables in words.
    private static func words(_ lists: TableLists?) -> String {
        guard let lists, lists != TableLists() else { return "All tables are migrated" }
        func few(_ names: [String]) -> String {
            names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
        }
        return "Migrated " + (lists.tables.isEmpty ? "are all tables" : "are \(few(lists.tables))")
            + (lists.excluded.isEmpty ? "" : ", without \(few(lists.excluded))")
    }

    package func draw(_ data: ConsoleData, on canvas: inout Canvas, in area: Rectangle) {
        canvas.box(area, title: "Live migration", token: .borderFocus)
        let inner = area.inner
        var row = canvas.draw(questions.form, in: inner, headings: nil)
        let record = data.record.flatMap { $0.id == watch.id ? $0 : nil }
        let title =
            progress(data).isEmpty
            ? choice == .tables ? Self.words(data.status?.tableLists) : plan(data).title
            : "\(record?.state.mark ?? "·") \(watch.asked?.title ?? ""): "
                + (record?.state.rawValue ?? "waits for a worker")
        canvas.rule(row: row, in: inner, title: title)
        row += 1
        var rest = Rectangle(
            row: row, column: inner.column, rows: inner.endRow - row, columns: inner.columns)
        let refusal = data.inquiry?.request == request ? data.inquiry?.refusal : nil
        let head: PageLine? =
            problem.map { PageLine("✗ " + $0, .statusError) }
            ?? watch.refusal.map { PageLine("✗ " + $0, .statusError) }
            ?? record.map { PageLine(oneLine($0.answer), $0.state.token) }.flatMap {
                $0.text.isEmpty ? nil : $0
            } ?? refusal.map { PageLine("Not now: " + $0, .statusWarn) }
        if let head {
            let lines = wrapped([head], to: rest.columns - 2, rowsMax: 2)
            canvas.lines(lines, in: rest)
            rest = rest.split(top: lines.count).rest
        }
        rest = canvas.draw(data.status?.work ?? [], at: data.now, in: rest)
        canvas.list(rows(data), scroll: questions.scroll, hasFocus: questions.line != nil, in: rest)
    }
}

/// Copy jobs by default, as for `--parallel-jobs`.
let jobsByDefault = 4
/// Highest number of copy jobs that a form accepts.
let jobsMax = 64

extension TableStatus {
    /// The copy of this table as one line.
    fileprivate func snapshotLine(isStale: Bool) -> PageLine {
        let share = rowsEstimate > 0 ? Double(importedRows) / Double(rowsEstimate) : 0
        let bar = gauge(snapshotIsDone ? 1 : min(0.99, share), columns: 20)
        let words = snapshotIsDone ? "✓ done" : "\(importedRows) of about \(rowsEstimate)"
        return PageLine(
            "\(bar) \(name)  \(words)" + (isStale ? " ?" : ""),
            isStale ? .dataStale : snapshotIsDone ? .statusOK : .statusWaiting)
    }
}
