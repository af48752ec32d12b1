import Engine
import Records

// How a guide moves through its steps: Ask, Check, Plan, Do, Result.
extension ViewState {
    mutating func forward(_ data: ConsoleData) -> [Action] {
        guard let guide else { return [] }
        switch guide.step {
        case .ask: return answer(guide, data)
        case .check:
            guard data.inquiry?.request == guide.request, data.inquiry?.refusal == nil else {
                return []
            }
            self.guide?.step = .plan
            self.guide?.scroll = Scroll()
            return []
        case .plan: return act(guide, data)
        case .act: return []
        case .result: return goOn(guide, data)
        }
    }

    mutating func back(_ data: ConsoleData) -> [Action] {
        guard tab == .guide, let guide else {
            if tab == .tables { tables.filter = TextField() }
            if tab == .log { log.filter = TextField() }
            if tab == .incidents { tab = .dashboard }
            return []
        }
        switch guide.step {
        case .ask, .act: tab = .dashboard
        case .check: self.guide?.step = .ask
        case .plan: self.guide?.step = .check
        case .result: self.guide?.restart()
        }
        return []
    }

    private mutating func answer(_ guide: Guide, _ data: ConsoleData) -> [Action] {
        guard guide.form.buttonHasFocus else {
            self.guide?.form.moveFocus(1)
            return keep(data)
        }
        if let problem = guide.answerProblem {
            self.guide?.problem = problem
            return []
        }
        self.guide?.problem = nil
        self.guide?.scroll = Scroll()
        if guide.request == nil {  // The one choice without a request: on to the live migration.
            open(.liveMigration, data)
            return []
        }
        self.guide?.step = .check
        return keep(data)
    }

    private func keep(_ data: ConsoleData) -> [Action] {
        guard let guide, guide.kind == .prepare, !data.readOnly,
            case .success(let forms) = Guide.databases(from: guide.form), forms != data.forms
        else { return [] }
        return [.keep(forms)]
    }

    private mutating func act(_ guide: Guide, _ data: ConsoleData) -> [Action] {
        guard let request = guide.request, let status = data.status else { return [] }
        if data.readOnly {
            notice = Alert(.warning, "This console is read-only: it shows the plan and does nothing.")
            return []
        }
        switch request {
        case .initiateCutover(let options):
            confirmation = .cutover(options, status, plan: data.inquiry?.plan ?? [])
            return [.dropTypeAhead]
        case .endMigration:
            confirmation = .end(request, status)
            return [.dropTypeAhead]
        case .checkDatabases, .exportSchema, .analyzeSchema, .importSchema, .startLiveMigration, .pause,
            .resume, .setApplyMode, .setDiskLimits,
            .approveRelease, .abortCutover, .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences,
            .acknowledge, .endSession,
            .stopWorker:
            return [.leave(request)]
        }
    }

    /// Starts again at the checks. The request to check both databases changes nothing, so it is left at
    /// once.
    mutating func again(_ data: ConsoleData) -> [Action] {
        guard let guide, guide.step != .act else { return [] }
        self.guide?.refusal = nil
        if guide.step == .result, guide.request == .checkDatabases, !data.readOnly {
            return [.leave(.checkDatabases)]
        }
        self.guide?.step = .check
        return []
    }

    /// Leaves the result: after a success to the usual next step, else back to the questions.
    private mutating func goOn(_ guide: Guide, _ data: ConsoleData) -> [Action] {
        let wentWell =
            guide.refusal == nil && (guide.kind.cutoverSide != nil || data.record?.state == .done)
        let choice = guide.form.choice
        self.guide?.restart()
        guard wentWell else { return [] }
        switch guide.kind {
        case .prepare:
            if !(data.record?.checks ?? []).contains(where: { $0.state == .failure }) {
                open(.schema, data)
            }
        case .schema:
            self.guide?.form.choose(entry: choice + 1)
            self.guide?.form.focusButton()
        case .liveMigration:
            if choice == LiveChoice.start.rawValue {
                self.guide?.form.choose(entry: LiveChoice.indexes.rawValue)
            } else {
                tab = .dashboard
            }
        case .cutoverToTarget, .cutoverToSource:
            // After an abort the operator is likely to try again, so the guide stays.
            let word = guide.kind.cutoverSide.flatMap { data.status?.cutover(to: $0)?.word }
            if word == .completed { tab = .dashboard }
        case .end: tab = .dashboard
        }
        return []
    }
}

extension TypedConfirmation {
    static func cutover(_ options: CutoverOptions, _ status: MigrationStatus, plan: [PlanLine])
        -> TypedConfirmation
    {
        let from = options.to.other
        let place = (from == .source ? status.sourcePlace : status.targetPlace) ?? "the \(from.rawValue)"
        let way =
            options.to == .target
            ? (options.prepareForFallBack
                ? "After the release, only a cutover to the source undoes it; this cutover prepares the "
                    + "fall-back."
                : "No fall-back is prepared: after the release this CANNOT be undone.")
            : "After the release the application writes to the source again."
        return TypedConfirmation(
            title: "CUT OVER \(status.name) TO \(options.to.rawValue.uppercased())",
            lines: [
                "Writes to the \(from.rawValue.uppercased()) \(place) stop.",
                "The plan has \(plan.count) \(plan.count == 1 ? "line" : "lines"); "
                    + "\(plan.count { $0.undo == nil }) of them cannot be undone.",
                "Until the release, A aborts and undoes everything. \(way)",
                "",
            ],
            name: status.name, go: "Cut over", request: .initiateCutover(options))
    }

    static func release(_ cutover: CutoverStatus, _ status: MigrationStatus) -> TypedConfirmation {
        TypedConfirmation(
            title: "RELEASE THE APPLICATION OF \(status.name)",
            lines: [
                "The application continues on the \(cutover.to.rawValue.uppercased()).",
                "This ends the cutover: A can no longer abort it.",
                "",
            ],
            name: status.name, go: "Release", request: .approveRelease)
    }

    static func exclude(_ table: TableStatus) -> TypedConfirmation {
        TypedConfirmation(
            title: "EXCLUDE \(table.name)",
            lines: [
                "Its changes are no longer applied, no cutover compares it, and it is not streamed back.",
                "This CANNOT be undone: the table stays out of this migration.",
                "",
            ],
            name: table.name.description, go: "Exclude", request: .excludeTable(table.name))
    }

    static func end(_ request: Request, _ status: MigrationStatus) -> TypedConfirmation {
        TypedConfirmation(
            title: "END THE MIGRATION \(status.name)",
            lines: [
                "Everything that Switchback set up on both databases is removed, and the migration cannot "
                    + "continue.",
                "This CANNOT be undone.",
                "",
            ],
            name: status.name, go: "End it", request: request)
    }
}
