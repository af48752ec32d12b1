import Records

/// What a console or a verb asks of the engine. It is left in the journal with who asked and when,
/// and stays there as the audit log.
package enum Request: Sendable, Codable, Equatable {
    /// Look at both databases and report what stands in the way.
    case checkDatabases
    case exportSchema(startClean: Bool)
    case analyzeSchema
    case importSchema(ImportSchemaOptions)
    /// Take the snapshot and go on streaming from exactly that point.
    case startLiveMigration(jobs: Int)
    case pause
    case resume
    /// Apply in one channel or in several, from the next level point on; legal at any time.
    case setApplyMode(ApplyMode)
    /// How much of the disk the capture may take; legal at any time.
    case setDiskLimits(DiskLimits)
    case initiateCutover(CutoverOptions)
    /// Let the cutover that waits before its release go on.
    case approveRelease
    /// Undo the cutover that is under way; legal until its release.
    case abortCutover
    /// What is to become of changes that cannot be applied.
    case setErrorPolicy(IncidentRules)
    /// A table that is held was mended: look at it again.
    case retryTable(QualifiedName)
    /// Take a table that is held, or came after the start, out of the migration for good.
    case excludeTable(QualifiedName)
    case endMigration(EndOptions)
    /// End the worker in good order; the migration stays where it is.
    case stopWorker

    /// The request in a few words, for the log and refusals.
    package var title: String {
        switch self {
        case .checkDatabases: "check databases"
        case .exportSchema: "export schema"
        case .analyzeSchema: "analyze schema"
        case .importSchema(let options):
            options.postSnapshotImport ? "import indexes and triggers" : "import schema"
        case .startLiveMigration: "start live migration"
        case .pause: "pause"
        case .resume: "resume"
        case .setApplyMode: "set apply mode"
        case .setDiskLimits: "set disk limits"
        case .initiateCutover(let options): "initiate cutover to \(options.to.rawValue)"
        case .approveRelease: "release the application"
        case .abortCutover: "abort cutover"
        case .retryTable(let table): "retry table \(table)"
        case .excludeTable(let table): "exclude table \(table)"
        case .setErrorPolicy(let rules):
            "error policy: \(rules.policy.rawValue), at most \(rules.incidentsMax)"
        case .endMigration: "end migration"
        case .stopWorker: "stop worker"
        }
    }
}

package struct ImportSchemaOptions: Sendable, Codable, Equatable {
    package var postSnapshotImport: Bool
    package var ignoreExist: Bool
    package var continueOnError: Bool
    package var refreshMaterializedViews: Bool

    package init(
        postSnapshotImport: Bool = false, ignoreExist: Bool = false, continueOnError: Bool = false,
        refreshMaterializedViews: Bool = false
    ) {
        self.postSnapshotImport = postSnapshotImport
        self.ignoreExist = ignoreExist
        self.continueOnError = continueOnError
        self.refreshMaterializedViews = refreshMaterializedViews
    }
}

package struct CutoverOptions: Sendable, Codable, Equatable {
    /// The database the application is to write to afterwards.
    package var to: Side
    /// Stream the target's changes back to the source afterwards; only for a cutover to the target.
    package var prepareForFallBack: Bool
    /// Compare every table on both sides, by row count and checksum, before the release.
    package var verify: Bool
    /// Wait for `approveRelease` when everything else is done.
    package var requiresApproval: Bool
    /// Disconnect the sessions that were there before the origin became read-only; with a fence of the tables, those that hold
    /// an open write to one.
    package var disconnectSessions: Bool
    /// Absent in journals of before there was a choice.
    private var chosenFence: CutoverFence?
    package var fence: CutoverFence { chosenFence ?? .database }

    /// The keys of the journal, which records of earlier versions have as well.
    private enum CodingKeys: String, CodingKey {
        case to, prepareForFallBack, verify, disconnectSessions, chosenFence
        case requiresApproval = "holdBeforeRelease"
    }

    package init(
        to: Side, prepareForFallBack: Bool = true, verify: Bool = true, requiresApproval: Bool = false,
        disconnectSessions: Bool = false, fence: CutoverFence = .database
    ) {
        chosenFence = fence == .database ? nil : fence
        self.to = to
        self.prepareForFallBack = prepareForFallBack
        self.verify = verify
        self.requiresApproval = requiresApproval
        self.disconnectSessions = disconnectSessions
    }

    /// The direction that this cutover brings to its end.
    package var ends: Direction { to == .target ? .forward : .reverse }
}

/// What a cutover keeps from being written to on the origin.
package enum CutoverFence: String, Sendable, Codable, CaseIterable {
    /// The whole database, for sessions that begin after it.
    case database
    /// The migrated tables, for all sessions.
    case tables
}

package struct EndOptions: Sendable, Codable, Equatable {
    package var backupSchemaFiles: Bool
    package var backupDataFiles: Bool
    package var saveMigrationReports: Bool
    package var backupLogFiles: Bool
    /// Needed where any of the four is true; must exist.
    package var backupDirectory: String?

    package init(
        backupSchemaFiles: Bool, backupDataFiles: Bool, saveMigrationReports: Bool, backupLogFiles: Bool,
        backupDirectory: String?
    ) {
        self.backupSchemaFiles = backupSchemaFiles
        self.backupDataFiles = backupDataFiles
        self.saveMigrationReports = saveMigrationReports
        self.backupLogFiles = backupLogFiles
        self.backupDirectory = backupDirectory
    }
}

/// A request as the journal keeps it.
package struct RequestRecord: Sendable, Equatable, Identifiable {
    package enum State: String, Sendable, Codable {
        case waiting
        case running
        case done
        /// The phase does not allow it; nothing was done.
        case refused
        case failed
    }

    package let id: Int64
    package let request: Request
    /// Who asked: `user@host console` or `user@host verb`.
    package let by: String
    /// Seconds since 1970, as are all times in the journal.
    package let askedAt: Double
    package let state: State
    /// One sentence for the operator: the result, or why not and what to do.
    package let answer: String
    /// What was done so far, a line a step, oldest first.
    package let lines: [String]
    /// The findings of `checkDatabases`.
    package let checks: [CheckResult]
    /// The findings of `analyzeSchema`.
    package let issues: [SchemaFinding]

    package init(
        id: Int64, request: Request, by: String, askedAt: Double, state: State, answer: String,
        lines: [String],
        checks: [CheckResult], issues: [SchemaFinding]
    ) {
        self.id = id
        self.request = request
        self.by = by
        self.askedAt = askedAt
        self.state = state
        self.answer = answer
        self.lines = lines
        self.checks = checks
        self.issues = issues
    }
}

/// One look at a database before the start: what was found, what is wanted, and the SQL that mends it.
package struct CheckResult: Sendable, Codable, Equatable {
    package enum State: String, Sendable, Codable {
        case ok
        case warning
        case failure
    }

    package let side: Side
    package let name: String
    package let state: State
    package let found: String
    package let wanted: String
    /// SQL, or one sentence where no SQL helps; empty where nothing is wrong.
    package let remedy: String

    package init(
        side: Side, name: String, state: State, found: String, wanted: String = "", remedy: String = ""
    ) {
        self.side = side
        self.name = name
        self.state = state
        self.found = found
        self.wanted = wanted
        self.remedy = remedy
    }
}

/// One remark of the schema analysis.
package struct SchemaFinding: Sendable, Codable, Equatable {
    package let severity: CheckResult.State
    package let objectType: String
    package let object: String
    package let reason: String
    package let suggestion: String
    package let file: String

    package init(
        severity: CheckResult.State, objectType: String, object: String, reason: String, suggestion: String,
        file: String
    ) {
        self.severity = severity
        self.objectType = objectType
        self.object = object
        self.reason = reason
        self.suggestion = suggestion
        self.file = file
    }
}

/// One thing a request would do, shown before it is done.
package struct PlanLine: Sendable, Equatable {
    package let side: Side?
    /// SQL text, or a sentence for what is no SQL.
    package let action: String
    /// What takes it back, or nil where nothing can.
    package let undo: String?

    package init(side: Side?, action: String, undo: String?) {
        self.side = side
        self.action = action
        self.undo = undo
    }
}
