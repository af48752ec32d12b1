import ArgumentParser
import Engine
import PostgresPorts

/// `export data from target`: capture during the fall-back. The cutover starts it; this verb starts it again
/// after it was stopped.
struct ExportDataFromTarget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Stream the target's changes, after the cutover to it.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var lists: TableListFlags
    @Option(parsing: .unconditional, help: "The target's password; better given in TARGET_DB_PASSWORD.")
    var targetDbPassword: String?
    @Option(help: "TLS to the target, if it differs from the import's.") var targetSslMode: SSLMode?
    @Option(help: "The file of root certificates, if it differs.") var targetSslRootCert: String?
    @Option(help: "Do not print the table of metrics.") var disablePb = ValuedBoolean.no
    @OptionGroup var disk: DiskLimitFlags
    @OptionGroup var metrics: MetricsFlags
    @OptionGroup var foreign: ExportDataFromTargetForeignFlags

    mutating func validate() throws {
        try lists.refuseAll(in: .exportDataFromTarget)
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global, secrets: [targetDbPassword])
        let tuning = try TuningVariables()
        let endpoint = try metrics.serve(start.migration)
        try disk.apply(to: start)
        var form = try start.migration.databases().target
        if let targetSslMode { form.sslMode = targetSslMode.rawValue }
        if let targetSslRootCert { form.sslRootCert = targetSslRootCert }
        var options = RunOptions(target: try form.targetAccess(passwordFlag: targetDbPassword))
        tuning.apply(to: &options)
        try await start.run(
            .exportDataFromTarget, options: options, showsTables: !disablePb.isTrue, metrics: endpoint)
    }
}

/// `import data to source`: apply during the fall-back. The cutover also starts it.
struct ImportDataToSource: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Apply the target's changes to the source, after the cutover to the target.")

    @OptionGroup var global: GlobalFlags
    @OptionGroup var lists: TableListFlags
    @Option(parsing: .unconditional, help: "The source's password; better given in SOURCE_DB_PASSWORD.")
    var sourceDbPassword: String?
    @Option(help: "How many channels apply changes, with --apply-mode parallel.") var parallelJobs: Int?
    @Option(help: "transactional or parallel.") var applyMode: ApplyModeName?
    @Option(help: "Do not print the table of metrics.") var disablePb = ValuedBoolean.no
    @OptionGroup var errorPolicy: ErrorPolicyFlags
    @OptionGroup var retries: RetryFlags
    @OptionGroup var channelKeys: ChannelKeyFlags
    @OptionGroup var metrics: MetricsFlags
    @OptionGroup var foreign: ImportDataToSourceForeignFlags

    mutating func validate() throws {
        try lists.refuseAll(in: .importDataToSource)
        try checkJobs(parallelJobs)
        try checkChannels(applyMode, parallelJobs)
    }

    func run() async throws {
        let start = try VerbStart(.existing, flags: global, secrets: [sourceDbPassword])
        let tuning = try TuningVariables()
        let endpoint = try metrics.serve(start.migration)
        try errorPolicy.apply(to: start)
        try start.choose(applyMode, channels: parallelJobs)
        let form = try start.migration.databases().source
        try channelKeys.apply(to: start)
        var options = RunOptions(
            source: try form.sourceAccess(passwordFlag: sourceDbPassword), jobs: parallelJobs ?? 4)
        options.applyAttemptsMax = retries.attemptsMax
        tuning.apply(to: &options)
        try await start.run(
            .importDataToSource, options: options, showsTables: !disablePb.isTrue, metrics: endpoint)
    }
}
