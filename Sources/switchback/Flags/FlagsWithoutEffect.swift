import ArgumentParser

/// Flags of yb-voyager's command lines that have no effect here. Their values are checked as those of other
/// flags, and one line says which of them had no effect.
protocol FlagsWithoutEffect: ParsableArguments {
    /// All names of the group.
    static var names: [String] { get }
}

extension FlagsWithoutEffect {
    /// Returns the line about the flags that were given, nil if none was.
    static func notice(given flags: Set<String>) -> String? { notice(of: names, given: flags) }

    /// Returns the line for a verb that has more such flags than its group.
    static func notice(of names: [String], given flags: Set<String>) -> String? {
        let given = names.filter(flags.contains).map { "--" + $0 }
        guard !given.isEmpty else { return nil }
        return
            "Note: \(given.joined(separator: ", ")) \(given.count == 1 ? "has" : "have") no effect in "
            + "Switchback."
    }
}

extension NameSpecification {
    /// One property for many names; for the operator each name is a flag of its own.
    fileprivate static func any(of names: [String]) -> NameSpecification {
        NameSpecification(names.map { .customLong($0) })
    }
}

struct ExportSchemaFlagsWithoutEffect: FlagsWithoutEffect {
    private static let booleanNames = [
        "use-orafce", "comments-on-objects", "skip-colocation-recommendations",
        "skip-performance-recommendations",
        "assess-schema-before-export", "disable-schema-snapshot-capture",
    ]
    private static let valueNames = [
        "object-type-list", "exclude-object-type-list", "assessment-report-path",
    ]
    static let names = booleanNames + valueNames

    @Option(name: .any(of: booleanNames), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: valueNames), parsing: .unconditionalSingleValue, help: .hidden) var values:
        [String] = []
}

struct AnalyzeSchemaFlagsWithoutEffect: FlagsWithoutEffect {
    static let names = ["target-db-version"]

    @Option(name: .any(of: names), help: .hidden) var values: [String] = []
}

struct ImportSchemaFlagsWithoutEffect: FlagsWithoutEffect {
    private static let booleanNames = ["straight-order", "enable-orafce"]
    private static let valueNames = ["object-type-list", "exclude-object-type-list"]
    static let names = booleanNames + valueNames

    @Option(name: .any(of: booleanNames), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: valueNames), parsing: .unconditionalSingleValue, help: .hidden) var values:
        [String] = []
}

struct ExportDataFlagsWithoutEffect: FlagsWithoutEffect {
    private static let booleanNames = ["allow-oracle-clob-data-export", "disable-schema-snapshot-capture"]
    private static let integerNames = ["metrics-port"]
    static let names = booleanNames + integerNames

    @Option(name: .any(of: booleanNames), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: integerNames), help: .hidden) var integers: [Int] = []
}

struct ImportDataFlagsWithoutEffect: FlagsWithoutEffect {
    private static let booleanNames = [
        "skip-replication-checks", "use-public-ip", "use-partition-root", "continue-on-error",
        "skip-node-health-checks", "skip-disk-usage-health-checks", "disable-transactional-writes",
        "truncate-splits",
        "enable-random-batch-production", "disable-sequential-scan-on-update-deletes",
    ]
    private static let valueNames = ["target-endpoints", "cdc-partition-key", "cdc-partition-key-overrides"]
    private static let integerNames = [
        "max-retries-streaming", "metrics-port", "prometheus-metrics-port",
        "max-concurrent-batch-productions",
    ]
    static let names = booleanNames + valueNames + integerNames

    @Option(name: .any(of: booleanNames), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: valueNames), parsing: .unconditionalSingleValue, help: .hidden) var values:
        [String] = []
    @Option(name: .any(of: integerNames), help: .hidden) var integers: [Int] = []
}

struct ExportDataFromTargetFlagsWithoutEffect: FlagsWithoutEffect {
    private static let booleanNames = [
        "transaction-ordering", "allow-oracle-clob-data-export", "start-clean",
    ]
    private static let valueNames = ["export-type"]
    private static let integerNames = ["metrics-port"]
    static let names = booleanNames + valueNames + integerNames

    @Option(name: .any(of: booleanNames), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: valueNames), help: .hidden) var values: [String] = []
    @Option(name: .any(of: integerNames), help: .hidden) var integers: [Int] = []
}

struct ImportDataToSourceFlagsWithoutEffect: FlagsWithoutEffect {
    private static let booleanNames = [
        "continue-on-error", "enable-upsert", "use-public-ip", "disable-transactional-writes",
        "truncate-splits",
        "use-partition-root",
    ]
    private static let valueNames = ["target-endpoints"]
    private static let integerNames = [
        "batch-size", "max-retries-streaming", "metrics-port", "prometheus-metrics-port",
    ]
    static let names = booleanNames + valueNames + integerNames

    @Option(name: .any(of: booleanNames), help: .hidden) var booleans: [ValuedBoolean] = []
    @Option(name: .any(of: valueNames), parsing: .unconditionalSingleValue, help: .hidden) var values:
        [String] = []
    @Option(name: .any(of: integerNames), help: .hidden) var integers: [Int] = []
}

struct CutoverToTargetFlagsWithoutEffect: FlagsWithoutEffect {
    static let names = ["use-yb-grpc-connector", "skip-pre-checks", "source-db-password"]

    @Option(help: .hidden) var useYbGrpcConnector: ValuedBoolean?
    @Option(parsing: .unconditional, help: .hidden) var skipPreChecks: String?
    @Option(parsing: .unconditional, help: .hidden) var sourceDbPassword: String?
}
