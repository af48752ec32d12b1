import Engine
import Records

/// The page about the schema: export, analysis and import with the options of each, and below them what the
/// chosen step has found. For the analysis that is a table of findings, with the statement of the chosen one.
package struct SchemaPage: AskingPage {
    package var id: PageID { .schema }
    package var questions = Questions(SchemaStep.form)
    var watch = RequestWatch()
    var table = FindingsTable()
    /// The decision that is being made about the chosen finding.
    var deciding: DecisionInput?
    private var isPlaced = false

    package init() {}

    package var reads: Reads {
        var reads = Reads(
            inquiry: step.request(questions.form), record: watch.id, newest: SchemaStep.titles)
        reads.schemaReview = true
        return reads
    }

    var step: SchemaStep { SchemaStep(rawValue: questions.form.choice) ?? .export }

    /// Whether the table of findings is below the questions.
    func showsFindings(_ data: ConsoleData) -> Bool { step == .analyze && data.schemaReview != nil }

    // MARK: Keys

    package var takesText: Bool { table.list.isFiltering || deciding != nil || questions.takesText }

    package mutating func type(_ key: KeyEvent, _ data: ConsoleData) -> [Action]? {
        if table.list.isFiltering {
            guard table.list.type(key) else { return nil }
            table.arrange()
            questions.clamp(count: count(data))
            return []
        }
        guard var input = deciding else { return questions.type(key) ? [] : nil }
        switch input.type(key) {
        case .other: return nil
        case .refused(let reason): return [.notice(Notice(.info, reason))]
        case .cancelled:
            deciding = nil
            return []
        case .decided(let decision):
            deciding = nil
            return [.leave(.decideFindings(FindingDecisions([decision])))]
        case .stays:
            deciding = input
            return []
        }
    }

    package func refusal(of command: Command, _ data: ConsoleData) -> String? {
        switch command {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .open, .nextField, .previousField, .back,
            .previousPage, .again:
            return nil
        case .choose, .nextChoice, .previousChoice:
            return questions.line == nil ? nil : "It chooses among the questions: Tab moves to them."
        case .filter, .sort, .reverseSort:
            return showsFindings(data) ? nil : "Only the findings of the analysis can be filtered and sorted."
        case .details: return chosenRow == nil ? Self.chooseFirst : nil
        case .edit:
            guard let finding = chosenRow?.finding else { return Self.chooseFirst }
            return finding.issue.file.isEmpty ? "This finding has no file." : nil
        case .fix:
            guard let finding = chosenRow?.finding else { return Self.chooseFirst }
            return finding.diff.isEmpty
                ? "No mechanical change mends this finding: e opens its file." : nil
        case .waive: return chosenRow == nil ? Self.chooseFirst : nil
        case .accept:
            guard let finding = chosenRow?.finding else { return Self.chooseFirst }
            return finding.issue.severity == .blocking && chosenRow?.decision == nil
                ? "A blocking finding cannot be accepted: mend it, or waive it with a reason (u)." : nil
        case .nextPage:
            return data.newest[SchemaStep.importSchema.title]?.state == .done
                || data.status?.phase.group != .schema
                ? nil : "The schema is not imported yet: the live migration needs the tables on the target."
        default: return "\(command.rawValue) does nothing on this page."
        }
    }

    private static let chooseFirst = "Choose a finding first: Tab moves to them."

    package mutating func perform(_ command: Command, _ data: ConsoleData) -> [Action] {
        let count = count(data)
        if questions.perform(command, count: count) { return [] }
        switch command {
        case .open:
            if let row = chosenRow { return [.push(row.details(data.utcOffset))] }
            if questions.line != nil { return [] }
            if questions.form.buttonHasFocus || questions.form.focusedField?.id == "step" {
                return start(data)
            }
            questions.nextField(count: count)
        case .again: return analyzeAgain(data)
        case .details: return chosenRow.map { [.push($0.details(data.utcOffset))] } ?? []
        case .edit:
            return chosenRow?.finding.map { finding in
                [
                    .edit(
                        path: (data.status?.exportDirectory ?? "") + "/" + finding.issue.file,
                        line: finding.issue.line)
                ]
            } ?? []
        case .filter, .sort, .reverseSort:
            questions.focusList()
            keepingTheChosen {
                _ = $0.list.perform(command, count: count, orders: FindingsTable.orders.count)
                $0.arrange()
            }
        case .waive: return decide(.waived, data)
        case .accept: return decide(.accepted, data)
        case .fix:
            guard let finding = chosenRow?.finding, let review = data.schemaReview else { return [] }
            return [.push(FileChangePage(finding, review))]
        case .nextPage: return [.show(.live)]
        case .previousPage: return [.show(.connection)]
        case .back:
            if !table.list.hasFilter { return [.show(.dashboard)] }
            keepingTheChosen {
                $0.list.clearFilter()
                $0.arrange()
            }
        default: break
        }
        return []
    }

    /// Begins a decision about the chosen finding, or asks whether the present one is taken back.
    private mutating func decide(_ kind: SchemaDecision.Kind, _ data: ConsoleData) -> [Action] {
        guard let row = chosenRow, let review = data.schemaReview else { return [] }
        if let decision = row.decision {
            return [.ask(review.takingBack(decision, utcOffset: data.utcOffset))]
        }
        deciding = row.finding.map { finding in
            let ofRule = review.analysis.findings.count { $0.issue.rule == finding.issue.rule }
            return DecisionInput(kind: kind, finding: finding, ofRule: ofRule)
        }
        return []
    }

    /// Changes the table; the chosen finding stays the chosen one.
    private mutating func keepingTheChosen(_ change: (inout FindingsTable) -> Void) {
        let chosen = chosenRow
        change(&table)
        if let place = table.rows.firstIndex(where: { $0 == chosen }) { questions.choose(line: place) }
    }

    private mutating func analyzeAgain(_ data: ConsoleData) -> [Action] {
        questions.form.choose(entry: SchemaStep.analyze.rawValue)
        return start(data)
    }

    package mutating func edited(_ data: ConsoleData) -> [Action] { analyzeAgain(data) }

    private func start(_ data: ConsoleData) -> [Action] {
        let request = step.request(questions.form)
        guard !watch.isUnderWay(data) else {
            return [.notice(Notice(.info, "\(request.title) is under way."))]
        }
        if data.inquiry?.request == request, let refusal = data.inquiry?.refusal {
            return [.notice(Notice(.warning, refusal))]
        }
        if let refusal = importRefusal(data) { return [.notice(Notice(.warning, refusal))] }
        // The stream runs already, and the target is changed under it: it is asked, as on the other pages.
        if step == .indexes, let status = data.status {
            return [.ask(.importIndexes(status, then: request))]
        }
        return [data.leaving(request)]
    }

    /// Why the tables are not imported while blocking findings are open; nil if nothing is in the way.
    private func importRefusal(_ data: ConsoleData) -> String? {
        guard step == .importSchema, let open = data.schemaReview?.open(.blocking), open > 0 else {
            return nil
        }
        return
            "\(counted(open, "blocking finding")) \(open == 1 ? "is" : "are") open: mend, or waive with u "
            + "(step analyze, Tab)."
    }

    // MARK: Readings

    package mutating func absorb(_ data: ConsoleData) -> [Action] {
        table.take(data.schemaReview)
        if !isPlaced, SchemaStep.titles.contains(where: { data.newest[$0] != nil }) || data.status != nil {
            isPlaced = true
            let isDone = SchemaStep.titles.map { data.newest[$0]?.state == .done }
            questions.form.choose(entry: isDone.firstIndex(of: false) ?? 0)
        }
        if let record = data.record, record.id == watch.id, record.state == .done,
            record.request.title == step.title, !watch.isSeen
        {
            watch.isSeen = true
            offerNext(data)
        }
        questions.clamp(count: count(data))
        return []
    }

    /// A step that has ended well offers the next one. Findings that block are offered themselves.
    private mutating func offerNext(_ data: ConsoleData) {
        switch step {
        case .export: questions.form.choose(entry: SchemaStep.analyze.rawValue)
        case .analyze:
            guard let review = data.schemaReview else { return }
            if review.open(.blocking) > 0 {
                questions.focusList()
            } else if review.open(.warning) == 0 {
                questions.focusForm()
                questions.form.choose(entry: SchemaStep.importSchema.rawValue)
            }
        case .importSchema, .indexes: break
        }
    }

    package mutating func take(_ reply: Reply, _ data: ConsoleData) -> Bool {
        guard SchemaStep.titles.contains(reply.request.title) else { return false }
        watch.take(reply)
        return true
    }

    package func copied(_ data: ConsoleData) -> String? {
        if let row = chosenRow {
            return row.finding?.statement.text ?? "\(row.decision?.finding.description ?? "")"
        }
        let lines = lines(data)
        return questions.line.flatMap { lines.indices.contains($0) ? lines[$0].text : nil }
    }

    // MARK: Results

    /// The record of the chosen step.
    func record(_ data: ConsoleData) -> RequestRecord? {
        data.record.flatMap { $0.id == watch.id && $0.request.title == step.title ? $0 : nil }
            ?? data.newest[step.title]
    }

    /// The finding in focus; nil while a field has it.
    var chosenRow: FindingsTable.Row? {
        guard step == .analyze, let line = questions.line, table.rows.indices.contains(line) else {
            return nil
        }
        return table.rows[line]
    }

    /// What the chosen step has said, if there is no table of findings.
    func lines(_ data: ConsoleData) -> [PageLine] {
        guard !showsFindings(data), let record = record(data) else { return [] }
        // The journal has the findings of an earlier version, but not their statements.
        guard record.issues.isEmpty else {
            return [
                PageLine("\(counted(record.issues.count, "finding")): r analyzes again and lists them.")
            ]
        }
        return record.lines.map { PageLine($0) }
    }

    private func count(_ data: ConsoleData) -> Int {
        showsFindings(data) ? table.rows.count : lines(data).count
    }
}
