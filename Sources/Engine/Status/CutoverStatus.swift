import Records

/// A cutover as it stands.
package struct CutoverStatus: Sendable, Equatable {
    /// yb-voyager's three words, and ours for one that was taken back.
    package enum Word: String, Sendable {
        case notInitiated = "NOT_INITIATED"
        case initiated = "INITIATED"
        case completed = "COMPLETED"
        case aborted = "ABORTED"
    }

    /// Tells the attempts to one side apart; empty where there was none.
    package var id = ""
    package var to: Side
    package var word: Word
    package var requestedAt: Double?
    package var releasedAt: Double?
    package var steps: [CutoverStepStatus]
    /// Waiting for `approveRelease`.
    package var awaitsApproval: Bool
    /// It waits for `approveRelease` before its release, now or later.
    package var requiresApproval = false
    /// Why the last one was taken back.
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

    /// The step that is done now, nil before the first and after the last.
    package var step: CutoverStepStatus? { steps.last { $0.state == .running } }

    /// Whether one key still takes all of it back.
    package var canAbort: Bool { word == .initiated }
}

package struct CutoverStepStatus: Sendable, Equatable {
    package enum State: String, Sendable, Codable {
        case pending
        case running
        case done
        case skipped
        case failed
        case undone
    }

    package var title: String
    package var state: State
    package var startedAt: Double?
    package var endedAt: Double?
    /// What it found or did: `barrier at 0/3A1C20`.
    package var detail: String

    package init(
        title: String, state: State = .pending, startedAt: Double? = nil, endedAt: Double? = nil,
        detail: String = ""
    ) {
        self.title = title
        self.state = state
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.detail = detail
    }
}
