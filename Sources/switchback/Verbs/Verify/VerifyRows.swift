import ArgumentParser
import Engine
import Foundation
import PostgresPorts
import Records
import Synchronization

/// `verify`: compares the rows of both databases while changes stream, and names those that differ.
struct VerifyRows: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the rows of both databases while changes stream.",
        discussion:
            "Exit code 0: every row is equal. 1: rows differ. 2: something could not be verified. Without "
            + "--once it verifies again and again until it is stopped. --start has the worker do so beside "
            + "the export and the import, and --show shows what it proved.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "Tables to verify, separated by commas; * matches any text, ? any character.")
    var tables: String?
    @Flag(help: "End after one pass over the tables.") var once = false
    @Option(help: "Write the SQL that mends the target, or the side that is written to, into a new file.")
    var repairSql: String?
    @Flag(help: "Have the worker verify while changes stream, and end.") var start = false
    @Flag(help: "Have the worker verify no longer, and end.") var stop = false
    @Flag(help: "Show what the worker has proved, and end.") var show = false
    @Flag(help: "Show the values of the rows that differ.") var showValues = false
    @Option(help: "The greatest number of rows to read in a second on each side.")
    var rowsPerSecond: Int?
    @Option(help: "table or json.") var outputFormat = TableFormat.table
    @Option(parsing: .unconditional, help: "The source's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?
    @Option(parsing: .unconditional, help: "The target's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?

    mutating func validate() throws {
        if let rowsPerSecond, rowsPerSecond < 1 {
            throw ValidationError("--rows-per-second \(rowsPerSecond) is no number of rows; give 1 or more")
        }
        guard [start, stop, show].count(where: \.self) <= 1 else {
            throw ValidationError("give one of --start, --stop and --show")
        }
        let asksWorker = start || stop
        if asksWorker, tables != nil || once {
            throw ValidationError(
                "the worker verifies all tables, again and again; leave out --tables and --once")
        }
    }

    func run() async throws {
        do { try await verify() } catch let code as ExitCode { throw code } catch {
            let words = isStop(error) ? "stopped; nothing more is proved" : "\(error)"
            throw VerbFailure(words, exitCode: VerifyTable.exitCode(.unproved))
        }
    }

    private func verify() async throws {
        let begun = try VerbStart(
            .existing, flags: global, isQuiet: outputFormat == .json,
            secrets: [sourceDbPassword, targetDbPassword])
        if start || stop {
            return try WorkerVerification.choose(
                VerificationChoice(isOn: start, rowsPerSecondMax: start ? rowsPerSecond : nil), begun)
        }
        if let repairSql, FileManager.default.fileExists(atPath: repairSql) {
            throw VerbFailure("--repair-sql \(repairSql): the file exists; name a new one")
        }
        if show {
            if let repairSql {
                guard let found = try begun.migration.foundDifferences() else {
                    throw VerbFailure("the worker has verified nothing in this leg")
                }
                try RepairFile(found).write(to: repairSql)
            }
            return try WorkerVerification.show(begun, outputFormat, showsValues: showValues)
        }
        let forms = try begun.migration.databases()
        guard let source = try forms.source.sourceAccess(passwordFlag: sourceDbPassword),
            let target = try forms.target.targetAccess(passwordFlag: targetDbPassword)
        else { throw VerbFailure("the migration does not know both connections yet") }
        StopRequests.endInGoodOrder()
        let output = output(begun)
        let (repairSql, repairs) = (repairSql, RepairFailure())
        let report = try await runVerification(
            migration: begun.migration, options: RunOptions(source: source, target: target),
            VerifyOptions(tables: NameList.patterns(in: tables ?? ""), rowsPerSecondMax: rowsPerSecond),
            once: once, stop: StopRequests.signal,
            ended: { report in
                output(report)
                // A verification without --once ends when it is stopped. The file has the last pass.
                if let repairSql { repairs.note { try RepairFile(report).write(to: repairSql) } }
            })
        try repairs.check()
        let code = VerifyTable.exitCode(report.outcome)
        if code != 0 { throw ExitCode(code) }
    }

    /// Returns the function that prints each report.
    private func output(_ start: VerbStart) -> @Sendable (VerifyReport) -> Void {
        let (format, showValues, log) = (outputFormat, showValues, start.log)
        return { report in
            log.info("\(VerifyTable.summary(report))")
            switch format {
            case .table:
                for line in VerifyTable.lines(report, showsValues: showValues) { Terminal.output.line(line) }
            case .json: Terminal.output.line(VerifyTable.json(report, showsValues: showValues))
            }
        }
    }
}

/// The error of a pass that could not write its repair file. It is told at once, and thrown at the end.
private final class RepairFailure: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    func note(_ write: () throws -> Void) {
        do {
            try write()
            error.withLock { $0 = nil }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            self.error.withLock { $0 = error }
        }
    }

    func check() throws { if let error = error.withLock({ $0 }) { throw error } }
}
