import ArgumentParser
import Engine
import Foundation
import Records

/// `export data status`: shows what each table has exported, also while changes stream.
struct ExportDataStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the exported rows and changes of each table.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table, or json (also in reports/export-data-status-report.json).")
    var outputFormat = TableFormat.table

    func run() async throws {
        let (status, directory) = try statusOfData(global)
        let report = ExportStatusReport(status)
        try show(
            report.rows, report.lines(), as: outputFormat, in: directory, "export-data-status-report.json",
            WaiverReport(status.cutovers))
    }
}

/// `import data status`: shows what each table has imported, also while changes stream.
struct ImportDataStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the imported rows and changes of each table.")

    @OptionGroup var global: GlobalFlags
    @Option(help: "table, or json (also in reports/import-data-status-report.json).")
    var outputFormat = TableFormat.table

    func run() async throws {
        let (status, directory) = try statusOfData(global)
        let report = ImportStatusReport(status)
        try show(
            report.rows, report.lines(), as: outputFormat, in: directory, "import-data-status-report.json",
            WaiverReport(status.cutovers))
    }
}

/// Returns the status of a migration whose data is being moved, or was, with its export directory.
private func statusOfData(_ flags: GlobalFlags) throws -> (MigrationStatus, directory: String) {
    VerbLog.keepNone()
    let directory = try flags.exportDirectory()
    let status = try Migration(existing: directory).status()
    switch status.phase {
    case .prepare, .schema:
        throw VerbFailure("there is nothing to show: the export of data has not started")
    case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource, .complete, .ended:
        return (status, directory)
    }
}

/// Prints a report. As JSON it is also written to the file where yb-voyager writes it, and beside it the
/// waivers, for which its list of tables has no place.
private func show(
    _ rows: some Encodable, _ lines: [String], as format: TableFormat, in directory: String, _ file: String,
    _ waivers: WaiverReport
) throws {
    switch format {
    case .table: for line in lines { Terminal.output.line(line) }
    case .json:
        let text = try JSONText.text(of: rows)
        Terminal.output.line(text)
        let path = directory + "/reports/" + file
        do {
            try FileManager.default.createDirectory(
                atPath: directory + "/reports", withIntermediateDirectories: true)
            try (text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            try waivers.write(exportDirectory: directory)
        } catch {
            throw VerbFailure("cannot write \(path): \(error.localizedDescription)")
        }
    }
}
