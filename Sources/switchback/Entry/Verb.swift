/// The verbs as the operator types them: the words that lead a command line, and the name by which logs and the
/// config file call the same work.
enum Verb: String, CaseIterable, Sendable {
    case exportSchema = "export schema"
    case analyzeSchema = "analyze-schema"
    case importSchema = "import schema"
    case finalizeSchema = "finalize-schema-post-data-import"
    case exportDataFromSource = "export data from source"
    case importDataToTarget = "import data to target"
    case exportDataFromTarget = "export data from target"
    case importDataToSource = "import data to source"
    case archiveChanges = "archive changes"
    case initiateCutoverToTarget = "initiate cutover to target"
    case initiateCutoverToSource = "initiate cutover to source"
    case cutoverStatus = "cutover status"
    case abortCutover = "abort cutover"
    case approveCutover = "approve cutover"
    case setApplyMode = "set apply mode"
    case setDiskLimits = "set disk limits"
    case retryTable = "retry table"
    case excludeTable = "exclude table"
    case status
    case dataMigrationReport = "get data-migration-report"
    case endMigration = "end migration"
    case version
    case console
    case worker
    case demo

    var words: [String] { rawValue.split(separator: " ").map(String.init) }

    /// The name of the log file and of the config file's section. yb-voyager's short forms `export data` and
    /// `import data` give theirs to the long ones.
    var commandID: String {
        switch self {
        case .exportDataFromSource: "export-data"
        case .importDataToTarget: "import-data"
        default: rawValue.replacing(" ", with: "-")
        }
    }

    /// The section names of the config file that speak of this verb; at most one of them may be there.
    var configSections: [String] {
        switch self {
        case .exportDataFromSource: ["export-data", "export-data-from-source"]
        case .importDataToTarget: ["import-data", "import-data-to-target"]
        case .dataMigrationReport, .status, .cutoverStatus, .version, .console, .worker, .demo, .abortCutover,
            .approveCutover, .setApplyMode, .setDiskLimits, .retryTable, .excludeTable:
            []
        default: [commandID]
        }
    }

    /// Short forms that stand for a whole verb.
    private static let shortForms = [
        "export data": Verb.exportDataFromSource, "import data": .importDataToTarget,
    ]

    /// What the words that lead a command line mean.
    enum Reading: Equatable {
        case verb(Verb, arguments: ArraySlice<String>)
        /// The beginning of several verbs, such as `initiate cutover`, or nothing at all but flags.
        case incomplete(words: [String], arguments: ArraySlice<String>)
        case unknown(word: String, after: String)
    }

    /// Reads the leading words, up to the first flag.
    static func read(_ arguments: [String]) -> Reading {
        let leading = Array(arguments.prefix { !$0.hasPrefix("-") })
        if leading.isEmpty { return .verb(.console, arguments: arguments[...]) }
        for length in stride(from: leading.count, to: 0, by: -1) {
            let phrase = leading.prefix(length).joined(separator: " ")
            if let verb = Verb(rawValue: phrase) {
                return .verb(verb, arguments: arguments.dropFirst(length))
            }
            let isPrefix = allCases.contains { $0.rawValue.hasPrefix(phrase + " ") }
            if isPrefix || shortForms[phrase] != nil {
                // A word follows that no verb has: `export dta`, `export data form`.
                guard length == leading.count else { return .unknown(word: leading[length], after: phrase) }
                if let verb = shortForms[phrase] {
                    return .verb(verb, arguments: arguments.dropFirst(length))
                }
                return .incomplete(words: leading, arguments: arguments.dropFirst(length))
            }
        }
        return .unknown(word: leading[0], after: "")
    }
}
