import Foundation
import Records

extension SchemaReport {
    /// The report as JSON: the field names of yb-voyager's report, and ours beside them in lower case.
    func json() throws -> String {
        try JSONText.text(of: JSONReport(self)) + "\n"
    }
}

/// The form of the JSON report; docs/schema-analysis-report.schema.json describes it.
private struct JSONReport: Encodable {
    /// The schema as a whole.
    struct SchemaSummary: Encodable {
        let Description: String
        let DbName: String
        let SchemaNames: [String]
        let DbVersion: String
        let Notes: [String]
        let DatabaseObjects: [DatabaseObject]
        let counts: [String: Int]
    }

    /// The objects of one kind.
    struct DatabaseObject: Encodable {
        let ObjectType: String
        let TotalCount: Int
        let InvalidCount: Int
        let ObjectNames: String
        let Details: String
    }

    /// One finding.
    struct Issue: Encodable {
        let IssueType: String
        let ObjectType: String
        let ObjectName: String
        let Reason: String
        let SqlStatement: String
        let FilePath: String
        let Suggestion: String
        let GH: String
        let DocsLink: String
        let MinimumVersionsFixedIn: [String: String]?
        let MinimumVersionsFixedInTP: [String: String]?
        let MinimumVersionsFixedInEA: [String: String]?
        let id: String
        let title: String
        let severity: String
        let impact: String
        let file: String
        let line: Int
        let column: Int
        /// What the operator has decided about it; left out if nothing.
        let decision: Decision?
    }

    /// A decision of the operator about findings.
    struct Decision: Encodable {
        let rule: String
        let object: String?
        let kind: String
        let reason: String
        let by: String
        let at: Double

        init(_ decision: SchemaDecision) {
            rule = decision.finding.rule
            object = decision.finding.object
            kind = decision.kind.rawValue
            reason = decision.reason
            by = decision.by
            at = decision.at
        }
    }

    let VoyagerVersion: String
    let TargetDBVersion: String
    let Summary: SchemaSummary
    let Issues: [Issue]
    let targetProduct: String
    let at: Double
    let decisionsWithoutFinding: [Decision]

    init(_ report: SchemaReport) {
        let analysis = report.analysis
        VoyagerVersion = report.heading.program
        TargetDBVersion = analysis.target.version
        targetProduct = analysis.target.product
        at = report.heading.at
        let counts = SchemaIssue.Severity.allCases.map { severity in
            (severity.rawValue, analysis.findings.count { $0.issue.severity == severity })
        }
        Summary = SchemaSummary(
            Description: report.summary, DbName: report.heading.database, SchemaNames: analysis.schemas,
            DbVersion: report.heading.databaseVersion, Notes: report.notes,
            DatabaseObjects: analysis.objects.map { objects in
                DatabaseObject(
                    ObjectType: objects.type, TotalCount: objects.names.count,
                    InvalidCount: objects.withFindings, ObjectNames: objects.names.joined(separator: ", "),
                    Details: "")
            }, counts: Dictionary(uniqueKeysWithValues: counts))
        Issues = analysis.findings.map { finding in
            Issue(
                IssueType: finding.category.rawValue, ObjectType: finding.issue.objectType,
                ObjectName: finding.issue.object, Reason: finding.issue.reason, SqlStatement: finding.sql,
                FilePath: report.path(of: finding), Suggestion: finding.issue.suggestion,
                GH: finding.links.issue, DocsLink: finding.links.page,
                MinimumVersionsFixedIn: Self.releases(finding.fixed.general),
                MinimumVersionsFixedInTP: Self.releases(finding.fixed.preview),
                MinimumVersionsFixedInEA: Self.releases(finding.fixed.early), id: finding.issue.rule,
                title: finding.title, severity: finding.issue.severity.rawValue,
                impact: finding.impact.word, file: finding.issue.file, line: finding.issue.line,
                column: finding.issue.column,
                decision: analysis.decision(about: finding).map(Decision.init))
        }
        decisionsWithoutFinding = analysis.decisionsWithoutFinding.map(Decision.init)
    }

    private static func releases(_ list: [String]) -> [String: String]? {
        list.isEmpty ? nil : FixedReleases.bySeries(list)
    }
}
