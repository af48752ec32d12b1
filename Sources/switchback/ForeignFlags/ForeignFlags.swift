/// The rules of the flags that yb-voyager has and no part of Switchback reads, by verb.
enum ForeignFlags {
    static func rules(of verb: Verb) -> [String: ForeignRule] {
        let own: [String: ForeignRule] =
            switch verb {
            case .exportSchema: exportSchema
            case .importSchema: importSchema
            case .finalizeSchema: ["run-guardrails-checks": schemaChecks]
            case .exportDataFromSource: exportData
            case .importDataToTarget: importData.merging(importDataToTarget) { $1 }
            case .exportDataFromTarget: exportDataFromTarget
            case .importDataToSource: importData.merging(importDataToSource) { $1 }
            case .initiateCutoverToTarget: cutoverToTarget
            case .dataMigrationReport: report
            case .initiateCutoverToSource, .cutoverRehearsal, .verify, .analyzeSchema, .archiveChanges,
                .cutoverStatus, .cutoverGates, .acceptDifference,
                .abortCutover, .approveCutover, .pause, .resume,
                .setApplyMode, .setDiskLimits, .retryTable, .excludeTable, .acknowledgeAlert, .status, .check,
                .grantScript,
                .exportDataStatus, .importDataStatus, .configTemplate, .showKeys, .endSession, .endMigration,
                .version,
                .console,
                .demo:
                [:]
            case .worker:
                [
                    "run-guardrails-checks": .only(
                        false,
                        "the checks are a request of the console; the verbs make them before they start")
                ]
            }
        return own.merging(everyVerb) { own, _ in own }
    }

    private static let everyVerb: [String: ForeignRule] = [
        "send-diagnostics": .note("Switchback sends nothing to anybody"),
        "profile": .note("it is for yb-voyager's own profiler"),
    ]

    // MARK: The schema

    private static let assessment = ForeignRule.note("Switchback does not assess a migration")
    private static let orafce = ForeignRule.note("Orafce is for Oracle sources")
    private static let schemaChecks = ForeignRule.only(
        true, "the checks are part of the work of this verb and cannot be left out; leave the flag out")

    private static let exportSchema: [String: ForeignRule] = [
        "use-orafce": orafce,
        "comments-on-objects": .only(
            true, "comments are always exported; remove them from the files below schema/"),
        "skip-colocation-recommendations": assessment, "skip-performance-recommendations": assessment,
        "assess-schema-before-export": assessment, "assessment-report-path": assessment,
        "disable-schema-snapshot-capture": assessment,
        "object-type-list": exportOfTypes, "exclude-object-type-list": exportOfTypes,
        "run-guardrails-checks": schemaChecks,
    ]
    private static let exportOfTypes = ForeignRule.refused(
        "all kinds of objects are exported, each into files of its own; remove the files below schema/ that "
            + "you do not want, before the import")

    private static let importSchema: [String: ForeignRule] = [
        "enable-orafce": orafce,
        "run-guardrails-checks": schemaChecks,
    ]

    // MARK: The export of data

    private static let oracle = ForeignRule.note("it is for Oracle sources")
    private static let exportData: [String: ForeignRule] = [
        "allow-oracle-clob-data-export": oracle, "disable-schema-snapshot-capture": assessment,
    ]

    private static let exportDataFromTarget: [String: ForeignRule] = [
        "allow-oracle-clob-data-export": oracle,
        "transaction-ordering": .only(
            true, "changes are always exported in the order of their transactions; leave the flag out"),
        "start-clean": .only(
            false,
            "the changes of the target are streamed once, from the cutover on, and cannot be exported anew"),
        "export-type": .onlyWord(
            "changes-only", "both databases have the same rows at the cutover, so only changes are exported"),
        "parallel-jobs": .note("one stream reads the changes, and no rows are copied"),
    ]

    // MARK: The import of data

    private static let splits = ForeignRule.note("Switchback makes no batch files of that kind")
    private static let tablets = ForeignRule.note("Switchback does not look at the nodes of a cluster")

    /// The flags of both imports.
    private static let importData: [String: ForeignRule] = [
        "target-endpoints": .refused(
            "all connections go to the host of the database's own flags; name a load balancer there"),
        "use-public-ip": .only(
            false, "Switchback asks no server for other addresses; give the public one as the host"),
        "use-partition-root": .only(
            true, "rows and changes go through the root of a partitioned table; leave the flag out"),
        "continue-on-error": .only(
            false, "for changes that cannot be applied there is --error-policy-streaming stash-and-continue"),
        "disable-transactional-writes": .only(
            false,
            "each change is applied exactly once because it is in one transaction with its position"),
        "enable-upsert": .only(
            false,
            "rows are copied into empty tables, where nothing could be replaced; for tables that are not "
                + "empty there is --start-clean true --truncate-tables true"),
        "truncate-splits": splits,
        "batch-size": .note("rows are copied in chunks of pages, of about 32 MiB each"),
    ]

    private static let importDataToSource: [String: ForeignRule] = [
        "run-guardrails-checks": .note("the gates of the cutover have checked the source"),
        "enable-upsert": .only(
            false, "the rows of the source are there already, and only changes are applied"),
        "batch-size": .note("only changes are applied to the source, and no rows are copied"),
    ]

    private static let importDataToTarget: [String: ForeignRule] = [
        "skip-replication-checks": .note("the import does not look at the slots of the target"),
        "skip-node-health-checks": tablets, "skip-disk-usage-health-checks": tablets,
        "enable-random-batch-production": splits, "max-concurrent-batch-productions": splits,
        "disable-sequential-scan-on-update-deletes": .note(
            "Switchback plans its updates and deletes by itself"),
        "adaptive-parallelism": .onlyWord(
            "disabled",
            "Switchback does not measure the load of the target's nodes; give the number of jobs as "
                + "--parallel-jobs"),
        "adaptive-parallelism-max": .refused(
            "the number of jobs does not adapt; give it as --parallel-jobs"),
        "on-primary-key-conflict": .onlyWord(
            "error-policy",
            "a row that the target has under the same key could differ from the source's, and every later "
                + "change of it would be applied to the wrong row; empty the tables: --start-clean true "
                + "--truncate-tables true"),
        "error-policy-snapshot": .onlyWord(
            "abort",
            "a row that is left out of the snapshot would be missing for each later change of it; mend the "
                + "target, and the import continues where it stopped"),
    ]

    // MARK: The cutover and the report

    private static let cutoverToTarget: [String: ForeignRule] = [
        "use-yb-grpc-connector": .note("the target's changes are read through its logical replication"),
        "skip-pre-checks": .refused("the checks before the fence are not left out by this flag"),
        "source-db-password": .note("the processes that run have their passwords"),
    ]

    private static let counts = ForeignRule.note("the counts are in the export directory")
    private static let report: [String: ForeignRule] = [
        "source-db-password": counts, "target-db-password": counts, "source-replica-db-password": counts,
        "include-detailed-iterations-stats": .only(false, "it needs more than one round; there is one"),
    ]
}
