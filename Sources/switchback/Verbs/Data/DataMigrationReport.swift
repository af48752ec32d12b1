import ArgumentParser
import Engine
import Foundation

/// `get data-migration-report`: reports rows and changes of each table on both databases.
struct DataMigrationReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data-migration-report", abstract: "Report the rows and changes of each table.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table, or json (reports/data-migration-report.json).") var outputFormat = TableFormat
        .table
    @Option(help: .hidden) var includeDetailedIterationsStats = ValuedBoolean.no
    // The counts are in the export directory, so no password is needed.
    @Option(parsing: .unconditional, help: .hidden) var sourceDbPassword: String?
    @Option(parsing: .unconditional, help: .hidden) var targetDbPassword: String?
    @Option(parsing: .unconditional, help: .hidden) var sourceReplicaDbPassword: String?

    func run() async throws {
        let start = try VerbStart(
            .existing, flags: global, isQuiet: true,
            secrets: [sourceDbPassword, targetDbPassword, sourceReplicaDbPassword])
        let status = try start.migration.status()
        switch status.phase {
        case .prepare, .schema:
            throw VerbFailure("there is nothing to report: the export of data has not started")
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended: break
        }
        let report = MigrationReport(status, notCarried: try start.migration.notCarried())
        switch outputFormat {
        case .table:
            let title = "generating data migration report for migration UUID: \(status.migrationUUID)"
            Terminal.output.line(Terminal.output.coloured(title, .yellow))
            for line in report.lines() { Terminal.output.line(line) }
        case .json:
            let path = start.exportDirectory + "/reports/data-migration-report.json"
            let notCarriedPath = start.exportDirectory + "/" + NotCarriedReport.file
            do {
                try FileManager.default.createDirectory(
                    atPath: start.exportDirectory + "/reports", withIntermediateDirectories: true)
                try (try report.json() + "\n").write(toFile: path, atomically: true, encoding: .utf8)
                try NotCarriedReport.write(report.notCarried, exportDirectory: start.exportDirectory)
                try report.waivers.write(exportDirectory: start.exportDirectory)
            } catch {
                throw VerbFailure("cannot write \(path): \(error.localizedDescription)")
            }
            Terminal.output.line("Data migration report is written to \(path)")
            Terminal.output.line("What is not carried is written to \(notCarriedPath)")
            guard !report.waivers.entries.isEmpty else { return }
            Terminal.output.line(
                "The gates that were waived are written to \(start.exportDirectory)/\(WaiverReport.file)")
        }
    }
}
