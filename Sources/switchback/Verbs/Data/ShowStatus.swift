import ArgumentParser
import Engine

/// `status`: whether the migration runs, for scripts: in words or as JSON, and by its exit code.
struct ShowStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Show whether the migration runs; exit code 0 where it does, 1 where an error stopped it, 4 where no process runs."
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
