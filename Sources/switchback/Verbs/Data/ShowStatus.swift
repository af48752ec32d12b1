import ArgumentParser
import Engine

/// `status`: shows whether the migration runs, and its alerts: in words, as JSON,
/// and by its exit code for scripts.
struct ShowStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Show whether the migration runs, and its alerts. Exit code 0: it runs; 1: an error stopped it; "
            + "4: no process runs; 5: it runs, and an error that nobody has acknowledged needs you."
    )

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json.") var outputFormat = TableFormat.table

    func run() async throws {
        VerbLog.keepNone()
        let status = try Migration(existing: try global.exportDirectory()).status()
        let health = MigrationHealth(status)
        switch outputFormat {
        case .table:
            for line in HealthTable.lines(health, status) { Terminal.output.line(line) }
            for line in AlertTable.lines(status, colour: Terminal.output.coloured) {
                Terminal.output.line(line)
            }
        case .json: Terminal.output.line(try HealthTable.json(health, status))
        }
        switch health.word {
        case .running: if status.needsOperator { throw ExitCode(5) }
        case .stopped: throw ExitCode(1)
        case .notRunning: throw ExitCode(4)
        }
    }
}
