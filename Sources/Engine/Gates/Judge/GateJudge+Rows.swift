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
        let proof = facts.verification
        let different = (proof?.tables ?? []).filter { ($0.entry?.differences ?? 0) > 0 }
        if let proof, !different.isEmpty {
            return gate(
                .red,
                "\(counted(proof.differences, "row")) of \(different.map(\.name).listed(max: 3)) "
                    + (proof.differences == 1 ? "differs" : "differ"),
                "mend them with the SQL that `switchback verify --repair-sql FILE` writes; the next "
                    + "verification takes them back", at: proof.published?.publishedAt)
        }
        if let sequence = proof?.published?.lastPass?.sequences.first {
            return gate(
                .red, "\(sequence)", "set it with setval to the value of the other side or beyond",
                at: proof?.published?.publishedAt)
        }
        let remedy = "initiate the cutover with --verify true"
        let proved = proof.flatMap { provedWords($0) }
        if facts.options.verify {
            return gate(
                .green,
                proved.map { "\($0); this cutover compares \(comparison)" }
                    ?? "this cutover compares \(comparison)", at: facts.now)
        }
        if let proof, let proved, let oldest = proof.oldestProofAt,
            abs(facts.now - oldest) <= Self.comparedSecondsMax, proof.openRows == 0
        {
            return gate(.green, proved, at: oldest)
        }
        guard let comparedAt = facts.comparedAt else {
            let found = proved.map { "\($0), and this cutover compares no rows" }
            return gate(
                .amber, found ?? "never, and this cutover compares no rows", remedy, at: proof?.oldestProofAt)
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

    /// What is proved, in words; nil if nothing is.
    private func provedWords(_ proof: VerificationStatus) -> String? {
        guard let oldest = proof.tables.compactMap(\.provedAt).min(), !proof.tables.isEmpty else {
            return nil
        }
        let age = max(0, Int((facts.now - oldest) / 60))
        let open = proof.openRows > 0 ? " without \(counted(proof.openRows, "row"))" : ""
        return
            "\(proof.provedTables) of \(counted(proof.tables.count, "table")) proved equal\(open), "
            + "the oldest \(age) min ago"
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
