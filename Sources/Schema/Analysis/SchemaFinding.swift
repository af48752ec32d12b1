import Records

/// A finding of the analysis with all that the reports show of it.
package struct SchemaFinding: Sendable, Equatable {
    package let issue: SchemaIssue
    /// The rule's short name, under which findings are grouped.
    let title: String
    let category: Rule.Category
    let impact: Rule.Impact
    /// The statement it was found in.
    let sql: String
    /// The byte of the statement at which it was found.
    let offset: Int
    let links: RuleLinks
    let fixed: FixedReleases
    /// The mechanical change that mends it; nil if there is none.
    let fix: StatementFix?
}

/// The result of an analysis.
package struct SchemaAnalysis: Sendable {
    package let target: AnalysisTarget
    /// The findings, most severe first, and otherwise in the order of the files.
    package let findings: [SchemaFinding]
    /// How many objects of each kind there are, with their names.
    let objects: [ObjectCount]
    /// The schemas of these objects.
    let schemas: [String]
    let hasUncategorized: Bool
    /// What the operator has decided about findings.
    package var decisions = SchemaDecisions()

    package var issues: [SchemaIssue] { findings.map(\.issue) }

    /// The objects of one kind.
    struct ObjectCount: Sendable, Equatable {
        let type: String
        let names: [String]
        /// The number of objects with a finding.
        let withFindings: Int
    }
}
