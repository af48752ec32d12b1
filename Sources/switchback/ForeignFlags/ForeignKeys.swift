/// The rules of the config file's keys that stand for environment variables of yb-voyager and that no part of
/// Switchback reads. `TuningVariables` reads the others.
enum ForeignKeys {
    static let rules: [String: ForeignRule] = [
        "control-plane-type": .note("Switchback reports to no control plane"),
        "java-home": debezium, "debezium-dist-dir": debezium,
        "beta-fast-data-export": .note("there is one way to export"),
        "local-call-home-service-host": callHome, "local-call-home-service-port": callHome,
        "tns-admin": .note("it is for Oracle sources"),
        "yb-tserver-port": nodes, "yb-master-port": nodes,
        "ybvoyager-max-colocated-batches-in-progress": nodes,
        "read-replica-endpoints": .note("it is for the assessment, which Switchback does not have"),
        "ybvoyager-skip-merge-constraints-transformation": .note("Switchback changes no exported statement"),
        "report-unsupported-plpgsql-objects": .note("the analysis reports what its rules find, always"),
        "csv-reader-max-buffer-size-bytes": batchFiles, "ybvoyager-use-task-picker-for-import": batchFiles,
        "max-cpu-threshold": adaptive, "adaptive-parallelism-frequency-seconds": adaptive,
        "min-available-memory-threshold": adaptive,
        "num-event-channels": .refused(
            "the number of channels is --parallel-jobs, with --apply-mode parallel"),
        "event-channel-size": .note("changes wait in the log on the disk, and in no queue of that kind"),
    ]

    private static let debezium = ForeignRule.note("Switchback reads the server's stream itself")
    private static let callHome = ForeignRule.note("Switchback sends nothing to anybody")
    private static let nodes = ForeignRule.note("Switchback does not look at the nodes of a cluster")
    private static let batchFiles = ForeignRule.note("Switchback makes no batch files of that kind")
    private static let adaptive = ForeignRule.note("the number of jobs does not adapt")
}
