import Records

/// Decisions about findings of the schema analysis that are made, and those that are taken back.
package struct FindingDecisions: Sendable, Codable, Equatable {
    package var decisions: [SchemaDecision]
    package let takenBack: [FindingName]

    package init(_ decisions: [SchemaDecision] = [], takenBack: [FindingName] = []) {
        self.decisions = decisions
        self.takenBack = takenBack
    }

    /// The request in a few words: `waive NO_PRIMARY_KEY:public.item`.
    package var words: String {
        let parts = [SchemaDecision.Kind.waived, .accepted].compactMap { kind -> String? in
            let names = decisions.filter { $0.kind == kind }.map { "\($0.finding)" }
            return names.isEmpty ? nil : "\(kind.verb) \(names.listed(max: 3))"
        }
        let back = takenBack.map { "\($0)" }
        return (parts + (back.isEmpty ? [] : ["take back \(back.listed(max: 3))"])).joined(separator: ", ")
    }

    /// Why the decisions cannot be kept; nil if they can.
    var problem: String? {
        if decisions.isEmpty, takenBack.isEmpty { return "no finding is named" }
        let unreasoned = decisions.first { $0.kind == .waived && $0.reason.isEmpty }
        return unreasoned.map { "give a reason for which \($0.finding) is waived" }
    }
}

extension SchemaDecision.Kind {
    /// What the operator does: `waive`.
    package var verb: String {
        switch self {
        case .accepted: "accept"
        case .waived: "waive"
        }
    }
}
