import Records

/// The alerts about the cutover under way, and the last one.
extension AlertJudge {
    /// A step that is over within this time has not waited.
    private static let stepSecondsMin = 5.0
    private static let abortWords = "the cutover is aborted, and its steps are undone"

    var cutoverAlerts: [Alert] {
        guard let cutover else { return abortedAlerts }
        if cutover.isBeingAborted { return abortAlerts(cutover) }
        if cutover.awaitsApproval { return [approvalAlert(cutover)] }
        guard let running = cutover.step, let step = running.step, let startedAt = running.startedAt,
            step.waitsForOthers
        else { return [] }
        let sessions = sessionAlerts(step, running)
        guard hasPassed(Self.stepSecondsMin, since: startedAt, at: now) || !sessions.isEmpty else {
            return []
        }
        return sessions + [
            Alert(
                .cutoverWaits(step), .warning,
                "The cutover waits in its step '\(running.title)'"
                    + (running.detail.isEmpty ? "." : ": \(running.detail)."),
                since: startedAt, until: running.abortsAt,
                then: running.abortsAt == nil ? "" : Self.abortWords,
                unblocker: unblocker(of: step, sessions), actions: [.abortCutover])
        ]
    }

    private func unblocker(of step: CutoverStep, _ sessions: [Alert]) -> String {
        switch step {
        case .quiesce, .fence, .fallBackSlot, .suspendOrigin, .restoreDestination:
            sessions.isEmpty ? "the sessions that it waits for" : sessions.map(\.unblocker).listed(max: 3)
        case .barrier, .quietProof: "the export"
        case .drain: "the import"
        case .readFacts, .gates, .prepareOrigin, .readSequences, .setSequences, .checksumOrigin,
            .checksumDestination, .refreshViews, .openDestination, .release:
            "the \(Role.capture.work) and the \(Role.apply.work)"
        case .approval: Self.you
        }
    }

    /// The transactions for which the step waits.
    private func sessionAlerts(_ step: CutoverStep, _ running: CutoverStepStatus) -> [Alert] {
        guard step == .quiesce, let seen = status.writers else { return [] }
        return inTheWay(
            seen.writers, seen, raised(.error), until: running.abortsAt,
            then: running.abortsAt == nil ? "" : Self.abortWords
        ) { writer in
            "The cutover waits for \(writer.words) on the \(seen.side.rawValue), which has an open write "
                + "transaction."
        }
    }

    private func approvalAlert(_ cutover: CutoverStatus) -> Alert {
        Alert(
            .cutoverAwaitsApproval, .warning,
            "The cutover to the \(cutover.to.rawValue) awaits approval, and the application can write to "
                + "neither side meanwhile.",
            since: cutover.step?.startedAt, unblocker: "whoever approves it",
            actions: [.approve, .abortCutover])
    }

    private func abortAlerts(_ cutover: CutoverStatus) -> [Alert] {
        let changedAt = cutover.steps.compactMap { $0.undoneAt ?? $0.endedAt ?? $0.startedAt }.max()
        guard let changedAt, hasPassed(Self.stepSecondsMin, since: changedAt, at: now) else { return [] }
        return [
            Alert(
                .cutoverIsBeingAborted, raised(.error),
                "The cutover is being aborted, and its steps are not all undone yet. It was aborted because: "
                    + "\(cutover.abortReason ?? "")",
                since: changedAt, unblocker: "the \(Role.capture.work) and the \(Role.apply.work)")
        ]
    }

    private var abortedAlerts: [Alert] {
        guard let last = status.newestCutover, last.word == .aborted, status.nextCutover == last.to,
            let reason = last.abortReason
        else { return [] }
        return [
            Alert(
                .cutoverAborted, last.failedStep == nil ? .info : .warning,
                "The cutover to the \(last.to.rawValue) was aborted: \(reason)", since: last.abortedAt,
                unblocker: Self.you, actions: [.showGates])
        ]
    }
}

extension CutoverStep {
    /// Whether the step waits for sessions, servers or roles, with a bound.
    var waitsForOthers: Bool {
        switch self {
        case .fence, .quiesce, .suspendOrigin, .barrier, .drain, .fallBackSlot, .quietProof,
            .restoreDestination:
            true
        case .readFacts, .gates, .prepareOrigin, .readSequences, .setSequences, .checksumOrigin,
            .checksumDestination, .refreshViews, .approval, .openDestination, .release:
            false
        }
    }
}
