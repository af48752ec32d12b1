import ArgumentParser
import Engine
import PostgresPorts

/// `import data to target`, short `import data`: imports the snapshot and then every change into the target.
struct ImportDataToTarget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Import the snapshot and then the changes into the target.")

    /// Rows in yb-voyager's largest batch for YugabyteDB.
    static let batchSizeMax = 20000

    @OptionGroup var global: GlobalFlags
    @OptionGroup var target: TargetFlags
    @OptionGroup var lists: TableListFlags
    @Option(help: "Remove what was imported before and import again, until the snapshot is complete.")
    var startClean = ValuedBoolean.no
    @Option(help: "Empty also tables that others have filled, with --start-clean true.") var truncateTables =
        ValuedBoolean
        .no
    @Option(help: "How many chunks of tables are copied at once.") var parallelJobs: Int?
    @Option(help: "transactional or parallel; parallel applies changes in --parallel-jobs channels.")
    var applyMode: ApplyModeName?
    @Option(help: .hidden) var batchSize: Int?
    @Option(help: .hidden) var adaptiveParallelism: AdaptiveParallelism?
    @Option(help: .hidden) var adaptiveParallelismMax: Int?
    @Option(help: .hidden) var onPrimaryKeyConflict: PrimaryKeyConflict?
    @Option(help: .hidden) var errorPolicySnapshot: SnapshotErrorPolicy?
    @Option(help: .hidden) var enableUpsert: ValuedBoolean?
    @Option(help: "Check versions and rights first.") var runGuardrailsChecks = ValuedBoolean.yes
    @Option(help: "Do not print the table of metrics.") var disablePb = ValuedBoolean.no
    @OptionGroup var errorPolicy: ErrorPolicyFlags
    @OptionGroup var retries: RetryFlags
    @OptionGroup var channelKeys: ChannelKeyFlags
    @OptionGroup var metrics: MetricsFlags
    @OptionGroup var foreign: ImportDataForeignFlags

    mutating func validate() throws {
        try lists.refuseAll(in: .importDataToTarget)
        try checkJobs(parallelJobs)
        try checkChannels(applyMode, parallelJobs)
        if truncateTables.isTrue, !startClean.isTrue {
            throw ValidationError("--truncate-tables true needs --start-clean true")
        }
        if let batchSize, !(1...Self.batchSizeMax).contains(batchSize) {
            throw ValidationError(
                "--batch-size \(batchSize) is out of bounds; give 1 to \(Self.batchSizeMax) rows")
        }
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global, secrets: [target.targetDbPassword])
        start.notice(try target.schemaNotice(schemas: try start.migration.databases().schemas))
        let tuning = try TuningVariables()
        let endpoint = try metrics.serve(start.migration)
        if startClean.isTrue {
            if let refusal = try start.migration.refusalOfCleanImport() { throw VerbFailure(refusal) }
            let question =
                truncateTables.isTrue
                ? "All rows of the migrated tables of \(target.form.place) will be deleted, also those that "
                    + "others have written. Continue"
                : "The \(try start.migration.importedRows()) rows imported into \(target.form.place) will be "
                    + "deleted. Continue"
            guard try StopRequests.whileAsking({ try Prompt.confirm(question, yes: global.yes) }) else {
                throw VerbFailure("nothing was done")
            }
        }
        let access = try target.form.targetAccess(passwordFlag: target.targetDbPassword)
        try await start.migration.checkIdentity(.target, access, patiently: { Terminal.errors.line($0) })
        try start.keepTarget(target.form)
        try errorPolicy.apply(to: start)
        try start.choose(applyMode, channels: parallelJobs)
        try channelKeys.apply(to: start)
        var options = RunOptions(
            target: access, checks: runGuardrailsChecks.isTrue,
            startClean: startClean.isTrue)
        options.copyJobs = parallelJobs
        options.truncatesTables = truncateTables.isTrue
        options.applyAttemptsMax = retries.attemptsMax
        tuning.apply(to: &options)
        try await start.run(
            .importDataToTarget, options: options, showsTables: !disablePb.isTrue, metrics: endpoint)
    }
}
