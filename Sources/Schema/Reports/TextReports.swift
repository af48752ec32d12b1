import Records

extension SchemaReport {
    /// The report as plain text, with the sections of yb-voyager's.
    func plainText() -> String {
        var text = """
            Schema analysis report

            Migration Information
              Version:         \(heading.program)
              Database:        \(heading.database)
              Database version: \(heading.databaseVersion)
              Target:          \(analysis.target.product) \(analysis.target.version)
              Date:            \(heading.date)

            Schema Summary
            \(summary)

            """
        for objects in analysis.objects {
            text += "  \(objects.type): \(objects.names.count), \(objects.withFindings) with issues\n"
        }
        text += "\nIssues\n"
        for finding in analysis.findings {
            let issue = finding.issue
            text += """

                \(issue.severity.rawValue): \(issue.objectType) \(issue.object) (\(issue.rule))
                  Issue in Object: \(issue.objectType)
                  Object Name:     \(issue.object)
                  Reason:          \(issue.reason)
                  Suggestion:      \(issue.suggestion)
                  File Path:       \(issue.file), line \(issue.line), column \(issue.column)
                  SQL Statement:   \(finding.sql.replacing("\n", with: "\n                   "))

                """
            for (name, value) in [
                ("Github Issue:    ", finding.links.issue), ("Docs Link:       ", finding.links.page),
                ("Fixed in Versions: ", releases(finding)),
                ("Decision:        ", decisionWords(finding)),
            ] where !value.isEmpty {
                text += "  \(name)\(value)\n"
            }
        }
        let unmatched = analysis.decisionsWithoutFinding
        if !unmatched.isEmpty {
            text += "\nDecisions that match nothing any more\n"
            text += unmatched.map { "  \(words($0))\n" }.joined()
        }
        if !notes.isEmpty { text += "\nNotes\n" + notes.map { "  \($0)\n" }.joined() }
        return text
    }

    /// The report as XML, with yb-voyager's names of elements and ours beside.
    func xml() -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SchemaReport>\n"
        text += element("VoyagerVersion", heading.program, 1)
        text += element("TargetDBVersion", analysis.target.version, 1)
        text += "  <SchemaSummary>\n" + element("Description", summary, 2)
        text += element("DbName", heading.database, 2) + element("DbVersion", heading.databaseVersion, 2)
        text += analysis.schemas.map { element("SchemaNames", $0, 2) }.joined()
        text += notes.map { element("Notes", $0, 2) }.joined()
        for objects in analysis.objects {
            text += "    <DBObjects>\n" + element("ObjectType", objects.type, 3)
            text += element("TotalCount", "\(objects.names.count)", 3)
            text += element("InvalidCount", "\(objects.withFindings)", 3)
            text += element("ObjectNames", objects.names.joined(separator: ", "), 3) + "    </DBObjects>\n"
        }
        text += "  </SchemaSummary>\n"
        for finding in analysis.findings {
            text += "  <Issues>\n"
            for (name, value) in fields(finding) { text += element(name, value, 2) }
            text += "  </Issues>\n"
        }
        for decision in analysis.decisionsWithoutFinding {
            text += element("DecisionWithoutFinding", words(decision), 1)
        }
        return text + "</SchemaReport>\n"
    }

    private func fields(_ finding: SchemaFinding) -> [(name: String, value: String)] {
        let issue = finding.issue
        return [
            ("IssueType", finding.category.rawValue), ("ObjectType", issue.objectType),
            ("ObjectName", issue.object), ("Reason", issue.reason), ("SqlStatement", finding.sql),
            ("FilePath", path(of: finding)), ("Suggestion", issue.suggestion), ("GH", finding.links.issue),
            ("DocsLink", finding.links.page), ("Id", issue.rule), ("Severity", issue.severity.rawValue),
            ("Impact", finding.impact.word), ("File", issue.file), ("Line", String(issue.line)),
            ("Column", String(issue.column)), ("Decision", decisionWords(finding)),
        ]
    }

    private func element(_ name: String, _ value: String, _ depth: Int) -> String {
        String(repeating: "  ", count: depth) + "<\(name)>\(escapedForXML(value))</\(name)>\n"
    }
}

/// Returns the text with the characters that XML reserves as entities, and without those it does not allow.
func escapedForXML(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.filter { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" || $0 == "\r" })
    )
    .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
