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
            + "--once it verifies again and again until it is stopped.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "Tables to verify, separated by commas; * matches any text, ? any character.")
    var tables: String?
    @Flag(help: "End after one pass over the tables.") var once = false
    @Option(help: "Write the SQL that mends the target, or the side that is written to, into a new file.")
    var repairSql: String?
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
    }

    func run() async throws {
        do { try await verify() } catch let code as ExitCode { throw code } catch {
            let words = isStop(error) ? "stopped; nothing more is proved" : "\(error)"
            throw VerbFailure(words, exitCode: VerifyTable.exitCode(.unproved))
        }
    }

    private func verify() async throws {
        let start = try VerbStart(
            .existing, flags: global, isQuiet: outputFormat == .json,
            secrets: [sourceDbPassword, targetDbPassword])
        if let repairSql, FileManager.default.fileExists(atPath: repairSql) {
            throw VerbFailure("--repair-sql \(repairSql): the file exists; name a new one")
        }
        let forms = try start.migration.databases()
        guard let source = try forms.source.sourceAccess(passwordFlag: sourceDbPassword),
            let target = try forms.target.targetAccess(passwordFlag: targetDbPassword)
        else { throw VerbFailure("the migration does not know both connections yet") }
        StopRequests.endInGoodOrder()
        let output = output(start)
        let (repairSql, repairs) = (repairSql, RepairFailure())
        let report = try await runVerification(
            migration: start.migration, options: RunOptions(source: source, target: target),
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

/// The file of the statements that mend the destination. It has values of rows, so only its owner may read
/// it.
struct RepairFile {
    let report: VerifyReport

    init(_ report: VerifyReport) { self.report = report }

    var text: String {
        let side = report.direction.destination.rawValue
        let head = """
            -- Mends the \(side). Read each statement first: the \(report.direction.origin.rawValue) counts as right.
            -- Triggers fire as for an application, unless the role may set session_replication_role.
            begin;

            """
        return head + report.repairs.map { $0 + ";\n" }.joined() + "commit;\n"
    }

    /// Writes the file in one step: a reader sees all of it, or the one of the pass before.
    func write(to path: String) throws {
        let failure = VerbFailure("cannot write \(path); see that its directory exists and may be written")
        let part = path + ".part"
        guard
            FileManager.default.createFile(
                atPath: part, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw failure }
        guard unsafe rename(part, path) == 0 else {
            _ = unsafe unlink(part)
            throw failure
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
