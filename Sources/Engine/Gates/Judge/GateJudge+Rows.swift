import Records

/// The gate that says how the rows are compared.
extension GateJudge {
    /// Age of a comparison from which it says little about the rows of now.
    private static let comparedSecondsMax = 24.0 * 3600

    var verification: Gate {
        let title = "The rows are compared"
        func gate(_ state: Gate.State, _ found: String, _ remedy: String = "", at: Double?) -> Gate {
            Gate(.verification, title: title, state, found: found, remedy: remedy, readAt: at)
        }
        if facts.options.verify {
            return gate(.green, "this cutover compares " + comparison, at: facts.now)
        }
        let remedy = "initiate the cutover with --verify true"
        guard let comparedAt = facts.comparedAt else {
            return gate(.amber, "never, and this cutover compares no rows", remedy, at: nil)
        }
        let age = facts.now - comparedAt
        guard age >= 0 else {
            return gate(.amber, "found equal at a time that is still to come", remedy, at: comparedAt)
        }
        let isRecent = age <= Self.comparedSecondsMax
        return gate(
            isRecent ? .green : .amber, "found equal \(Int(age / 60)) min ago", isRecent ? "" : remedy,
            at: comparedAt)
    }

    /// What this cutover compares, in words. A proof that lapses until then adds to the whole tables.
    private var comparison: String {
        guard let oldest = facts.provedAt.values.min() else { return "every table" }
        let whole = facts.tables.count - facts.provedAt.count
        let minutes = max(0, Int((facts.now - oldest) / 60))
        return (whole > 0 ? "\(counted(whole, "table")) as a whole, and " : "")
            + "the rows of \(counted(facts.provedAt.count, "table")) that were written since the proof, "
            + "at most \(minutes) min ago"
    }
}
