import ArgumentParser
import Engine
import PostgresPorts

/// `export data from source`, short `export data`: exports the snapshot and then streams every change of the
/// source.
struct ExportDataFromSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Export a snapshot of the source and then stream its changes.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var source: SourceFlags
    @OptionGroup var lists: TableListFlags
    @Option(help: "snapshot-and-changes, the live migration.") var exportType = ExportType.snapshotOnly
    @Option(help: "Delete what was exported before and begin again.") var startClean = ValuedBoolean.no
    @Option(help: "Check versions, settings and rights first.") var runGuardrailsChecks = ValuedBoolean.yes
    @Option(help: "How many tables or chunks of tables are copied at once (4).") var parallelJobs: Int?
    @Option(help: "Do not print the table of metrics.") var disablePb = ValuedBoolean.no
    @OptionGroup var disk: DiskLimitFlags
    @OptionGroup var metrics: MetricsFlags
    @OptionGroup var foreign: ExportDataForeignFlags

    mutating func validate() throws {
        switch exportType {
        case .snapshotAndChanges: break
        case .snapshotOnly:
            throw ValidationError(
                "--export-type snapshot-only (the default) is not supported; Switchback migrates live: pass "
                    + "--export-type snapshot-and-changes")
        case .changesOnly:
            throw ValidationError(
                "--export-type changes-only is not supported; pass --export-type snapshot-and-changes"
            )
        }
        try checkJobs(parallelJobs)
    }

    func run() async throws {
        let tables = try lists.tables()
        let excluded = try lists.excludedTables()
        let tuning = try TuningVariables()
        let start = try VerbStart(.creating, flags: global, secrets: [source.sourceDbPassword])
        let endpoint = try metrics.serve(start.migration)
        if startClean.isTrue, try start.migration.status().capture != nil {
            let question = "The data exported to \(start.exportDirectory)/data will be deleted. Continue"
            guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
                throw VerbFailure("nothing was done")
            }
        }
        let access = try source.form.sourceAccess(passwordFlag: source.sourceDbPassword)
        try await start.migration.checkIdentity(.source, access, patiently: { Terminal.errors.line($0) })
        try start.keepSource(source.form, schemas: source.schemas)
        try disk.apply(to: start)
        var options = RunOptions(
            source: access, jobs: parallelJobs ?? 4,
            tables: tables, excludedTables: excluded, checks: runGuardrailsChecks.isTrue,
            startClean: startClean.isTrue)
        options.copyJobs = parallelJobs
        tuning.apply(to: &options)
        try await start.run(
            .exportDataFromSource, options: options, showsTables: !disablePb.isTrue, metrics: endpoint)
    }
}

/// Refuses a number of jobs below 1.
func checkJobs(_ jobs: Int?) throws {
    guard let jobs, jobs < 1 else { return }
    throw ValidationError("--parallel-jobs \(jobs) is too few; give 1 or more")
}
