import Foundation
import Mustache
import Records

extension SchemaReport {
    /// The report as a page: the findings of each rule under its title, with their statements.
    func page() throws -> String {
        let text = String(decoding: PackageResources.analysis_report_mustache, as: UTF8.self)
        return try MustacheTemplate(string: text).render(pageValues())
    }

    /// Leaves out what is empty: a section of the template shows whatever is there.
    private static func present(_ values: [String: Any]) -> [String: Any] {
        values.filter { ($0.value as? String) != "" }
    }

    private func pageValues() -> [String: Any] {
        Self.present([
            "program": heading.program, "database": heading.database, "version": heading.databaseVersion,
            "target": "\(analysis.target.product) \(analysis.target.version)", "date": heading.date,
            "summary": summary, "schemas": analysis.schemas.joined(separator: ", "), "notes": notes,
            "unmatched": analysis.decisionsWithoutFinding.map(words),
            "objects": analysis.objects.map { objects in
                [
                    "type": objects.type, "count": "\(objects.names.count)",
                    "found": "\(objects.withFindings)",
                ]
            },
            "groups": groups().map(values),
        ])
    }

    /// The findings of each rule, the rules in the order of their first finding.
    private func groups() -> [[SchemaFinding]] {
        var order: [String] = []
        let byRule = Dictionary(grouping: analysis.findings, by: \.issue.rule)
        for finding in analysis.findings where !order.contains(finding.issue.rule) {
            order.append(finding.issue.rule)
        }
        return order.map { byRule[$0] ?? [] }
    }

    private func values(_ findings: [SchemaFinding]) -> [String: Any] {
        guard let first = findings.first else { return [:] }
        return Self.present([
            "rule": first.issue.rule, "title": first.title, "severity": first.issue.severity.rawValue,
            "impact": first.impact.word, "count": "\(findings.count)", "suggestion": first.issue.suggestion,
            "issue": first.links.issue, "page": first.links.page, "releases": releases(first),
            "findings": findings.map { finding in
                Self.present([
                    "object": finding.issue.object, "type": finding.issue.objectType,
                    "reason": finding.issue.reason, "place": finding.issue.place,
                    "before": finding.marked.before,
                    "mark": finding.marked.mark, "after": finding.marked.after,
                    "fix": finding.fix?.diff.joined(separator: "\n") ?? "",
                    "decision": decisionWords(finding),
                ])
            },
        ])
    }
}
