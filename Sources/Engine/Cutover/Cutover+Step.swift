extension Cutover {
    /// A step with its state.
    package struct Step: Codable, Sendable, Equatable {
        package var step: CutoverStep
        package var state: CutoverStepStatus.State
        package var startedAt: Double?
        /// Time at which it was done or failed; an undo keeps it.
        package var endedAt: Double?
        /// Time at which an abort undid it.
        package var undoneAt: Double?
        /// Whether it failed; an undo keeps that.
        package var hasFailed: Bool
        package var detail: String
        /// Longest wait of the step as it began; nil if it has none, and in records of earlier versions.
        package var waitSecondsMax: Double?

        package init(step: CutoverStep) {
            self.step = step
            state = .pending
            hasFailed = false
            detail = ""
        }

        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            step = try fields.decode(CutoverStep.self, forKey: .step)
            state = try fields.decode(CutoverStepStatus.State.self, forKey: .state)
            startedAt = try fields.decodeIfPresent(Double.self, forKey: .startedAt)
            endedAt = try fields.decodeIfPresent(Double.self, forKey: .endedAt)
            undoneAt = try fields.decodeIfPresent(Double.self, forKey: .undoneAt)
            hasFailed = try fields.decodeIfPresent(Bool.self, forKey: .hasFailed) ?? (state == .failed)
            detail = try fields.decode(String.self, forKey: .detail)
            waitSecondsMax = try fields.decodeIfPresent(Double.self, forKey: .waitSecondsMax)
            // Earlier versions wrote the time of the undo over that of the end.
            if state == .undone, undoneAt == nil { (undoneAt, endedAt) = (endedAt, nil) }
        }
    }
}
