import ArgumentParser
import Engine
import Foundation
import Postgres
import PostgresPorts

/// `worker`: runs export and import in one process, started by the console or by the operator. Passwords come
/// from the environment or from the config file.
struct RunWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Run export and import in one process, without a terminal.")

    @OptionGroup var global: GlobalFlags
    @Option(
        help: "How many tables or chunks of tables are copied at once; else as many as the start asked for.")
    var parallelJobs: Int?
    @OptionGroup var lists: TableListFlags
    // A worker takes the request that starts the migration; the checks are a request of their own.
    @Option(help: .hidden) var runGuardrailsChecks = ValuedBoolean.no

    @OptionGroup var metrics: MetricsFlags

    mutating func validate() throws { try checkJobs(parallelJobs) }

    func run() async throws {
        let start = try VerbStart(.creating, flags: global, isQuiet: true)
        StopRequests.endInGoodOrder()
        let forms = try start.migration.databases()
        let environment = ProcessInfo.processInfo.environment
        // The forms may be filled in later; the engine reads them again and takes only the passwords from
        // here.
        var options = RunOptions(
            source: DatabaseAccess(
                parameters: forms.source.parameters, password: environment["SOURCE_DB_PASSWORD"]),
            target: DatabaseAccess(
                parameters: forms.target.parameters, password: environment["TARGET_DB_PASSWORD"]),
            tables: try lists.tables(), excludedTables: try lists.excludedTables())
        options.copyJobs = parallelJobs
        options.restartCommand = RestartLine(start).forRoles
        try start.migration.keepTableLists(of: options)
        try TuningVariables().apply(to: &options)
        let endpoint = try metrics.serve(start.migration)
        defer { endpoint?.close() }
        start.log.notice("worker \(getpid()) starts")
        do {
            try await runWorker(migration: start.migration, options: options, stop: StopRequests.signal)
        } catch  where isStop(error) {
            throw VerbFailure("stopped by a signal")
        } catch {
            start.log.error("the worker ended: \(error)")
            throw error
        }
        start.log.notice("worker \(getpid()) ends")
    }
}
