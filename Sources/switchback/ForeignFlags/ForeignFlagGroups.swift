import ArgumentParser

// The flags that the parser has to know because `ForeignFlags` has rules for them. `ForeignSettings.check`
// applies the rules, after the parser has checked the form of the values.

extension NameSpecification {
    /// One property for many names; for the operator each name is a flag of its own.
    fileprivate static func any(of names: [String]) -> NameSpecification {
        NameSpecification(names.map { .customLong($0) })
    }
}

struct ExportSchemaForeignFlags: ParsableArguments {
    @Option(
        name: .any(of: [
            "use-orafce", "comments-on-objects", "skip-colocation-recommendations",
            "skip-performance-recommendations", "assess-schema-before-export",
            "disable-schema-snapshot-capture",
        ]), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(
        name: .any(of: ["object-type-list", "exclude-object-type-list", "assessment-report-path"]),
        parsing: .unconditionalSingleValue, help: .hidden) var values: [String] = []
}

struct ImportSchemaForeignFlags: ParsableArguments {
    @Option(name: .any(of: ["enable-orafce"]), help: .hidden) var booleans: [ValuedBoolean] = []
}

struct ExportDataForeignFlags: ParsableArguments {
    @Option(
        name: .any(of: ["allow-oracle-clob-data-export", "disable-schema-snapshot-capture"]), help: .hidden)
    var booleans: [ValuedBoolean] = []
}

struct ImportDataForeignFlags: ParsableArguments {
    @Option(
        name: .any(of: [
            "skip-replication-checks", "use-public-ip", "use-partition-root", "continue-on-error",
            "skip-node-health-checks", "skip-disk-usage-health-checks", "disable-transactional-writes",
            "truncate-splits", "enable-random-batch-production",
            "disable-sequential-scan-on-update-deletes",
        ]), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(
        name: .any(of: ["target-endpoints"]), parsing: .unconditionalSingleValue, help: .hidden) var values:
        [String] = []
    @Option(name: .any(of: ["max-concurrent-batch-productions"]), help: .hidden) var integers: [Int] = []
}

struct ExportDataFromTargetForeignFlags: ParsableArguments {
    @Option(
        name: .any(of: ["transaction-ordering", "allow-oracle-clob-data-export", "start-clean"]),
        help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: ["export-type"]), help: .hidden) var values: [String] = []
    @Option(name: .any(of: ["parallel-jobs"]), help: .hidden) var integers: [Int] = []
}

struct ImportDataToSourceForeignFlags: ParsableArguments {
    @Option(
        name: .any(of: [
            "continue-on-error", "enable-upsert", "use-public-ip", "disable-transactional-writes",
            "truncate-splits", "use-partition-root", "run-guardrails-checks",
        ]), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(
        name: .any(of: ["target-endpoints"]), parsing: .unconditionalSingleValue, help: .hidden) var values:
        [String] = []
    @Option(name: .any(of: ["batch-size"]), help: .hidden) var integers: [Int] = []
}

struct CutoverToTargetForeignFlags: ParsableArguments {
    @Option(help: .hidden) var useYbGrpcConnector: ValuedBoolean?
    @Option(parsing: .unconditional, help: .hidden) var skipPreChecks: String?
    @Option(parsing: .unconditional, help: .hidden) var sourceDbPassword: String?
}
