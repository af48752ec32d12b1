import Records

/// The steps of a cutover, in their order. Each belongs to one role, for a role has the way to one database.
package enum CutoverStep: String, Codable, Sendable, CaseIterable {
    /// Before anything is changed: what would come out after the release only stops the cutover here.
    case readFacts
    case gates
    /// Before the barrier: a row that an event trigger writes there for our DDL goes through like any other, and is not
    /// streamed back.
    case prepareOrigin
    case fence
    case quiesce
    case barrier
    case drain
    case readSequences
    case setSequences
    case checksumOrigin
    case checksumDestination
    case fallBackSlot = "wayBack"
    /// Before the quiet proof, however long it takes: what is written to the origin meanwhile must not go unseen.
    case approval = "hold"
    case quietProof
    case openDestination
    case release

    package var owner: Role {
        switch self {
        case .readFacts, .fence, .quiesce, .barrier, .readSequences, .checksumOrigin, .prepareOrigin,
            .quietProof,
            .approval:
            .capture
        case .gates, .drain, .setSequences, .checksumDestination, .fallBackSlot, .openDestination, .release: .apply
        }
    }

    /// The step as the operator reads it; `direction` is the one that ends.
    package func title(_ direction: Direction) -> String {
        let (origin, destination) = (direction.origin.rawValue, direction.destination.rawValue)
        return switch self {
        case .readFacts: "Facts of \(origin) read for the gates"
        case .gates: "Gates: \(destination) can take the application over"
        case .fence: "Fence: \(origin) read-only for new sessions"
        case .quiesce: "Quiesce: no open write transaction on \(origin)"
        case .barrier: "Barrier written to \(origin)"
        case .drain: "Drain: everything up to the barrier applied on \(destination)"
        case .readSequences: "Sequences read from \(origin)"
        case .setSequences: "Sequences and identity columns set on \(destination)"
        case .checksumOrigin: "Checksums of all tables on \(origin)"
        case .checksumDestination: "Checksums on \(destination), compared"
        case .fallBackSlot: "Way back: publication and slot on \(destination)"
        case .prepareOrigin: "Way back: metadata tables on \(origin)"
        case .quietProof: "Quiet proof: nobody wrote to \(origin) since the barrier"
        case .openDestination: "Fence of \(destination) taken down"
        case .approval: "Await approval"
        case .release: "Application released to \(destination)"
        }
    }

    /// The steps a cutover with these options goes through.
    package static func steps(_ options: CutoverOptions) -> [CutoverStep] {
        allCases.filter { step in
            switch step {
            case .checksumOrigin, .checksumDestination: options.verify
            case .fallBackSlot, .prepareOrigin: options.to == .target && options.prepareForFallBack
            case .openDestination: options.to == .source
            case .approval: options.requiresApproval
            case .readFacts, .gates, .fence, .quiesce, .barrier, .drain, .readSequences, .setSequences,
                .quietProof,
                .release:
                true
            }
        }
    }
}

/// How long the steps of a cutover that wait may wait; then the cutover is taken back.
package struct CutoverLimits: Sendable {
    /// Writers on the origin get as long to end.
    package var quiesceSeconds = 60.0
    package var barrierSeconds = 120.0
    package var drainSeconds = 900.0

    package init() {}
}

/// A cutover as the journal keeps it.
package struct Cutover: Codable, Sendable, Equatable {
    package struct Step: Codable, Sendable, Equatable {
        package var step: CutoverStep
        package var state: CutoverStepStatus.State = .pending
        package var startedAt: Double?
        package var endedAt: Double?
        package var detail = ""
    }

    /// A barrier that came back through the stream.
    package struct Barrier: Codable, Sendable, Equatable {
        package var lsn: LSN
        /// Transactions with changes logged in this leg up to it.
        package var transactions: Int64
        /// When it had come, seconds since 1970; nil in records of before this was kept.
        package var seenAt: Double?

        package init(lsn: LSN, transactions: Int64, seenAt: Double? = nil) {
            self.lsn = lsn
            self.transactions = transactions
            self.seenAt = seenAt
        }
    }

    /// A proof that nobody writes to the origin is no proof when it is older: what was written since would go unseen.
    static let quietSecondsMax = 10.0

    /// Marks this cutover's barriers, so that those of one taken back are not mistaken for its own.
    package var token: String
    package var options: CutoverOptions
    package var requestedAt: Double
    package var requestedBy: String
    package var steps: [Step]
    package var barriers: [String: Barrier] = [:]
    package var sequencesJSON: String?
    /// When the origin's server was started, as it said before its sequences were read.
    package var originStartedAt: String?
    package var checksums: [QualifiedName: String] = [:]
    package var originRows: [String: Int64] = [:]
    /// Whether the barriers of the way back are rows.
    package var fallBackHasBarrierRows: Bool?
    package var isApproved = false
    package var fencedAt: Double?
    package var releasedAt: Double?
    /// Set when it is to be taken back; the roles then undo their steps.
    package var abortReason: String?
    package var abortedAt: Double?

    package init(token: String, options: CutoverOptions, requestedAt: Double, requestedBy: String) {
        self.token = token
        self.options = options
        self.requestedAt = requestedAt
        self.requestedBy = requestedBy
        steps = CutoverStep.steps(options).map { Step(step: $0) }
    }

    package var isOpen: Bool { releasedAt == nil && abortedAt == nil }
    package var isAborting: Bool { abortReason != nil && abortedAt == nil }

    package var status: CutoverStatus {
        var status = CutoverStatus(to: options.to)
        status.word = releasedAt != nil ? .completed : abortedAt != nil ? .aborted : .initiated
        status.id = token
        status.requestedAt = requestedAt
        status.releasedAt = releasedAt
        status.abortReason = abortReason
        status.requiresApproval = options.requiresApproval
        status.awaitsApproval = nextStep?.step == .approval && !isApproved && isOpen
        status.steps = steps.map {
            CutoverStepStatus(
                title: $0.step.title(options.ends), state: $0.state, startedAt: $0.startedAt,
                endedAt: $0.endedAt,
                detail: $0.detail)
        }
        return status
    }

    /// The step that is to be done now, nil when all are done.
    package var nextStep: Step? { steps.first { $0.state == .pending || $0.state == .running } }

    /// When going back: the last step that was begun and is not undone.
    package var nextUndo: Step? {
        steps.last { $0.state == .done || $0.state == .running || $0.state == .failed }
    }

    /// Whether the origin was proved quiet just now.
    func isQuietProved(at now: Double) -> Bool {
        let proof = steps.first { $0.step == .quietProof && $0.state == .done }
        return proof?.endedAt.map { !hasPassed(Self.quietSecondsMax, since: $0, at: now) } ?? false
    }

    /// Has the origin proved quiet again.
    mutating func proveAgain() {
        barriers["quiet"] = nil
        guard let index = steps.firstIndex(where: { $0.step == .quietProof }) else { return }
        steps[index] = Step(step: .quietProof)
    }

    /// Has the sequences read and set again, and the origin proved quiet after that.
    mutating func readSequencesAgain() {
        for index in steps.indices
        where [.readSequences, .setSequences, .quietProof].contains(steps[index].step) {
            steps[index] = Step(step: steps[index].step)
        }
        barriers["quiet"] = nil
    }

    package func isDone(_ step: CutoverStep) -> Bool {
        steps.contains { $0.step == step && $0.state == .done }
    }

    package mutating func set(
        _ step: CutoverStep, _ state: CutoverStepStatus.State, detail: String? = nil, now: Double
    ) {
        guard let index = steps.firstIndex(where: { $0.step == step }) else { return }
        switch state {
        case .running: if steps[index].startedAt == nil { steps[index].startedAt = now }
        case .done, .skipped, .failed, .undone: steps[index].endedAt = now
        case .pending: break
        }
        steps[index].state = state
        if let detail { steps[index].detail = detail }
    }
}
