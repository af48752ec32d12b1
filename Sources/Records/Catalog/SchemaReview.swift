/// A finding of the schema analysis with all that an operator reads to decide about it.
package struct ReviewedFinding: Sendable, Codable, Equatable {
    package let issue: SchemaIssue
    /// The rule's short name.
    package let title: String
    package let statement: StatementExcerpt
    /// Where to read more.
    package let links: [String]
    /// The mechanical change that mends it, as a diff; empty if there is none.
    package let diff: [String]

    package init(
        _ issue: SchemaIssue, title: String, statement: StatementExcerpt, links: [String] = [],
        diff: [String] = []
    ) {
        self.issue = issue
        self.title = title
        self.statement = statement
        self.links = links
        self.diff = diff
    }

    /// The name of this finding alone.
    package var name: FindingName { FindingName(rule: issue.rule, object: issue.object) }
}

/// The statement of a finding in three parts, of which the middle one is the word at its place. A long
/// statement is cut to the lines around it.
package struct StatementExcerpt: Sendable, Codable, Equatable {
    package let before: String
    package let mark: String
    package let after: String
    /// The line of the file at which the excerpt begins; 0 if it is unknown.
    package let firstLine: Int

    package init(before: String, mark: String, after: String, firstLine: Int) {
        self.before = before
        self.mark = mark
        self.after = after
        self.firstLine = firstLine
    }

    package var text: String { before + mark + after }
}

/// What the newest analysis of a migration's schema found, as its file has it.
package struct ReviewedAnalysis: Sendable, Codable, Equatable {
    /// The moment of the analysis, in seconds since 1970.
    package let at: Double
    /// The product and the release whose rules were applied.
    package let target: String
    /// How many objects were analysed.
    package let objects: Int
    /// The findings, most severe first.
    package let findings: [ReviewedFinding]

    package init(at: Double, target: String, objects: Int, findings: [ReviewedFinding]) {
        self.at = at
        self.target = target
        self.objects = objects
        self.findings = findings
    }
}

/// The newest analysis of the schema, with what was decided about its findings.
package struct SchemaReview: Sendable, Equatable {
    package let analysis: ReviewedAnalysis
    package let decisions: SchemaDecisions

    package init(_ analysis: ReviewedAnalysis, _ decisions: SchemaDecisions) {
        self.analysis = analysis
        self.decisions = decisions
    }

    package func decision(about finding: ReviewedFinding) -> SchemaDecision? {
        decisions.decision(about: finding.issue)
    }

    /// The number of findings of that severity about which nothing was decided.
    package func open(_ severity: SchemaIssue.Severity) -> Int {
        analysis.findings.count { $0.issue.severity == severity && decision(about: $0) == nil }
    }

    /// The number of findings about which something was decided.
    package var decided: Int { analysis.findings.count { decision(about: $0) != nil } }

    /// The decisions that match nothing any more.
    package var withoutFinding: [SchemaDecision] {
        decisions.withoutFinding(among: analysis.findings.map(\.issue))
    }
}
