/// The verbs: the words at the beginning of a command line, and the name of the verb in logs and config file.
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
    case exportDataStatus = "export data status"
    case importDataStatus = "import data status"
    case cutoverGates = "cutover gates"
    case cutoverRehearsal = "cutover rehearsal"
    case acceptDifference = "accept difference"
    case abortCutover = "abort cutover"
    case approveCutover = "approve cutover"
    case pause
    case resume
    case setApplyMode = "set apply mode"
    case setDiskLimits = "set disk limits"
    case retryTable = "retry table"
    case excludeTable = "exclude table"
    case status
    case acknowledgeAlert = "acknowledge alert"
    case check
    case verify
    case grantScript = "grant script"
    case dataMigrationReport = "get data-migration-report"
    case endSession = "end session"
    case endMigration = "end migration"
    case configTemplate = "config template"
    case version
    case showKeys = "keys"
    case console
    case worker
    case demo

    var words: [String] { rawValue.split(separator: " ").map(String.init) }

    /// The name in the log file and the config file. The verbs with a short form, `export data` and `import
    /// data`, have the name of the short form, as in yb-voyager.
    var commandID: String {
        switch self {
        case .exportDataFromSource: "export-data"
        case .importDataToTarget: "import-data"
        case .exportSchema, .analyzeSchema, .importSchema, .finalizeSchema, .exportDataFromTarget,
            .importDataToSource, .archiveChanges, .initiateCutoverToTarget, .initiateCutoverToSource,
            .cutoverStatus, .cutoverGates, .cutoverRehearsal, .acceptDifference, .abortCutover,
            .approveCutover, .setApplyMode,
            .setDiskLimits, .retryTable,
            .verify, .excludeTable, .status, .acknowledgeAlert, .check, .grantScript, .dataMigrationReport,
            .endSession, .endMigration, .version,
            .console, .worker, .demo, .exportDataStatus, .importDataStatus,
            .pause, .resume, .configTemplate, .showKeys:
            rawValue.replacing(" ", with: "-")
        }
    }

    /// The sections of the config file for this verb; a file may have only one of them.
    var configSections: [String] {
        switch self {
        case .exportDataFromSource: ["export-data", "export-data-from-source"]
        case .importDataToTarget: ["import-data", "import-data-to-target"]
        case .verify, .cutoverRehearsal, .dataMigrationReport, .status, .acknowledgeAlert, .check,
            .grantScript, .cutoverStatus,
            .cutoverGates,
            .acceptDifference, .endSession, .version, .console, .worker,
            .demo, .abortCutover,
            .approveCutover, .setApplyMode, .setDiskLimits, .retryTable, .excludeTable, .exportDataStatus,
            .importDataStatus,
            .pause, .resume, .configTemplate, .showKeys:
            []
        case .exportSchema, .analyzeSchema, .importSchema, .finalizeSchema, .exportDataFromTarget,
            .importDataToSource, .archiveChanges, .initiateCutoverToTarget, .initiateCutoverToSource,
            .endMigration:
            [commandID]
        }
    }

    /// The short forms of verbs.
    private static let shortForms = [
        "export data": Verb.exportDataFromSource, "import data": .importDataToTarget,
    ]

    /// The meaning of the words at the beginning of a command line.
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
                // The next word belongs to no verb: `export dta`, `export data form`.
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
