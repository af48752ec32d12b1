/// The steps that are performed again, because what they found may no longer hold.
extension Cutover {
    /// Demands a new quiet proof.
    package mutating func proveAgain() {
        barriers[.quiet] = nil
        guard let index = steps.firstIndex(where: { $0.step == .quietProof }) else { return }
        steps[index] = Step(step: .quietProof)
    }

    /// When the facts of the origin were read; nil before that.
    package var factsReadAt: Double? {
        steps.first { $0.step == .readFacts && $0.state == .done }?.endedAt
    }

    /// Demands that the facts of the origin are read again, and judged after that.
    package mutating func readFactsAgain() {
        for index in steps.indices where [.readFacts, .gates].contains(steps[index].step) {
            steps[index] = Step(step: steps[index].step)
        }
    }

    /// Demands that the sequences are read and set again, and a new quiet proof after that.
    package mutating func readSequencesAgain() {
        for index in steps.indices
        where [.readSequences, .setSequences, .quietProof].contains(steps[index].step) {
            steps[index] = Step(step: steps[index].step)
        }
        barriers[.quiet] = nil
    }
}
