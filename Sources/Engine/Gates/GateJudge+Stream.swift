import Records

/// The gates of the stream, by what the roles publish.
extension GateJudge {
    /// Age from which what a role has published is too old.
    private static let publishedSecondsMax = 10.0
    /// Number of waiting changes that are drained in seconds.
    private static let eventsNear: Int64 = 1000
    /// Age of a comparison from which it says little about the rows of now.
    private static let comparedSecondsMax = 24.0 * 3600

    var streamGates: [Gate] {
        [running, snapshot, slot, disk, setAside, incidents, lag, verification]
    }

    var stream: StreamFacts? { facts.stream }

    /// What a role has published in this direction, if it is recent.
    private func recent<Status: RoleStatus>(_ status: Status?) -> Status? {
        status.flatMap {
            $0.direction == direction && abs(facts.now - $0.publishedAt) <= Self.publishedSecondsMax
                ? $0 : nil
        }
    }

    var capture: CaptureStatus? { recent(stream?.capture) }
    private var apply: ApplyStatus? { recent(stream?.apply) }
    private var publishedAt: Double? {
        [stream?.capture?.publishedAt, stream?.apply?.publishedAt].compactMap(\.self).min()
    }

    func unpublished(_ name: GateName, _ title: String, _ work: String) -> Gate {
        idle(name, title, work, "\(work) has published nothing lately")
    }

    private func idle(_ name: GateName, _ title: String, _ work: String, _ found: String) -> Gate {
        var gate = Gate(
            name, title: title, .unknown, found: found, remedy: Self.start(work), readAt: publishedAt)
        gate.isStale = true
        return gate
    }

    private static func start(_ work: String) -> String { "start `switchback \(work)`, or the worker" }

    /// A role has just begun and has not measured this yet, or has not measured it lately.
    func unmeasured(_ name: GateName, _ title: String, _ found: String) -> Gate {
        var gate = Gate(name, title: title, .unknown, found: found, readAt: publishedAt)
        gate.isStale = true
        return gate
    }

    var exportWork: String { "export data from \(originSide.rawValue)" }
    private var importWork: String { "import data to \(destinationSide.rawValue)" }

    private var running: Gate {
        let title = "Export and import run"
        guard let capture else { return unpublished(.running, title, exportWork) }
        guard let apply else { return unpublished(.running, title, importWork) }
        for (role, work) in [(Role.capture, exportWork), (.apply, importWork)]
        where stream?.absent.contains(role) == true {
            return idle(.running, title, work, "\(work) runs in no process")
        }
        let states = [(exportWork, capture.state), (importWork, apply.state)]
        func state(_ word: RoleState.Word) -> Gate.State {
            switch word {
            case .streaming: .green
            case .starting, .snapshot, .retrying: .amber
            case .paused, .waiting, .stopped, .ended, .done: .red
            }
        }
        let worst = states.map { state($0.1.word) }
        return Gate(
            .running, title: title,
            facts.isPaused || worst.contains(.red) ? .red : worst.contains(.amber) ? .amber : .green,
            found: facts.isPaused
                ? "the migration is paused"
                : states.map { work, state in
                    "\(work) is \(state.word.rawValue)" + (state.reason.isEmpty ? "" : " (\(state.reason))")
                }.joined(separator: "; "),
            wanted: "both stream",
            remedy: facts.isPaused
                ? "switchback resume"
                : states.compactMap { Self.remedy($0.0, $0.1.word) }.joined(separator: "; "),
            readAt: publishedAt)
    }

    /// What to do about a role that does not stream; nil if nothing is to be done, or it passes.
    private static func remedy(_ work: String, _ word: RoleState.Word) -> String? {
        switch word {
        case .streaming, .starting, .snapshot, .retrying: nil
        case .paused: "switchback resume"
        case .waiting: "see what the other role does"
        case .stopped: "mend the reason why \(work) stopped, then run switchback resume"
        case .ended, .done: start(work)
        }
    }

    private var snapshot: Gate {
        let all = facts.tables.count
        let left = facts.uncopied
        let title = "The snapshot is complete"
        guard all > 0 else {
            return Gate(
                .snapshot, title: title, .unknown, found: "no table is known", readAt: facts.now)
        }
        return Gate(
            .snapshot, title: title, left.isEmpty ? .green : .red,
            found: "\(all - left.count) of \(counted(all, "table"))"
                + (left.isEmpty ? "" : "; not copied: \(left.listed(max: 3))"),
            wanted: "all", remedy: left.isEmpty ? "" : "wait until they are copied, or exclude them",
            readAt: facts.now)
    }

    private var setAside: Gate {
        let title = "No table is set aside or new"
        guard let stream else { return unmeasured(.setAside, title, "not known") }
        let refusal = stream.tablesRefusal
        return Gate(
            .setAside, title: title, refusal == nil ? .green : .red,
            found: refusal ?? "none", wanted: "none",
            remedy: refusal == nil ? "" : "mend the table and retry it, or exclude it", readAt: facts.now)
    }

    private var incidents: Gate {
        let title = "No change waits for the operator"
        guard let counts = stream?.incidents else { return unmeasured(.incidents, title, "not known") }
        let open = counts.stopped + counts.stashed
        // A comparison of all rows finds what a stashed change left out, unless the operator has mended it.
        let isCompared = counts.stopped == 0 && facts.options.verify
        return Gate(
            .incidents, title: title,
            open == 0 ? .green : isCompared ? .amber : .red,
            found: open == 0
                ? "none" : "\(counts.stopped) stopped the import, \(counts.stashed) stashed", wanted: "none",
            remedy: open == 0
                ? ""
                : "see the incidents, and mend their rows"
                    + (isCompared
                        ? "; the cutover compares all rows" : ", or compare all rows with --verify"),
            readAt: facts.now)
    }

    private var lag: Gate {
        let title = "The import keeps up"
        guard capture != nil else { return unpublished(.lag, title, exportWork) }
        guard apply != nil else { return unpublished(.lag, title, importWork) }
        guard let remaining = stream?.remainingEvents else {
            if case .originUnread(let known) = stream?.timeToCatchUp {
                return unmeasured(
                    .lag, title,
                    "the \(originSide.rawValue) is not read; \(counted(known, "change")) known to wait"
                )
            }
            return unmeasured(.lag, title, "the number of waiting changes is not known yet")
        }
        let trend =
            switch stream?.timeToCatchUp {
            case .caughtUp: "caught up"
            case .seconds(let seconds): "caught up in about \(Int(seconds.rounded(.up))) s"
            case .notCatchingUp: "not catching up"
            case .originUnread, .unknown, nil: "trend not known"
            }
        let isNear = remaining <= Self.eventsNear && stream?.timeToCatchUp != .notCatchingUp
        return Gate(
            .lag, title: title, isNear ? .green : .amber,
            found: "\(counted(remaining, "change")) waiting, \(trend)",
            wanted: "few, so that the cutover is short",
            remedy: isNear ? "" : "wait until the import has caught up", readAt: publishedAt)
    }

    private var verification: Gate {
        let title = "The rows are compared"
        func gate(_ state: Gate.State, _ found: String, _ remedy: String = "", at: Double?) -> Gate {
            Gate(.verification, title: title, state, found: found, remedy: remedy, readAt: at)
        }
        let proof = facts.verification
        let different = (proof?.tables ?? []).filter { ($0.entry?.differences ?? 0) > 0 }
        if let proof, !different.isEmpty {
            return gate(
                .red,
                "\(counted(proof.differences, "row")) of \(different.map(\.name).listed(max: 3)) "
                    + (proof.differences == 1 ? "differs" : "differ"),
                "mend them with the SQL that `switchback verify --repair-sql FILE` writes; the next "
                    + "verification takes them back", at: proof.published?.publishedAt)
        }
        if let sequence = proof?.published?.lastPass?.sequences.first {
            return gate(
                .red, "\(sequence)", "set it with setval to the value of the other side or beyond",
                at: proof?.published?.publishedAt)
        }
        let remedy = "initiate the cutover with --verify true"
        let proved = proof.flatMap { provedWords($0) }
        if facts.options.verify {
            return gate(
                .green,
                proved.map { "\($0); this cutover compares the other rows" }
                    ?? "this cutover compares every table", at: facts.now)
        }
        if let proof, let proved, let oldest = proof.oldestProofAt,
            abs(facts.now - oldest) <= Self.comparedSecondsMax, proof.openRows == 0
        {
            return gate(.green, proved, at: oldest)
        }
        guard let comparedAt = facts.comparedAt else {
            let found = proved.map { "\($0), and this cutover compares no rows" }
            return gate(
                .amber, found ?? "never, and this cutover compares no rows", remedy, at: proof?.oldestProofAt)
        }
        let age = facts.now - comparedAt
        guard age >= 0 else {
            return gate(.amber, "found equal at a time that is still to come", remedy, at: comparedAt)
        }
        let isRecent = age <= Self.comparedSecondsMax
        return gate(
            isRecent ? .green : .amber, "found equal \(Int(age / 60)) min ago", isRecent ? "" : remedy,
            at: comparedAt)
    }

    /// What is proved, in words; nil if nothing is.
    private func provedWords(_ proof: VerificationStatus) -> String? {
        guard let oldest = proof.tables.compactMap(\.provedAt).min(), !proof.tables.isEmpty else {
            return nil
        }
        let age = max(0, Int((facts.now - oldest) / 60))
        let open = proof.openRows > 0 ? " without \(counted(proof.openRows, "row"))" : ""
        return
            "\(proof.provedTables) of \(counted(proof.tables.count, "table")) proved equal\(open), "
            + "the oldest \(age) min ago"
    }
}
