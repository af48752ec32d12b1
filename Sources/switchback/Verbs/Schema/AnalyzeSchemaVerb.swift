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
        if let targetDbVersion, AnalysisTarget(version: targetDbVersion) == nil {
            throw ValidationError(
                "--target-db-version \(targetDbVersion) is no release of YugabyteDB, such as 2025.2.3.0, and "
                    + "no version of PostgreSQL, such as 15")
        }
        guard let names = fix.flatMap(Self.names) else { return }
        let unknown = SchemaFixes.unknown(names)
        guard unknown.isEmpty, !names.isEmpty else {
            throw ValidationError(
                "--fix takes \"all\" alone, or names of rules as the report has them"
                    + (unknown.isEmpty ? "" : "; there is no rule \(unknown.listed)"))
        }
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
            try sayWhatIsLeft(fix, start, target)
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
        Terminal.output.line(Self.summary(record.issues, target))
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

    /// `rules of PostgreSQL 15: 2 blocking, 0 warning, 1 info`
    static func summary(_ issues: [SchemaIssue], _ target: AnalysisTarget) -> String {
        let counts = SchemaIssue.Severity.allCases.map { severity in
            "\(issues.count { $0.severity == severity }) \(severity.rawValue)"
        }
        let rules = target.version.isEmpty ? target.product : "\(target.product) \(target.version)"
        return "rules of \(rules): \(counts.joined(separator: ", "))"
    }

    /// Returns the target that the operator names: by its version, or by the section `target` of the config
    /// file. Otherwise it is the migration's own, as its server says. If none answers, it is YugabyteDB,
    /// because the rules for YugabyteDB are stricter.
    private func target(_ start: VerbStart) throws -> AnalysisTarget {
        if let named = targetDbVersion.flatMap({ AnalysisTarget(version: $0) }) { return named }
        let section = Invocation.current.targetSection.flatMap(TargetSection.init)
        let form = try section?.form ?? start.migration.databases().target
        let unknown =
            section?.isPostgreSQL == true ? .postgreSQL(major: nil) : AnalysisTarget.latestYugabyteDB
        guard let access = try form.targetAccess(passwordFlag: nil) else { return unknown }
        do {
            return try AnalysisTarget(asking: access)
        } catch {
            Terminal.errors.line(
                "the target does not say what it is (\(error.reason)): the rules are those of "
                    + "\(unknown.product)\(unknown.version.isEmpty ? "" : " " + unknown.version); give "
                    + "--target-db-version")
            return unknown
        }
    }

    /// Shows the changes of the files as a diff, asks, and makes them; false if there is nothing to change.
    private func changeFiles(_ rules: String, _ start: VerbStart, _ target: AnalysisTarget) throws -> Bool {
        let files = SchemaFiles(exportDirectory: start.exportDirectory)
        let fixes = SchemaFixes(try analyzeSchema(files: files, target: target), rules: Self.names(rules))
        guard fixes.count > 0 else {
            Terminal.output.line("no finding of these rules has a mechanical fix")
            return false
        }
        try fixes.check(files)
        for line in fixes.diff { Terminal.errors.line(line) }
        let question = "Change \(fixes.count) statements of the files"
        guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
            throw VerbFailure("nothing was changed")
        }
        try fixes.write(files)
        return true
    }

    /// Says how many statements have more to change, where one finding stood for several places.
    private func sayWhatIsLeft(_ rules: String, _ start: VerbStart, _ target: AnalysisTarget) throws {
        let files = SchemaFiles(exportDirectory: start.exportDirectory)
        let left = SchemaFixes(try analyzeSchema(files: files, target: target), rules: Self.names(rules))
        guard left.count > 0 else { return }
        Terminal.output.line(
            "\(left.count) statements have more to change; give the same command line again for these")
    }

    /// Returns the rules of `--fix`; nil for all.
    private static func names(_ rules: String) -> Set<String>? {
        let names = Set(
            rules.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).uppercased() })
        return names == ["ALL"] ? nil : names
    }
}

/// The section `target` of a config file, as far as it says which database the target is.
private struct TargetSection {
    let form: ConnectionForm
    let isPostgreSQL: Bool

    /// Nil if the section names no user, without which there is no connection.
    init?(_ keys: [String: String]) {
        guard let user = keys["db-user"], !user.isEmpty else { return nil }
        isPostgreSQL = keys["db-type"]?.lowercased() == TargetDatabaseType.postgresql.rawValue
        form = ConnectionForm(
            host: keys["db-host"] ?? "127.0.0.1",
            port: keys["db-port"].flatMap { Int($0) } ?? (isPostgreSQL ? 5432 : 5433),
            database: keys["db-name"] ?? "yugabyte", user: user,
            sslMode: keys["ssl-mode"]?.lowercased() ?? SSLMode.prefer.rawValue,
            sslCert: keys["ssl-cert"] ?? "", sslKey: keys["ssl-key"] ?? "",
            sslRootCert: keys["ssl-root-cert"] ?? "", sslCRL: keys["ssl-crl"] ?? "")
    }
}
