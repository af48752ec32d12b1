import Records

/// Bounds of the steps that wait; when one is exceeded, the cutover is aborted.
package struct CutoverLimits: Sendable {
    /// Time that writers on the origin have to end, and that a lock may delay a step.
    package var quiesceSeconds = 60.0
    package var barrierSeconds = 120.0
    package var drainSeconds = 900.0

    package init() {}
}

/// A cutover as it is in the journal.
package struct Cutover: Codable, Sendable, Equatable {
    /// A barrier that came through the stream.
    package struct Barrier: Codable, Sendable, Equatable {
        package var lsn: LogPosition
        /// Number of transactions with changes that the leg has logged up to it.
        package var transactions: Int64
        /// Time of its arrival, in seconds since 1970; nil in records of earlier versions.
        package var seenAt: Double?

        package init(lsn: LogPosition, transactions: Int64, seenAt: Double? = nil) {
            self.lsn = lsn
            self.transactions = transactions
            self.seenAt = seenAt
        }
    }

    /// Greatest age of the quiet proof at the release. An older one does not show what was written since.
    package static let quietSecondsMax = 10.0

    /// Mark of this cutover's barriers, which distinguishes them from those of an aborted one.
    package var token: String
    package var options: CutoverOptions
    package var requestedAt: Double
    package var requestedBy: String
    package var steps: [Step]
    package var barriers: [BarrierKind: Barrier] = [:]
    package var sequencesJSON: String?
    /// Start time of the origin's server, read before its sequences.
    package var originStartedAt: String?
    package var checksums: [QualifiedName: String] = [:]
    /// LSN from which the slot of the fall-back sends changes; nil until it is created.
    package var fallBackConsistentPoint: LogPosition?
    /// Whether the barriers of the fall-back are rows; nil until its publication is created.
    package var fallBackHasBarrierRows: Bool?
    package var isApproved = false
    package var fencedAt: Double?
    package var releasedAt: Double?
    /// Set by an abort; the roles then undo their steps.
    package var abortReason: String?
    package var abortedAt: Double?

    package init(token: String, options: CutoverOptions, requestedAt: Double, requestedBy: String) {
        self.token = token
        self.options = options
        self.requestedAt = requestedAt
        self.requestedBy = requestedBy
        steps = CutoverStep.steps(options).map { Step(step: $0) }
    }

    /// The keys in the journal; `wayBackHasBarrierRows` is the name of an earlier version.
    private enum CodingKeys: String, CodingKey {
        case token, options, requestedAt, requestedBy, steps, barriers, sequencesJSON, originStartedAt,
            checksums
        case fallBackConsistentPoint
        case fallBackHasBarrierRows = "wayBackHasBarrierRows"
        case isApproved, fencedAt, releasedAt, abortReason, abortedAt
    }

    package var isOpen: Bool { releasedAt == nil && abortedAt == nil }
    package var isAborting: Bool { abortReason != nil && abortedAt == nil }

    package var status: CutoverStatus {
        var status = CutoverStatus(to: options.to)
        status.word = releasedAt != nil ? .completed : abortedAt != nil ? .aborted : .initiated
        status.id = token
        status.requestedAt = requestedAt
        status.releasedAt = releasedAt
        status.abortedAt = abortedAt
        status.abortReason = abortReason
        status.requiresApproval = options.requiresApproval
        status.waivers = options.waivers
        status.budgetSeconds = options.budgetSeconds
        status.awaitsApproval = nextStep?.step == .approval && !isApproved && isOpen
        status.fencedAt = fencedAt
        status.steps = steps.map {
            var step = CutoverStepStatus(
                title: $0.step.title(options.ends), state: $0.state, startedAt: $0.startedAt,
                endedAt: $0.endedAt, undoneAt: $0.undoneAt, hasFailed: $0.hasFailed, detail: $0.detail)
            step.step = $0.step
            step.waitSecondsMax = $0.waitSecondsMax
            if $0.state == .running, let startedAt = $0.startedAt, isOpen, !isAborting {
                step.abortsAt = $0.waitSecondsMax.map { startedAt + $0 }
            }
            return step
        }
        return status
    }

    /// The step to perform now; nil when all are done.
    package var nextStep: Step? { steps.first { $0.state == .pending || $0.state == .running } }

    /// The step to undo next in an abort: the last one that was begun and is not undone.
    package var nextUndo: Step? {
        steps.last { $0.state == .done || $0.state == .running || $0.state == .failed }
    }

    /// Whether the quiet proof is recent enough for a release.
    package func isQuietProved(at now: Double) -> Bool {
        let proof = steps.first { $0.step == .quietProof && $0.state == .done }
        return proof?.endedAt.map { !hasPassed(Self.quietSecondsMax, since: $0, at: now) } ?? false
    }

    package func isDone(_ step: CutoverStep) -> Bool {
        steps.contains { $0.step == step && $0.state == .done }
    }

    /// Begins a step, with the longest wait that it has.
    package mutating func begin(_ step: CutoverStep, waitSecondsMax: Double?, now: Double) {
        set(step, .running, now: now)
        guard let index = steps.firstIndex(where: { $0.step == step }) else { return }
        steps[index].waitSecondsMax = waitSecondsMax
    }

    package mutating func set(
        _ step: CutoverStep, _ state: CutoverStepStatus.State, detail: String? = nil, now: Double
    ) {
        guard let index = steps.firstIndex(where: { $0.step == step }) else { return }
        switch state {
        case .running: if steps[index].startedAt == nil { steps[index].startedAt = now }
        case .done, .skipped: steps[index].endedAt = now
        case .failed:
            steps[index].endedAt = now
            steps[index].hasFailed = true
        case .undone: steps[index].undoneAt = now
        case .pending: break
        }
        steps[index].state = state
        if let detail { steps[index].detail = detail }
    }
}

extension Cutover {
    /// The key under which earlier versions stored the fall-back's consistent point: among counts of rows,
    /// with the bits of the LSN.
    private enum EarlierKeys: String, CodingKey { case originRows }
    private static let earlierPointKey = "wayBack"

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        token = try container.decode(String.self, forKey: .token)
        options = try container.decode(CutoverOptions.self, forKey: .options)
        requestedAt = try container.decode(Double.self, forKey: .requestedAt)
        requestedBy = try container.decode(String.self, forKey: .requestedBy)
        steps = try container.decode([Step].self, forKey: .steps)
        barriers = try container.decode([BarrierKind: Barrier].self, forKey: .barriers)
        sequencesJSON = try container.decodeIfPresent(String.self, forKey: .sequencesJSON)
        originStartedAt = try container.decodeIfPresent(String.self, forKey: .originStartedAt)
        checksums = try container.decode([QualifiedName: String].self, forKey: .checksums)
        fallBackConsistentPoint =
            try container.decodeIfPresent(LogPosition.self, forKey: .fallBackConsistentPoint)
            ?? Self.earlierPoint(decoder)
        fallBackHasBarrierRows = try container.decodeIfPresent(Bool.self, forKey: .fallBackHasBarrierRows)
        isApproved = try container.decode(Bool.self, forKey: .isApproved)
        fencedAt = try container.decodeIfPresent(Double.self, forKey: .fencedAt)
        releasedAt = try container.decodeIfPresent(Double.self, forKey: .releasedAt)
        abortReason = try container.decodeIfPresent(String.self, forKey: .abortReason)
        abortedAt = try container.decodeIfPresent(Double.self, forKey: .abortedAt)
        markEarlierFailure()
    }

    /// Marks the step that failed in a record of an earlier version, which kept only the reason as the step's
    /// detail.
    private mutating func markEarlierFailure() {
        guard let abortReason, !steps.contains(where: \.hasFailed) else { return }
        for index in steps.indices
        where [.failed, .undone].contains(steps[index].state) && steps[index].detail == abortReason {
            steps[index].hasFailed = true
        }
    }

    private static func earlierPoint(_ decoder: any Decoder) throws -> LogPosition? {
        try decoder.container(keyedBy: EarlierKeys.self)
            .decodeIfPresent([String: Int64].self, forKey: .originRows)?[earlierPointKey]
            .map { LogPosition(number: UInt64(bitPattern: $0)) }
    }
}
