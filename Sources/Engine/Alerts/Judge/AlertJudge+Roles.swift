import Records

/// The alerts about the servers and the roles.
extension AlertJudge {
    /// A role that retried more recently than this still counts as one that does, so that an alert does not
    /// come and go with each attempt.
    private static let retrySecondsMin = 10.0

    var serverAlerts: [Alert] {
        Side.allCases.compactMap { side in
            let health = status.server(side)
            guard health.isAway else { return nil }
            return Alert(
                .serverAway(side), raised(.error),
                "\(name(side).asSentence) does not answer: \(health.reason). It is tried again, and nothing "
                    + "is lost.",
                since: health.since, unblocker: who(runs: side),
                actions: cutover == nil ? [] : [.abortCutover])
        }
    }

    var roleAlerts: [Alert] {
        Role.allCases.flatMap { role in
            switch role {
            case .capture: alerts(of: role, capture)
            case .apply: alerts(of: role, apply)
            }
        } + pauseAlerts
    }

    private func alerts(of role: Role, _ published: (some RoleStatus)?) -> [Alert] {
        let process = status.processIDs[role]
        var alerts: [Alert] = []
        if process == nil, isWanted(role) {
            alerts.append(
                Alert(
                    .noWorker(role), raised(.error), "The \(role.work) runs in no process.",
                    since: published?.publishedAt, unblocker: Self.you, actions: [.startWorker]))
        }
        guard isLive, let published else { return alerts }
        if process != nil, isSilent(role, published) {
            alerts.append(
                Alert(
                    .stale(role), raised(.error),
                    "The \(role.work) publishes nothing any more, although process \(process ?? 0) has it.",
                    since: published.publishedAt, unblocker: Self.you))
        }
        return alerts + state(of: role, published, hasProcess: process != nil)
    }

    /// Whether a role has work that a process must do now.
    private func isWanted(_ role: Role) -> Bool {
        switch status.phase {
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource: true
        // Only the slot of the last leg is left, which one role drops.
        case .complete: !status.areLegsRetired && role == .capture && status.processIDs.isEmpty
        case .prepare, .schema, .ended: false
        }
    }

    /// Whether a role that should publish has not done so for too long.
    private func isSilent(_ role: Role, _ published: some RoleStatus) -> Bool {
        // The import of a snapshot publishes between its chunks only.
        if role == .apply, status.phase == .snapshot { return false }
        switch published.state.word {
        // The role is over, or waits for the one that an error stopped.
        case .stopped, .waiting, .ended, .done: return false
        case .starting, .snapshot, .streaming, .paused, .retrying: return !status.isRecent(published)
        }
    }

    private func state(of role: Role, _ published: some RoleStatus, hasProcess: Bool) -> [Alert] {
        let (state, retries) = (published.state, published.retries)
        switch state.word {
        case .stopped:
            return [
                Alert(
                    .roleStopped(role), raised(.error),
                    "The \(role.work) has stopped: \(state.reason)", since: state.since,
                    unblocker: Self.you, actions: [hasProcess ? .retryRole(role) : .startWorker])
            ]
        case .paused where !status.isPaused && !state.reason.isEmpty:
            return [
                Alert(
                    .rolePaused(role), .warning, "The \(role.work) is paused: \(state.reason)",
                    since: state.since, unblocker: Self.you, actions: [.setDiskLimits])
            ]
        case .waiting where !state.reason.isEmpty:
            return [
                Alert(
                    .roleWaits(role), .info, "The \(role.work) waits \(state.reason)", since: state.since,
                    unblocker: "the \(role == .capture ? Role.apply.work : Role.capture.work)")
            ]
        case .retrying, .streaming, .snapshot:
            let isRecent = !hasPassed(Self.retrySecondsMin, since: retries.at, at: now)
            guard state.word == .retrying || isRecent, status.isRecent(published) else { return [] }
            return [
                Alert(
                    .roleRetries(role), .warning,
                    "The \(role.work) tries again after: "
                        + (state.word == .retrying ? state.reason : retries.reason),
                    since: retries.since ?? state.since,
                    unblocker: "it continues by itself when the \(side(of: role).rawValue) lets it")
            ]
        case .starting, .paused, .waiting, .ended, .done: return []
        }
    }

    private var pauseAlerts: [Alert] {
        guard status.isPaused, isLive else { return [] }
        let since = apply.flatMap { $0.state.word == .paused ? $0.state.since : nil }
        return [
            Alert(
                .paused, .warning, "The migration is paused: no change is applied, and the export continues.",
                since: since, unblocker: Self.you, actions: [.resume])
        ]
    }
}
