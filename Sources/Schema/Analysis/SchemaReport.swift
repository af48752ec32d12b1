import Foundation
import Records

/// A format of the analysis report; the raw value is the file's extension.
package enum SchemaReportFormat: String, CaseIterable, Sendable {
    case html, txt, json, xml
}

/// Writes the report in each format and returns the files' paths.
@discardableResult
package func writeReport(
    _ issues: [SchemaIssue], formats: [SchemaReportFormat] = [.html, .json], files: SchemaFiles
) throws(SchemaError) -> [String] {
    var paths: [String] = []
    for format in formats {
        let path = files.report(format: format)
        try DurableFile.write(try reportText(issues, format: format, path: path), to: path)
        paths.append(path)
    }
    return paths
}

private func reportText(_ issues: [SchemaIssue], format: SchemaReportFormat, path: String) throws(SchemaError)
    -> String
{
    switch format {
    case .json:
        do {
            return try jsonReport(issues)
        } catch {
            throw .file(path: path, doing: "write", reason: error.localizedDescription)
        }
    case .txt: return textReport(issues)
    case .xml: return xmlReport(issues)
    case .html: return htmlReport(issues)
    }
}

/// Returns the number of issues of each severity, in words.
private func summary(_ issues: [SchemaIssue]) -> String {
    if issues.isEmpty { return "No issues were found." }
    return SchemaIssue.Severity.allCases.map { severity in
        "\(issues.count { $0.severity == severity }) \(severity.rawValue)"
    }.joined(separator: ", ")
}

private func jsonReport(_ issues: [SchemaIssue]) throws -> String {
    /// The form of the JSON report.
    struct Report: Encodable {
        let summary: [String: Int]
        let issues: [SchemaIssue]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let counts = SchemaIssue.Severity.allCases.map { severity in
        (severity.rawValue, issues.count { $0.severity == severity })
    }
    let report = Report(summary: Dictionary(uniqueKeysWithValues: counts), issues: issues)
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
}

private func textReport(_ issues: [SchemaIssue]) -> String {
    var text = "Schema analysis report\n\n\(summary(issues))\n"
    for issue in issues {
        text += """

            \(issue.severity.rawValue): \(issue.objectType) \(issue.object) (\(issue.rule))
              Reason:     \(issue.reason)
              Suggestion: \(issue.suggestion)
              File:       \(issue.file), line \(issue.line)

            """
    }
    return text
}

/// Returns the fields of an issue under their names in the XML and HTML reports.
private func fields(_ issue: SchemaIssue) -> [(name: String, value: String)] {
    [
        ("Severity", issue.severity.rawValue), ("Rule", issue.rule), ("ObjectType", issue.objectType),
        ("ObjectName", issue.object), ("Reason", issue.reason), ("Suggestion", issue.suggestion),
        ("FilePath", issue.file), ("Line", String(issue.line)),
    ]
}

private func xmlReport(_ issues: [SchemaIssue]) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SchemaReport>\n"
    text += "  <Summary>\(escaped(summary(issues)))</Summary>\n  <Issues>\n"
    for issue in issues {
        text += "    <Issue>\n"
        text += fields(issue).map { "      <\($0.name)>\(escaped($0.value))</\($0.name)>\n" }.joined()
        text += "    </Issue>\n"
    }
    return text + "  </Issues>\n</SchemaReport>\n"
}

private func htmlReport(_ issues: [SchemaIssue]) -> String {
    let heads = ["Severity", "Rule", "Type", "Object", "Reason", "Suggestion", "File", "Line"]
    var text = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Schema analysis report</title>
        <style>
        body { font-family: sans-serif; margin: 2em; }
        table { border-collapse: collapse; }
        th, td { border: 1px solid #bbb; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }
        .blocking { background: #fdd; }
        .warning { background: #ffd; }
        </style>
        </head>
        <body>
        <h1>Schema analysis report</h1>
        <p>\(escaped(summary(issues)))</p>

        """
    if !issues.isEmpty {
        text += "<table>\n<tr>" + heads.map { "<th>\($0)</th>" }.joined() + "</tr>\n"
        for issue in issues {
            text += "<tr class=\"\(issue.severity.rawValue)\">"
            text += fields(issue).map { "<td>\(escaped($0.value))</td>" }.joined() + "</tr>\n"
        }
        text += "</table>\n"
    }
    return text + "</body>\n</html>\n"
}

private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
}
