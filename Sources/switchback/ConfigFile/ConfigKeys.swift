/// The sections and keys of a config file, and the flag or environment variable that each key sets.
enum ConfigKeys {
    /// Keys outside any section. The first four are flags, the others environment variables.
    static let globalFlags = ["export-dir", "log-level", "send-diagnostics", "profile"]
    static let globalVariables = [
        "control-plane-type", "java-home", "local-call-home-service-host", "local-call-home-service-port",
        "yb-tserver-port", "tns-admin",
    ]

    static let source = [
        "name", "db-type", "db-host", "db-port", "db-user", "db-name", "db-password", "db-schema", "ssl-cert",
        "ssl-mode", "ssl-key", "ssl-root-cert", "ssl-crl", "oracle-db-sid", "oracle-home", "oracle-tns-alias",
        "oracle-cdb-name", "oracle-cdb-sid", "oracle-cdb-tns-alias", "read-replica-endpoints",
    ]
    static let target = [
        "name", "db-type", "db-host", "db-port", "db-user", "db-password", "db-name", "db-schema", "ssl-cert",
        "ssl-mode", "ssl-key", "ssl-root-cert", "ssl-crl",
    ]

    /// Sections of yb-voyager's verbs and services that Switchback does not have, so that one file can serve
    /// both.
    static let foreignSections: [String: [String]] = [
        "source-replica": [
            "name", "db-host", "db-port", "db-user", "db-name", "db-password", "db-schema", "ssl-cert",
            "ssl-mode",
            "ssl-key", "ssl-root-cert", "ssl-crl", "db-sid", "oracle-home", "oracle-tns-alias",
        ],
        "yugabyted-control-plane": ["db-conn-string"],
        "ybaeon-control-plane": ["domain", "account-id", "project-id", "cluster-id", "api-key"],
        "assess-migration": [
            "log-level", "run-guardrails-checks", "iops-capture-interval", "target-db-version",
            "assessment-metadata-dir", "invoked-by-export-schema", "report-unsupported-query-constructs",
            "report-unsupported-plpgsql-objects",
        ],
        "schema-detect-drift": [
            "output-format", "table-list", "exclude-table-list", "object-type-list",
            "exclude-object-type-list",
            "log-level",
        ],
    ]

    private static let tableLists = [
        "table-list", "exclude-table-list", "table-list-file-path", "exclude-table-list-file-path",
    ]

    /// Returns the keys of a verb's section that set flags.
    static func flags(of verb: Verb) -> [String] {
        switch verb {
        case .exportSchema:
            [
                "log-level", "run-guardrails-checks", "use-orafce", "comments-on-objects", "object-type-list",
                "exclude-object-type-list", "skip-colocation-recommendations", "assessment-report-path",
                "skip-performance-recommendations", "assess-schema-before-export",
            ]
        case .analyzeSchema: ["log-level", "output-format", "target-db-version", "fail-on"]
        case .importSchema:
            [
                "log-level", "run-guardrails-checks", "continue-on-error", "object-type-list",
                "exclude-object-type-list", "straight-order", "ignore-exist", "enable-orafce",
                "leave-out-refused-attributes",
            ]
        case .finalizeSchema:
            [
                "log-level", "run-guardrails-checks", "continue-on-error", "ignore-exist", "refresh-mviews",
                "leave-out-refused-attributes",
            ]
        case .exportDataFromSource:
            [
                "log-level", "run-guardrails-checks", "disable-pb", "parallel-jobs", "export-type",
                "allow-oracle-clob-data-export", "metrics-port", "metrics-address", "disk-free-min",
                "queue-size-max",
            ] + tableLists
        case .importDataToTarget:
            [
                "log-level", "run-guardrails-checks", "batch-size", "parallel-jobs", "apply-mode",
                "adaptive-parallelism",
                "adaptive-parallelism-max", "skip-replication-checks", "on-primary-key-conflict",
                "error-policy-snapshot", "error-policy-streaming", "max-errors-streaming", "enable-upsert",
                "use-public-ip", "target-endpoints",
                "truncate-tables",
                "disable-pb", "max-retries-streaming", "use-partition-root", "cdc-partition-key",
                "cdc-partition-key-overrides", "metrics-port", "metrics-address", "continue-on-error",
                "skip-node-health-checks",
                "skip-disk-usage-health-checks", "disable-transactional-writes", "truncate-splits",
                "max-concurrent-batch-productions", "enable-random-batch-production",
                "disable-sequential-scan-on-update-deletes", "prometheus-metrics-port",
            ] + tableLists
        case .exportDataFromTarget:
            [
                "log-level", "disable-pb", "transaction-ordering", "metrics-port", "metrics-address",
                "disk-free-min",
                "queue-size-max",
            ]
                + tableLists
        case .importDataToSource:
            [
                "log-level", "run-guardrails-checks", "parallel-jobs", "apply-mode", "disable-pb",
                "prometheus-metrics-port",
                "metrics-port", "metrics-address", "use-partition-root", "max-retries-streaming",
                "error-policy-streaming",
                "max-errors-streaming",
            ]
        case .archiveChanges: ["log-level", "policy", "archive-dir", "fs-utilization-threshold"]
        case .initiateCutoverToTarget: ["prepare-for-fall-back", "use-yb-grpc-connector"]
        case .initiateCutoverToSource: ["restart-data-migration-source-target"]
        case .endMigration:
            [
                "log-level", "backup-schema-files", "backup-data-files", "save-migration-reports",
                "backup-log-files",
                "backup-dir",
            ]
        case .cutoverRehearsal, .verify, .cutoverStatus, .cutoverGates, .acceptDifference, .acknowledgeAlert,
            .status, .check,
            .grantScript,
            .dataMigrationReport, .endSession, .abortCutover, .approveCutover, .setApplyMode,
            .setDiskLimits, .retryTable,
            .excludeTable, .version,
            .console,
            .worker, .demo, .exportDataStatus, .importDataStatus, .pause, .resume, .configTemplate, .showKeys:
            []
        }
    }

    private static let eventChannels = [
        "num-event-channels", "event-channel-size", "max-events-per-batch", "max-interval-between-batches",
        "max-batch-size-bytes",
    ]

    /// Returns the keys of a verb's section that set environment variables.
    static func variables(of verb: Verb) -> [String] {
        switch verb {
        case .exportSchema: ["ybvoyager-skip-merge-constraints-transformation"]
        case .analyzeSchema: ["report-unsupported-plpgsql-objects"]
        case .exportDataFromSource: ["queue-segment-max-bytes", "debezium-dist-dir", "beta-fast-data-export"]
        case .exportDataFromTarget: ["yb-master-port", "queue-segment-max-bytes", "debezium-dist-dir"]
        case .importDataToTarget:
            [
                "csv-reader-max-buffer-size-bytes", "ybvoyager-max-colocated-batches-in-progress",
                "max-cpu-threshold", "adaptive-parallelism-frequency-seconds",
                "min-available-memory-threshold",
                "ybvoyager-use-task-picker-for-import", "yb-tserver-port", "yb-master-port",
            ] + eventChannels
        case .importDataToSource: eventChannels
        case .importSchema, .finalizeSchema, .archiveChanges, .initiateCutoverToTarget,
            .initiateCutoverToSource,
            .cutoverRehearsal, .verify, .cutoverStatus, .cutoverGates, .acceptDifference, .acknowledgeAlert,
            .status, .check,
            .grantScript,
            .dataMigrationReport, .endSession, .endMigration, .abortCutover, .approveCutover,
            .setApplyMode, .setDiskLimits, .retryTable, .excludeTable, .version,
            .console,
            .worker, .demo, .exportDataStatus, .importDataStatus, .pause, .resume, .configTemplate, .showKeys:
            []
        }
    }

    /// Whether a verb takes the passwords of the sections `source` and `target` from the environment, because
    /// it has no flags for them.
    static func takesPasswordsFromEnvironment(_ verb: Verb) -> Bool {
        verb == .console || verb == .worker || verb == .analyzeSchema
    }

    /// Returns the keys of the section `source` that a verb has as flags.
    static func sourceKeys(of verb: Verb) -> [String] {
        switch verb {
        case .exportSchema, .exportDataFromSource:
            source.filter { $0 != "name" && $0 != "read-replica-endpoints" }
        case .verify, .cutoverRehearsal, .importDataToSource, .endSession, .endMigration, .check:
            ["db-password"]
        case .analyzeSchema, .importSchema, .finalizeSchema, .importDataToTarget, .exportDataFromTarget,
            .archiveChanges, .initiateCutoverToTarget, .initiateCutoverToSource, .cutoverStatus,
            .cutoverGates, .acceptDifference, .acknowledgeAlert,
            .abortCutover,
            .approveCutover, .setApplyMode, .setDiskLimits, .retryTable, .excludeTable, .status, .grantScript,
            .dataMigrationReport, .version, .console, .worker, .demo, .exportDataStatus,
            .importDataStatus, .pause, .resume, .configTemplate, .showKeys:
            []
        }
    }

    /// Returns the keys of the section `target` that a verb has as flags.
    static func targetKeys(of verb: Verb) -> [String] {
        switch verb {
        case .importSchema, .importDataToTarget, .finalizeSchema: target.filter { $0 != "name" }
        case .exportDataFromTarget: ["db-password", "ssl-mode", "ssl-root-cert"]
        case .verify, .cutoverRehearsal, .endSession, .endMigration, .check: ["db-password"]
        case .exportSchema, .analyzeSchema, .exportDataFromSource, .importDataToSource, .archiveChanges,
            .initiateCutoverToTarget, .initiateCutoverToSource, .cutoverStatus, .cutoverGates,
            .acceptDifference, .acknowledgeAlert, .abortCutover,
            .approveCutover,
            .setApplyMode, .setDiskLimits, .retryTable, .excludeTable, .status, .grantScript,
            .dataMigrationReport,
            .version,
            .console, .worker, .demo, .exportDataStatus, .importDataStatus, .pause, .resume, .configTemplate,
            .showKeys:
            []
        }
    }

    /// Returns the keys that a section may have, nil if there is no such section.
    static func keys(of section: String) -> [String]? {
        if section == "source" { return source }
        if section == "target" { return target }
        if let keys = foreignSections[section] { return keys }
        guard let verb = Verb.allCases.first(where: { $0.configSections.contains(section) }) else {
            return nil
        }
        return flags(of: verb) + variables(of: verb)
    }
}
