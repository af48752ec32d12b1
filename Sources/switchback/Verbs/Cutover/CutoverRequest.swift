import Engine
import Records

/// Asking for a cutover, and for its end either way: what is said, what is asked of the operator, what is left for
/// the processes that do it.
struct CutoverRequest {
    let control: any MigrationControl
    /// Who asks, for the audit log.
    let by: String
    let stop: StopSignal
    let confirm: (String) throws -> Bool
    let say: (String) -> Void

    /// How long an answer to a request is waited for; a process that runs gives it within a second.
    static let answerSeconds = 30.0

    /// Leaves the request, once, and where asked waits for the cutover's end.
    func initiate(_ options: CutoverOptions, waits: Bool) async throws {
        let side = options.to.rawValue
        switch try standing(of: options.to)?.word {
        case .initiated, .completed:
            say("cutover to \(side) already initiated")
        case .notInitiated, .aborted, nil:
            let request = Request.initiateCutover(options)
            // The refusal comes before the question: a cutover that cannot be is not worth an answer.
            if let reason = try control.refusal(of: request) { throw VerbFailure(reason) }
            guard try confirm("Are you sure you want to initiate cutover to \(side)") else {
                say("Aborting cutover to \(side)")
                return
            }
            _ = try control.leave(request, by: by)
            say("cutover to \(side) initiated, wait for it to complete")
        }
        if waits { try await waitForEnd(of: options.to) }
    }

    func abort() async throws {
        if let reason = try control.refusal(of: .abortCutover) { throw VerbFailure(reason) }
        guard try confirm("Are you sure you want to abort the cutover") else {
            say("The cutover goes on")
            return
        }
        try await leaveAndWait(.abortCutover)
    }

    /// Lets the cutover that waits for approval go on; where asked it waits until one does.
    func approve(waits: Bool = false) async throws {
        if waits, try await !waitForHold() { return }
        try await leaveAndWait(.approveRelease)
    }

    /// Waits until the cutover that is under way waits for approval, and says what it is at; false where it has completed
    /// without.
    private func waitForHold() async throws -> Bool {
        var said: String?
        while let refusal = try control.refusal(of: .approveRelease) {
            if stop.isRequested { throw VerbFailure("stopped waiting; the cutover is not approved") }
            let cutovers = try control.status().cutovers
            guard let cutover = cutovers.last(where: { $0.word == .initiated }) else {
                // One that ended while it was waited for.
                guard said != nil, let last = cutovers.max(by: { $0.requestedAt ?? 0 < $1.requestedAt ?? 0 }),
                    last.word == .completed
                else { throw VerbFailure(refusal) }
                say("cutover to \(last.to.rawValue) completed")
                return false
            }
            guard cutover.requiresApproval else { throw VerbFailure(refusal) }
            let step = cutover.step?.title ?? "it begins"
            if said != step { say("waiting until the cutover to \(cutover.to.rawValue) holds: \(step)") }
            said = step
            try await Task.sleep(for: .milliseconds(200))
        }
        return true
    }

    /// The newest cutover to a side, as it stands.
    private func standing(of side: Side) throws -> CutoverStatus? {
        try control.status().cutovers.last { $0.to == side }
    }

    /// Says the steps as they end, until the cutover has completed or was taken back.
    private func waitForEnd(of side: Side) async throws {
        var progress = CutoverProgress()
        while true {
            if stop.isRequested {
                throw VerbFailure("stopped waiting; the cutover itself goes on, see cutover status")
            }
            if let cutover = try standing(of: side) {
                for line in progress.lines(cutover) { say(line) }
                switch cutover.word {
                case .completed: return
                case .aborted:
                    throw VerbFailure(
                        "cutover to \(side.rawValue) was aborted: \(cutover.abortReason ?? "no reason given")"
                    )
                case .notInitiated, .initiated: break
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Leaves a request for the processes that hold the roles, and waits a while for their answer.
    private func leaveAndWait(_ request: Request) async throws {
        let id = try control.leave(request, by: by)
        let deadline = ContinuousClock.now + .seconds(Self.answerSeconds)
        while ContinuousClock.now < deadline, !stop.isRequested {
            if let record = try control.record(of: id) {
                switch record.state {
                case .done: return say(record.answer.isEmpty ? "\(request.title): done" : record.answer)
                case .refused, .failed: throw VerbFailure(record.answer)
                case .waiting, .running: break
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        say("\(request.title): asked; it is done as soon as a process that can do it runs")
    }
}

/// What to say of a cutover from one look to the next: each step once a state, the hold once.
struct CutoverProgress {
    private var said: [String: CutoverStepStatus.State] = [:]
    private var saidHeld = false

    mutating func lines(_ cutover: CutoverStatus) -> [String] {
        var lines: [String] = []
        for step in cutover.steps where step.state != .pending && said[step.title] != step.state {
            said[step.title] = step.state
            let detail = step.detail.isEmpty ? "" : " (\(step.detail))"
            lines.append("\(step.state.rawValue): \(step.title)\(detail)")
        }
        if cutover.awaitsApproval, !saidHeld {
            lines.append("held before the release; run approve cutover to go on")
        }
        saidHeld = cutover.awaitsApproval
        if cutover.word == .completed { lines.append("cutover to \(cutover.to.rawValue) completed") }
        return lines
    }
}

extension VerbStart {
    /// The same with this process's terminal. Scripts run the cutover without a terminal and without --yes, so
    /// nothing is asked there.
    func cutoverRequest(yes: Bool) -> CutoverRequest {
        let log = log
        return CutoverRequest(
            control: migration, by: operatorName, stop: StopRequests.signal,
            confirm: { question in
                let isYes = try StopRequests.whileAsking {
                    try Prompt.confirm(question, yes: yes || !Terminal.inputIsTerminal)
                }
                // From here on there is only waiting, which looks at the signal.
                StopRequests.endInGoodOrder()
                return isYes
            },
            say: { line in
                log.notice("\(line)")
                Terminal.output.line(line)
            })
    }
}
