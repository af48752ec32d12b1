import Records

/// The state of a cutover.
package struct CutoverStatus: Sendable, Equatable {
    /// yb-voyager's three words, and one of ours for an aborted cutover.
    package enum Word: String, Sendable {
        case notInitiated = "NOT_INITIATED"
        case initiated = "INITIATED"
        case completed = "COMPLETED"
        case aborted = "ABORTED"
    }

    /// Identifies an attempt; empty if there was none.
    package var id = ""
    package var to: Side
    package var word: Word
    package var requestedAt: Double?
    package var releasedAt: Double?
    /// Time at which the fence stood, by the server's clock.
    package var fencedAt: Double?
    /// Time at which its last step was undone.
    package var abortedAt: Double?
    package var steps: [CutoverStepStatus]
    /// Whether it waits for `approveRelease` now.
    package var awaitsApproval: Bool
    /// Whether it needs `approveRelease` before its release.
    package var requiresApproval = false
    /// The gates that the operator waived for it.
    package var waivers: [GateWaiver] = []
    /// Longest time from the fence to the release; nil for no bound.
    package var budgetSeconds: Double?
    /// Why the last one was aborted.
    package var abortReason: String?

    package init(
        to: Side, word: Word = .notInitiated, requestedAt: Double? = nil, releasedAt: Double? = nil,
        steps: [CutoverStepStatus] = [], awaitsApproval: Bool = false, abortReason: String? = nil
    ) {
        self.to = to
        self.word = word
        self.requestedAt = requestedAt
        self.releasedAt = releasedAt
        self.steps = steps
        self.awaitsApproval = awaitsApproval
        self.abortReason = abortReason
    }

    /// The step that runs now; nil before the first and after the last.
    package var step: CutoverStepStatus? { steps.last { $0.state == .running } }

    /// Whether the application can write to neither side now.
    package var isFenced: Bool {
        word == .initiated && fencedAt != nil
            && steps.contains { $0.step == .fence && [.running, .done, .failed].contains($0.state) }
    }

    /// Whether it can still be aborted.
    package var canAbort: Bool { word == .initiated }

    /// Whether its steps are being undone.
    package var isBeingAborted: Bool { word == .initiated && abortReason != nil }

    /// The step whose failure aborted it; nil if none failed, as when the operator aborted it.
    package var failedStep: CutoverStepStatus? { steps.first { $0.hasFailed } }
}

/// The state of one step of a cutover.
package struct CutoverStepStatus: Sendable, Equatable {
    /// The state of a step. The raw value is stored in the journal.
    package enum State: String, Sendable, Codable {
        case pending
        case running
        case done
        case skipped
        case failed
        case undone
    }

    /// Which step it is.
    package var step: CutoverStep?
    package var title: String
    package var state: State
    package var startedAt: Double?
    /// Time at which it was done or failed; nil if an abort came while it ran.
    package var endedAt: Double?
    /// Time at which an abort undid it.
    package var undoneAt: Double?
    /// Whether it failed, also after it was undone.
    package var hasFailed: Bool
    /// Longest wait of the step; nil if it waits for nobody, or did not begin yet.
    package var waitSecondsMax: Double?
    /// Time at which the cutover is aborted because of it; nil if it may take as long as it takes.
    package var abortsAt: Double?
    /// How far its work is; nil if it does not tell, and while it does not run.
    package var progress: WorkProgress?
    /// Its result: `barrier at 0/3A1C20`.
    package var detail: String

    package init(
        title: String, state: State = .pending, startedAt: Double? = nil, endedAt: Double? = nil,
        undoneAt: Double? = nil, hasFailed: Bool = false, detail: String = ""
    ) {
        self.title = title
        self.state = state
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.undoneAt = undoneAt
        self.hasFailed = hasFailed
        self.detail = detail
    }
}
