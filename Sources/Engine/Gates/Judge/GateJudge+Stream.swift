import Records

/// The gates of the stream, by what the roles publish.
extension GateJudge {
    /// Age from which what a role has published is too old.
    private static let publishedSecondsMax = 10.0
    /// Number of waiting changes that are drained in seconds.
    private static let eventsNear: Int64 = 1000

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
        // The comparison finds what a stashed change left out, unless the operator has mended it: a table
        // that lacked it was not proved, and a change after the proof is among the rows that are compared.
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
                        ? "; the cutover compares them"
                        : ", or have the cutover compare them with --verify true"),
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
}
