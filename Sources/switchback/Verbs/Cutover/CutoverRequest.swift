import Engine
import Records

/// The requests about cutovers: what is printed, what the operator is asked, and what is left for the
/// processes that run the roles.
struct CutoverRequest {
    let control: any MigrationControl
    /// The name of the operator in the audit log.
    let by: String
    let stop: StopSignal
    let confirm: (String) throws -> Bool
    let say: (String) -> Void

    /// Longest wait for the answer to a request; a running process answers within a second.
    static let answerSeconds = 30.0

    /// Leaves the request once. Waits for the cutover's end if asked to.
    func initiate(_ options: CutoverOptions, waits: Bool) async throws {
        let side = options.to.rawValue
        let status = try control.status()
        let newest = status.cutovers.last { $0.to == options.to }
        if let reason = newest?.abortReason, newest?.isBeingAborted == true {
            throw VerbFailure(
                "the cutover to \(side) is being aborted: \(reason); initiate it again when its steps are "
                    + "undone, see `switchback cutover status`")
        }
        // In a later round the last cutover to this side is one of the round before.
        let begins = status.phase == (options.to == .target ? Phase.streaming : .fallBack)
        switch newest?.word {
        case .completed where !begins, .initiated:
            say("cutover to \(side) already initiated")
        case .notInitiated, .aborted, .completed, nil:
            let request = Request.initiateCutover(options)
            try await refuseByGates(options, status)
            // A refusal comes before the question, which would be needless.
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

    /// Throws if a gate refuses the cutover. The gates are read again first, because the operator may just
    /// have mended what they found.
    private func refuseByGates(_ options: CutoverOptions, _ status: MigrationStatus) async throws {
        // In another phase the phase is the reason.
        guard status.phase == .streaming || status.phase == .fallBack else { return }
        let asked = status.readAt
        try control.readGatesAgain()
        let deadline = ContinuousClock.now + .seconds(Self.answerSeconds)
        var gates = try control.gates(for: options)
        // Nobody reads the gates of a side whose process does not run.
        let isRead = Role.allCases.allSatisfy { status.processIDs[$0] != nil }
        while isRead, !Self.areRead(gates, since: asked), ContinuousClock.now < deadline, !stop.isRequested {
            try await Task.sleep(for: .milliseconds(100))
            gates = try control.gates(for: options)
        }
        let refusing = gates.filter(\.refuses)
        guard refusing.isEmpty else { throw VerbFailure(GateRefusal.text(refusing)) }
        for gate in gates where gate.state != .green {
            say(
                "gate \(gate.name.rawValue) is \(gate.state.rawValue)"
                    + (gate.waiver.map { ", waived (\($0.reason))" } ?? "") + ": \(gate.found)")
        }
    }

    /// Whether both databases were read since that time, and nothing is left that was never read.
    private static func areRead(_ gates: [Gate], since asked: Double) -> Bool {
        !gates.contains(where: \.isStale)
            && gates.filter { [.sourceAnswers, .targetAnswers, .tables].contains($0.name) }.allSatisfy {
                $0.readAt ?? 0 >= asked
            }
    }

    func abort() async throws {
        if let reason = try control.refusal(of: .abortCutover) { throw VerbFailure(reason) }
        guard try confirm("Are you sure you want to abort the cutover") else {
            say("The cutover continues")
            return
        }
        try await leaveAndWait(.abortCutover)
    }

    /// Approves the cutover that awaits approval. Waits until one does if asked to.
    func approve(waits: Bool = false) async throws {
        if waits, try await !waitUntilAwaitingApproval() { return }
        try await leaveAndWait(.approveRelease)
    }

    /// Waits until the cutover under way awaits approval, and prints its step; false if it completed without.
    private func waitUntilAwaitingApproval() async throws -> Bool {
        var said: String?
        var stall = CutoverStall()
        while let refusal = try control.refusal(of: .approveRelease) {
            if stop.isRequested { throw VerbFailure("stopped waiting; the cutover is not approved") }
            let status = try control.status()
            let cutovers = status.cutovers
            guard let cutover = cutovers.last(where: { $0.word == .initiated }) else {
                if let last = status.newestCutover, last.word == .aborted, said != nil {
                    throw CutoverWait.aborted(last)
                }
                // It ended during the wait.
                guard said != nil, let last = cutovers.max(by: { $0.requestedAt ?? 0 < $1.requestedAt ?? 0 }),
                    last.word == .completed
                else { throw VerbFailure(refusal) }
                say("cutover to \(last.to.rawValue) completed")
                return false
            }
            guard cutover.requiresApproval else { throw VerbFailure(refusal) }
            let step = cutover.step?.title ?? "it begins"
            if said != step {
                say("waiting until the cutover to \(cutover.to.rawValue) awaits approval: \(step)")
            }
            said = step
            let (line, failure) = stall.take(status, cutover)
            if let line { say(line) }
            if let failure { throw failure }
            try await Task.sleep(for: .milliseconds(200))
        }
        return true
    }

    private func newestCutover(to side: Side) throws -> CutoverStatus? {
        try control.status().cutovers.last { $0.to == side }
    }

    /// Prints the steps until the cutover has completed or was aborted.
    private func waitForEnd(of side: Side) async throws {
        var wait = CutoverWait(to: side)
        while true {
            if stop.isRequested {
                throw VerbFailure("stopped waiting; the cutover itself continues, see cutover status")
            }
            let (lines, outcome) = wait.take(try control.status())
            for line in lines { say(line) }
            switch outcome {
            case .completed: return
            case .failed(let failure): throw failure
            case .waits: break
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Leaves a request for the processes that run the roles, and waits for their answer.
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
        say("\(request.title): requested; a process that runs the role will do it")
    }
}

extension VerbStart {
    /// The requests with this process's terminal. Scripts run a cutover without a terminal and without --yes,
    /// so nothing is asked there.
    func cutoverRequest(yes: Bool) -> CutoverRequest {
        let log = log
        return CutoverRequest(
            control: migration, by: operatorName, stop: StopRequests.signal,
            confirm: { question in
                let isYes = try StopRequests.whileAsking {
                    try Prompt.confirm(question, yes: yes || !Terminal.inputIsTerminal)
                }
                // From here on the verb only waits, and checks the signal.
                StopRequests.endInGoodOrder()
                return isYes
            },
            say: { line in
                log.notice("\(line)")
                Terminal.output.line(line)
            })
    }
}
