import Records

/// A rehearsal of a cutover: its steps, each with the time that a stand-in for it took on the live pair. It
/// is a document in the journal, so that it can be shown beside what happens later.
package struct Rehearsal: Sendable, Codable, Equatable {
    /// A step with its prediction.
    package struct Step: Sendable, Codable, Equatable {
        package let step: CutoverStep
        package let seconds: Double
        /// What was done in place of the step.
        package let detail: String

        package init(step: CutoverStep, seconds: Double, detail: String) {
            self.step = step
            self.seconds = seconds
            self.detail = detail
        }
    }

    package let to: Side
    package let rehearsedAt: Double
    package let steps: [Step]

    static let key = "rehearsal"
    /// Time between two steps of different roles: one sees in the journal what the other has done.
    static let handoverSeconds = 0.05

    package init(to: Side, rehearsedAt: Double, steps: [Step]) {
        self.to = to
        self.rehearsedAt = rehearsedAt
        self.steps = steps
    }

    /// Predicted time from the fence to the release.
    package var downtimeSeconds: Double {
        let held = steps.drop { $0.step != .fence }
        let handovers = zip(held, held.dropFirst()).count { $0.step.owner != $1.step.owner }
        return held.map(\.seconds).reduce(0, +) + Double(handovers) * Self.handoverSeconds
    }

    /// What a step really took, and the prediction.
    package struct Line: Sendable, Equatable {
        package let title: String
        package let predictedSeconds: Double
        /// Nil if the step was not performed.
        package let seconds: Double?
        package let detail: String
    }

    /// The steps beside those of a cutover; nil for a prediction alone.
    package func lines(beside cutover: CutoverStatus?) -> [Line] {
        steps.map { step in
            let done = cutover?.steps.first { $0.step == step.step }
            let seconds = done.flatMap { done in
                done.startedAt.flatMap { start in done.endedAt.map { max(0, $0 - start) } }
            }
            return Line(
                title: step.step.title(Direction(to: to)), predictedSeconds: step.seconds, seconds: seconds,
                detail: step.detail)
        }
    }
}

extension Migration {
    /// The last rehearsal, with the newest cutover to the same side that was requested after it.
    package func lastRehearsal() throws -> (rehearsal: Rehearsal, cutover: CutoverStatus?)? {
        guard let rehearsal = try journal.document(Rehearsal.self, key: Rehearsal.key) else { return nil }
        let cutover = try record().cutovers.last {
            $0.options.to == rehearsal.to && $0.requestedAt >= rehearsal.rehearsedAt
        }
        return (rehearsal, cutover?.status)
    }
}
