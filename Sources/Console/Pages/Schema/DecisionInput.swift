import Engine
import Records

/// The decision that is being made about a finding, with the reason typed so far.
struct DecisionInput: Sendable {
    let kind: SchemaDecision.Kind
    let finding: ReviewedFinding
    /// Findings of the same rule.
    let ofRule: Int
    var reason = TextField()
    /// Whether it is about all findings of the rule.
    var isForRule = false

    /// The result of a key.
    enum Outcome {
        case stays
        case cancelled
        case decided(SchemaDecision)
        case refused(String)
        /// The key is none of these.
        case other
    }

    private var name: FindingName { isForRule ? FindingName(rule: finding.issue.rule) : finding.name }

    mutating func type(_ key: KeyEvent) -> Outcome {
        switch key {
        case .escape: return .cancelled
        case .tab, .backTab:
            isForRule.toggle()
            return .stays
        case .enter:
            if kind == .waived, reason.text.isEmpty {
                return .refused("A waiver needs a reason; Esc cancels.")
            }
            return .decided(SchemaDecision(kind, name, reason: reason.text))
        default: return reason.handle(key) ? .stays : .other
        }
    }

    /// What is decided, and about what.
    var title: String {
        let what =
            isForRule ? "all \(counted(ofRule, "finding")) of \(finding.issue.rule)" : "\(finding.name)"
        return "\(kind == .waived ? "Waive" : "Accept") \(what)"
    }

    /// What the keys do.
    var help: String {
        let scope = isForRule ? "this object alone" : "all \(counted(ofRule, "finding")) of the rule"
        return (ofRule > 1 ? "Tab: \(scope). " : "") + "Enter keeps it"
            + (kind == .accepted ? ", also without a reason" : "") + ". Esc cancels."
    }
}

extension SchemaReview {
    /// The question that takes a decision back.
    func takingBack(_ decision: SchemaDecision, utcOffset: Int) -> Dialog {
        let covered = analysis.findings.count { decision.covers($0.issue) }
        let consequence =
            covered == 0
            ? "It matches nothing any more."
            : "After this, \(counted(covered, "finding")) count\(covered == 1 ? "s" : "") again."
        return .question(
            Question(
                title: "TAKE BACK",
                lines: ["\(decision.finding) is \(decision.words(utcOffset)).", consequence],
                go: "Take it back"),
            then: .leave(.decideFindings(FindingDecisions(takenBack: [decision.finding]))))
    }
}
