import Engine
import Records

/// The findings of the schema analysis as the operator filters and sorts them. Decisions that match nothing
/// any more come last.
struct FindingsTable: Sendable {
    /// The orders. The page's own has open findings before decided ones, each the worst first.
    static let orders: [ListOrder<Row>] = [
        ListOrder("SEVERITY", by: \.severityRank), ListOrder("RULE", by: { $0.finding?.issue.rule ?? "" }),
        ListOrder("OBJECT", by: { $0.finding?.issue.object ?? "" }), ListOrder("FILE:LINE", by: \.place),
    ]

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

    var list = ListChoice()
    private(set) var rows: [Row] = []
    private var review: SchemaReview?

    /// Takes over a new analysis or new decisions.
    mutating func take(_ review: SchemaReview?) {
        // There may be thousands of findings, and they are read several times a second.
        guard review != self.review else { return }
        self.review = review
        arrange()
    }

    mutating func arrange() {
        guard let review else {
            rows = []
            return
        }
        let found = review.analysis.findings.map { Row.finding($0, review.decision(about: $0)) }
        rows =
            list.arranged(found, by: Self.orders, \.searched)
            + list.arranged(review.withoutFinding.map(Row.unmatched), by: [], \.searched)
    }
}

extension FindingsTable.Row {
    /// Open findings before decided ones, each the worst first.
    fileprivate var severityRank: Int {
        guard let severity = finding?.issue.severity else { return .max }
        let all = SchemaIssue.Severity.allCases
        let rank = all.count { $0 < severity }
        return decision == nil ? rank : all.count + rank
    }

    /// A file and a line in it.
    fileprivate struct Place: Comparable, Sendable {
        let file: String
        let line: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.file, left.line) < (right.file, right.line)
        }
    }

    fileprivate var place: Place {
        Place(file: finding?.issue.file ?? "", line: finding?.issue.line ?? 0)
    }

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
