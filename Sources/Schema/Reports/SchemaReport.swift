import Foundation
import Records

/// A format of the analysis report; the raw value is the file's extension.
package enum SchemaReportFormat: String, CaseIterable, Sendable {
    case html, txt, json, xml
}

/// What a report says of the schema besides the findings.
package struct ReportHeading: Equatable, Sendable {
    /// The program with its version: `switchback 0.1.0`.
    package var program: String
    /// The name of the source database.
    package var database: String
    /// The version of the source; empty if it is unknown.
    package var databaseVersion: String
    /// The moment of the analysis, in seconds since 1970.
    package var at: Double

    package init(
        program: String = "switchback", database: String = "", databaseVersion: String = "", at: Double = 0
    ) {
        self.program = program
        self.database = database
        self.databaseVersion = databaseVersion
        self.at = at
    }

    /// The moment in UTC, to the minute.
    var date: String {
        Date(timeIntervalSince1970: at).formatted(
            Date.ISO8601FormatStyle(dateSeparator: .dash, dateTimeSeparator: .space).year().month().day()
                .time(includingFractionalSeconds: false)) + " UTC"
    }
}

/// Writes the report in each format and returns the files' paths.
@discardableResult
package func writeReport(
    _ analysis: SchemaAnalysis, heading: ReportHeading, formats: [SchemaReportFormat] = [.html, .json],
    files: SchemaFiles
) throws(SchemaError) -> [String] {
    let report = SchemaReport(analysis: analysis, heading: heading, directory: files.exportDirectory)
    var paths: [String] = []
    for format in formats {
        let path = files.report(format: format)
        let text: String
        do {
            text = try report.text(format)
        } catch {
            throw .file(path: path, doing: "write", reason: error.localizedDescription)
        }
        try DurableFile.write(text, to: path)
        paths.append(path)
    }
    return paths
}

/// The report of an analysis.
struct SchemaReport {
    let analysis: SchemaAnalysis
    let heading: ReportHeading
    /// The export directory, for the paths that yb-voyager writes whole.
    let directory: String

    func text(_ format: SchemaReportFormat) throws -> String {
        switch format {
        case .json: try json()
        case .txt: plainText()
        case .xml: xml()
        case .html: try page()
        }
    }

    /// The number of issues of each severity, in words.
    var summary: String {
        let findings = analysis.findings
        if findings.isEmpty { return "No issues were found." }
        return SchemaIssue.Severity.allCases.map { severity in
            "\(findings.count { $0.issue.severity == severity }) \(severity.rawValue)"
        }.joined(separator: ", ") + decided
    }

    /// The number of issues of each kind of decision, in words.
    private var decided: String {
        let kinds = analysis.findings.compactMap { analysis.decision(about: $0)?.kind }
        let words = [SchemaDecision.Kind.waived, .accepted].compactMap { kind in
            let number = kinds.count { $0 == kind }
            return number == 0 ? nil : "\(number) \(kind.rawValue)"
        }
        return words.isEmpty ? "" : "; of these, \(words.joined(separator: ", "))"
    }

    /// What was decided about a finding, in words; empty if nothing was.
    func decisionWords(_ finding: SchemaFinding) -> String {
        analysis.decision(about: finding).map(words) ?? ""
    }

    /// `RULE:OBJECT waived by ada@host verb on 2026-01-31 10:00 UTC: why`
    func words(_ decision: SchemaDecision) -> String {
        "\(decision.finding) \(decision.kind.rawValue) by \(decision.by) on "
            + ReportHeading(at: decision.at).date
            + (decision.reason.isEmpty ? "" : ": \(decision.reason)")
    }

    var notes: [String] {
        guard analysis.hasUncategorized else { return [] }
        return [
            "schema/uncategorized.sql has objects without a file of their own; the import runs them late."
        ]
    }

    func path(of finding: SchemaFinding) -> String { "\(directory)/\(finding.issue.file)" }

    /// The releases that a finding is fixed in, in words.
    func releases(_ finding: SchemaFinding) -> String {
        finding.fixed.general.isEmpty ? "" : finding.fixed.general.joined(separator: ", ")
    }
}
