import Records

/// The downtime budget of a cutover.
extension Cutover {
    /// Time from which on the application's writes may be held or refused: the beginning of the fence. Nil
    /// before it.
    package var heldSince: Double? { steps.first { $0.step == .fence }?.startedAt }

    /// Why the cutover has to be aborted, if it has used its budget up; nil otherwise.
    package func budgetRefusal(at now: Double) -> String? {
        guard let budget = options.budgetSeconds, let heldSince, isOpen, !isAborting,
            hasPassed(budget, since: heldSince, at: now)
        else { return nil }
        let step = nextStep.map { " at the step \"\($0.step.title(options.ends))\"" } ?? ""
        return "the downtime budget of \(Self.seconds(budget)) is used up\(step); give it more time, or see "
            + "why that step is slow, then initiate the cutover again"
    }

    private static func seconds(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(Int((seconds * 1000).rounded())) ms"
    }
}
