import Engine
import Records

/// The findings of the schema analysis as the operator filters and sorts them. Decisions that match nothing
/// any more come last.
struct FindingsTable: Sendable {
    /// The column that sorts the list.
    enum Sort: Int, CaseIterable, Sendable {
        /// Open findings before decided ones, each the worst first.
        case severity
        case rule
        case object
        case place

        var next: Sort { Sort.allCases[(rawValue + 1) % Sort.allCases.count] }

        var heading: String {
            switch self {
            case .severity: "SEVERITY"
            case .rule: "RULE"
            case .object: "OBJECT"
            case .place: "FILE:LINE"
            }
        }
    }

    /// A line of the list.
    enum Row: Equatable, Sendable {
        case finding(ReviewedFinding, SchemaDecision?)
        /// A decision that matches no finding any more.
        case unmatched(SchemaDecision)

        var finding: ReviewedFinding? {
            switch self {
            case .finding(let finding, _): finding
            case .unmatched: nil
            }
        }

        var decision: SchemaDecision? {
            switch self {
            case .finding(_, let decision): decision
            case .unmatched(let decision): decision
            }
        }
    }

    private(set) var sort = Sort.severity
    var filter = TextField()
    var isFiltering = false
    private(set) var rows: [Row] = []
    private var review: SchemaReview?

    /// Takes over a new analysis or new decisions.
    mutating func take(_ review: SchemaReview?) {
        // There may be thousands of findings, and they are read several times a second.
        guard review != self.review else { return }
        self.review = review
        arrange()
    }

    mutating func sortByNextColumn() {
        sort = sort.next
        arrange()
    }

    mutating func arrange() {
        guard let review else {
            rows = []
            return
        }
        let wanted = Filter(filter.text)
        let found = review.analysis.findings.map { Row.finding($0, review.decision(about: $0)) }
        let all = found.enumerated().sorted { left, right in
            comesFirst(left.element, right.element) ?? (left.offset < right.offset)
        }.map(\.element)
        rows = (all + review.withoutFinding.map(Row.unmatched)).filter { wanted.matches($0.searched) }
    }

    /// Whether a finding comes before another; nil if the order of the analysis decides.
    private func comesFirst(_ left: Row, _ right: Row) -> Bool? {
        guard let one = left.finding?.issue, let other = right.finding?.issue else { return nil }
        switch sort {
        case .severity:
            let isOpen = (left.decision == nil, right.decision == nil)
            if isOpen.0 != isOpen.1 { return isOpen.0 }
            return one.severity == other.severity ? nil : one.severity < other.severity
        case .rule: return one.rule == other.rule ? nil : one.rule < other.rule
        case .object: return one.object == other.object ? nil : one.object < other.object
        case .place:
            return one.place == other.place ? nil : (one.file, one.line) < (other.file, other.line)
        }
    }
}

extension FindingsTable.Row {
    /// The text that a filter is compared with.
    fileprivate var searched: String {
        switch self {
        case .finding(let finding, let decision):
            let issue = finding.issue
            return
                "\(issue.severity.rawValue) \(decision?.kind.rawValue ?? "open") \(issue.rule) "
                + "\(issue.objectType) \(issue.object) \(issue.place) \(issue.reason)"
        case .unmatched(let decision): return "\(decision.kind.rawValue) no match \(decision.finding)"
        }
    }
}
