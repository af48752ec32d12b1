import ArgumentParser
import Engine
import Foundation
import PostgresPorts
import Records
import Schema

/// `analyze-schema`: reports what in the exported schema the target does not support.
struct AnalyzeSchemaVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze-schema", abstract: "Report what in the exported schema needs a change.")

    /// The exit code if a finding is as severe as `--fail-on` says.
    static let findingsCode: Int32 = 5

    @OptionGroup var global: GlobalFlags
    @Option(help: "html, txt, json or xml; without it, all of them.") var outputFormat: AnalysisFormat?
    @Option(help: "The release of the target: 2025.2.3.0 for YugabyteDB, 15 for PostgreSQL.")
    var targetDbVersion: String?
    @Option(help: "blocking, warning or info: exit with code 5 if there is such a finding or a worse one.")
    var failOn: FindingSeverity?

    func validate() throws {
        guard let targetDbVersion, AnalysisTarget(version: targetDbVersion) == nil else { return }
        throw ValidationError(
            "--target-db-version \(targetDbVersion) is no release of YugabyteDB, such as 2025.2.3.0, and no "
                + "version of PostgreSQL, such as 15")
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        var options = RunOptions()
        let formats = outputFormat.map { [$0.report] } ?? SchemaReportFormat.allCases
        options.analysis = AnalysisOptions(
            target: targetDbVersion.flatMap { AnalysisTarget(version: $0) }, formats: formats,
            program: "switchback \(BuildVersion.version)")
        let record = try await start.perform(.analyzeSchema, options: options)
        for format in formats {
            let path = "\(start.exportDirectory)/reports/schema_analysis_report.\(format.rawValue)"
            guard FileManager.default.fileExists(atPath: path) else {
                throw VerbFailure(
                    "the analysis wrote no report as \(format.rawValue); see \(start.exportDirectory)/reports"
                )
            }
            let sentence = "-- find schema analysis report at: \(path)"
            if !record.lines.contains(sentence) { Terminal.output.line(sentence) }
        }
        guard let failOn else { return }
        let severe = record.issues.count { $0.severity <= failOn.severity }
        if severe > 0 {
            throw VerbFailure(
                "the analysis has \(severe) findings of severity \(failOn.rawValue) or worse; see the report",
                exitCode: Self.findingsCode)
        }
    }
}
