import ArgumentParser
import Engine

/// `status`: shows whether the migration runs: in words, as JSON, and by its exit code for scripts.
struct ShowStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Show whether the migration runs. Exit code 0: it runs; 1: an error stopped it; 4: no process "
            + "runs."
    )

    @OptionGroup var global: GlobalFlags
    @Option(help: "table or json.") var outputFormat = TableFormat.table

    func run() async throws {
        VerbLog.keepNone()
        let health = MigrationHealth(try Migration(existing: try global.exportDirectory()).status())
        switch outputFormat {
        case .table: for line in HealthTable.lines(health) { Terminal.output.line(line) }
        case .json: Terminal.output.line(try HealthTable.json(health))
        }
        switch health.word {
        case .running: break
        case .stopped: throw ExitCode(1)
        case .notRunning: throw ExitCode(4)
        }
    }
}
