import ArgumentParser
import Engine
import Foundation
import Postgres
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
    @Option(help: "Change the files so that these rules, separated by commas, or \"all\", find less.")
    var fix: String?

    @Option(help: "RULE or RULE:OBJECT: these findings stop nothing; needs --reason. May be repeated.")
    var waive: [String] = []
    @Option(help: "RULE or RULE:OBJECT: these warnings and notes are read and set aside. May be repeated.")
    var accept: [String] = []
    @Option(help: "RULE or RULE:OBJECT as it was waived or accepted: take that back. May be repeated.")
    var takeBack: [String] = []
    @Option(help: "Why findings are waived or accepted.") var reason: String?

    func validate() throws {
        try validateDecisions()
        guard let targetDbVersion, AnalysisTarget(version: targetDbVersion) == nil else { return }
        throw ValidationError(
            "--target-db-version \(targetDbVersion) is no release of YugabyteDB, such as 2025.2.3.0, and no "
                + "version of PostgreSQL, such as 15")
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global)
        var options = RunOptions()
        let formats = outputFormat.map { [$0.report] } ?? SchemaReportFormat.allCases
        let target = try target(start)
        options.analysis = AnalysisOptions(
            target: target, formats: formats, program: "switchback \(BuildVersion.version)")
        try decide(start, target)
        var record = try await start.perform(.analyzeSchema, options: options)
        if let fix, try changeFiles(fix, start, target) {
            record = try await start.perform(.analyzeSchema, options: options)
        }
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
        let decisions = try SchemaFiles(exportDirectory: start.exportDirectory).readDecisions()
        let severe = record.issues.count {
            $0.severity <= failOn.severity && decisions.decision(about: $0) == nil
        }
        if severe > 0 {
            throw VerbFailure(
                "the analysis has \(severe) open findings of severity \(failOn.rawValue) or worse; see the "
                    + "report",
                exitCode: Self.findingsCode)
        }
    }

    /// Returns the target that the operator names, or else the migration's own as its server says. If none
    /// answers, it is YugabyteDB, because the rules for YugabyteDB are stricter.
    private func target(_ start: VerbStart) throws -> AnalysisTarget {
        if let named = targetDbVersion.flatMap({ AnalysisTarget(version: $0) }) { return named }
        guard let access = try start.migration.databases().target.targetAccess(passwordFlag: nil) else {
            return .latestYugabyteDB
        }
        do {
            return try AnalysisTarget(asking: access)
        } catch {
            Terminal.errors.line(
                "the target does not say what it is (\(error.reason)): the rules are those of "
                    + "YugabyteDB \(AnalysisTarget.latestYugabyteDB.version); give --target-db-version")
            return .latestYugabyteDB
        }
    }

    /// Shows the changes of the files as a diff, asks, and makes them; false if there is nothing to change.
    private func changeFiles(_ rules: String, _ start: VerbStart, _ target: AnalysisTarget) throws -> Bool {
        let files = SchemaFiles(exportDirectory: start.exportDirectory)
        let analysis = try analyzeSchema(files: files, target: target)
        let names = Set(
            rules.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).uppercased() })
        let fixes = SchemaFixes(analysis, rules: names == ["ALL"] ? nil : names)
        guard fixes.count > 0 else {
            Terminal.output.line("no finding of these rules has a mechanical fix")
            return false
        }
        for line in fixes.diff { Terminal.errors.line(line) }
        let question = "Change \(fixes.count) statements of the files"
        guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
            throw VerbFailure("nothing was changed")
        }
        try fixes.write(files)
        return true
    }
}
