import ArgumentParser
import Engine
import PostgresPorts

/// `check`: runs all checks of both databases, at any time, and on request the SQL that mends the findings.
struct CheckDatabases: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check both databases. Exit code 0: nothing is in the way; 1: a check failed.",
        discussion:
            "It checks the databases whose connections the migration knows. Each finding is printed with the "
            + "SQL that mends it and the SQL that takes that back.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json.") var outputFormat = TableFormat.table
    @Option(help: "Run the SQL of these checks, separated by commas, or of all: \"all\".") var fix: String?
    @Option(parsing: .unconditional, help: "The source's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?
    @Option(parsing: .unconditional, help: "The target's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?

    func run() async throws {
        let start = try VerbStart(
            .existing, flags: global, isQuiet: outputFormat == .json,
            secrets: [sourceDbPassword, targetDbPassword])
        let options = try options(start)
        var checks = try await check(start, options)
        if let fix {
            let chosen = try Self.chosen(fix, among: checks)
            let question = "Run the SQL of \(chosen.count) checks"
            for line in CheckTable.statements(chosen) { Terminal.errors.line(line) }
            guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
                throw VerbFailure("nothing was changed")
            }
            let performed = try await start.migration.perform(
                chosen, options: options, by: start.operatorName)
            for line in performed.map(CheckTable.line) { Terminal.errors.line(line) }
            checks = try await check(start, options)
        }
        switch outputFormat {
        case .table: for line in CheckTable.lines(checks) { Terminal.output.line(line) }
        case .json: Terminal.output.line(try CheckTable.json(checks))
        }
        if checks.contains(where: { $0.state == .failure }) { throw ExitCode(1) }
    }

    private func options(_ start: VerbStart) throws -> RunOptions {
        let forms = try start.migration.databases()
        let source = try forms.source.sourceAccess(passwordFlag: sourceDbPassword)
        let target = try forms.target.targetAccess(passwordFlag: targetDbPassword)
        guard source != nil || target != nil else {
            throw VerbFailure(
                "the migration knows no connection yet: give one with `switchback export schema` or "
                    + "`switchback import schema`, or fill in the forms of the console")
        }
        return RunOptions(source: source, target: target)
    }

    private func check(_ start: VerbStart, _ options: RunOptions) async throws -> [CheckResult] {
        try await runRequest(.checkDatabases, migration: start.migration, options: options) { line in
            start.log.info("\(line)")
        }.checks
    }

    /// Returns the checks that found something and have SQL, and that the operator named. Throws if a name is
    /// none of theirs.
    static func chosen(_ names: String, among checks: [CheckResult]) throws -> [CheckResult] {
        let fixable = checks.filter { $0.state != .ok && $0.fix != nil }
        guard names != "all" else { return fixable }
        let wanted = names.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }
        for name in wanted where !fixable.contains(where: { $0.name == name }) {
            throw VerbFailure(
                "--fix \(name): no check of this name has SQL to run now; they are: "
                    + fixable.map(\.name).joined(separator: ", "))
        }
        return fixable.filter { check in wanted.contains { $0 == check.name } }
    }
}
