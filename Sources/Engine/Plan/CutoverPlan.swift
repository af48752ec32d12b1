import Records

/// The plan of a cutover: its steps in order, each with the statements that it runs. A value without I/O.
struct CutoverPlan {
    let record: MigrationRecord
    let options: CutoverOptions
    /// The statements of each side; nil if nobody has read them in this leg.
    let statements: [Side: [PlannedStatement]]
    /// Why the statements of a side are not known.
    let reasons: [Side: String]

    private var direction: Direction { options.ends }

    var lines: [PlanLine] {
        var lines = CutoverStep.steps(record.completed(options)).flatMap { self.lines(of: $0) }
        for change in retirement {
            var line = PlanLine(side: change.side, action: change.undo, undo: nil)
            line.step = "After the release: the leg is retired"
            lines.append(line)
        }
        return lines
    }

    private func lines(of step: CutoverStep) -> [PlanLine] {
        let side = step.owner == .capture ? direction.origin : direction.destination
        let title = step.title(direction)
        switch step {
        case .fence where options.fence == .nothing:
            return [.sentence(side, "no fence, as the operator chose", undo: nothing, step: title)]
        case .restoreDestination: return undoing(side, title) { $0.isSuspension }
        case .readFacts, .gates, .drain, .approval:
            return [.sentence(side, title, undo: Self.onlyReads, step: title)]
        case .release:
            return [.sentence(side, title, undo: nil, step: title)]
        case .fence, .prepareOrigin, .quiesce, .suspendOrigin, .barrier, .readSequences, .setSequences,
            .checksumOrigin, .checksumDestination, .refreshViews, .fallBackSlot, .quietProof,
            .openDestination:
            guard let known = statements[side] else {
                return [.unread(side, title, reason: reasons[side] ?? "nobody has read them")]
            }
            let found = known.filter { $0.part == .step(step) && takes($0.onlyFor) }
            guard !found.isEmpty else {
                return [.sentence(side, "no statement is needed", undo: nothing, step: title)]
            }
            return found.map { PlanLine(side, $0, step: title) }
        }
    }

    private static let onlyReads = "nothing: it only reads, or waits"
    private var nothing: String { "nothing: nothing is run" }

    private func takes(_ choice: ServerReadings.Choice?) -> Bool {
        switch choice {
        case nil: true
        case .fallBack: options.continues
        case .databaseFence: options.fence == .database
        case .tableFence: options.fence == .tables
        case .rightsFence: options.fence == .rights
        case .disconnection: options.disconnectSessions
        case .databaseDisconnection: options.disconnectSessions && options.fence == .database
        case .tableDisconnection:
            options.disconnectSessions && (options.fence == .tables || options.fence == .rights)
        }
    }

    /// The statements that bring back what the record has as turned off.
    private func undoing(
        _ side: Side, _ title: String, _ matches: (RecordedChange.Kind) -> Bool
    ) -> [PlanLine] {
        let changes = record.changes.reversed().filter {
            $0.side == side && $0.undoneAt == nil && matches($0.kind)
        }
        guard !changes.isEmpty else {
            return [.sentence(side, "nothing is turned off", undo: nothing, step: title)]
        }
        return changes.map { change in
            var line = PlanLine(side: side, action: change.undo, undo: "\(change.kind) again")
            line.step = title
            return line
        }
    }

    /// What the leg's stream needs on the origin, newest first.
    private var retirement: [RecordedChange] {
        guard let leg = record.currentLeg, leg.direction == direction else { return [] }
        return record.changes.reversed().filter {
            $0.side == direction.origin && $0.undoneAt == nil
                && ($0.kind == .slot(name: leg.slotName)
                    || $0.kind == .publication(name: leg.publicationName))
        }
    }
}

/// The comparison of a cutover's plan with what the operator saw, before the cutover changes anything. Each
/// role compares the statements of its own side, because a role is connected to one database.
struct CutoverPlanCheck {
    let context: RoleContext
    let leg: Leg

    /// Throws `PlanHasChanged` if other statements would run on the side than those that were shown.
    func judge(_ cutover: Cutover, _ side: Side) throws {
        guard let seen = try context.seenPlan(.cutover(cutover.token)) else { return }
        let readings = try PlanReader(context: context).read(side, leg)
        let plan = CutoverPlan(
            record: try context.record(), options: cutover.options,
            statements: [side: readings.statements], reasons: [:])
        // Who looks again sees what is compared here.
        let role: Role = side == leg.direction.origin ? .capture : .apply
        PlanReader(context: context).publish(readings, role, leg)
        try seen.compare(with: plan.lines, on: side)
    }
}
