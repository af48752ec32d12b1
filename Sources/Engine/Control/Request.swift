import Records
import Schema

/// A request of the operator, by the console or a verb. The journal queues it with who asked and when, and
/// keeps it as the audit log.
package enum Request: Sendable, Codable, Equatable {
    /// Check both databases, and report what prevents a migration.
    case checkDatabases
    /// Perform the SQL that mends what these checks find, and take a record of what takes it back.
    case mendChecks([CheckName])
    case exportSchema(startClean: Bool)
    case analyzeSchema
    /// Accept or waive findings of the schema analysis, or take such decisions back.
    case decideFindings(FindingDecisions)
    /// Change the schema's files as it was shown, and analyze them again.
    case fixFindings([ShownFix])
    case importSchema(ImportSchemaOptions)
    /// Migrate the tables that these patterns name, or all; legal before the live migration.
    case chooseTables(TableLists)
    /// Copy the snapshot, then stream the changes from exactly that LSN.
    case startLiveMigration(jobs: Int)
    case pause
    case resume
    /// Apply by one channel or by several, from the next level point on; legal at any time.
    case setApplyMode(ApplyMode)
    /// Sets the disk space that the capture may use; legal at any time.
    case setDiskLimits(DiskLimits)
    case initiateCutover(CutoverOptions)
    /// Approve the cutover, which then releases the application.
    case approveRelease
    /// Undo the open cutover; legal until its release.
    case abortCutover
    /// Sets the policy for changes that cannot be applied.
    case setErrorPolicy(IncidentRules)
    /// Check a table again that was set aside and is mended.
    case retryTable(QualifiedName)
    /// Exclude a table that is set aside, or was created after the start, from the migration for good.
    case excludeTable(QualifiedName)
    /// Accept differences between the catalogs, which the gates then do not count.
    case acceptDifferences([AcceptedDifference])
    /// Acknowledge an alert as it was seen: with this severity.
    case acknowledge(AlertID, severity: Severity)
    /// Verify rows in the worker while changes stream, or no longer; legal at any time.
    case setVerification(VerificationChoice)
    /// End a session with an open write transaction on the origin.
    case endSession(SessionEnd)
    case endMigration(EndOptions)
    /// Stop the worker in good order; the phase does not change.
    case stopWorker

    /// The request in a few words, for the log and refusals.
    package var title: String {
        switch self {
        case .checkDatabases: "check databases"
        case .mendChecks: "mend checks"
        case .exportSchema: "export schema"
        case .analyzeSchema: "analyze schema"
        case .decideFindings(let change): change.words
        case .fixFindings: "mend findings"
        case .importSchema(let options):
            options.postSnapshotImport ? "import indexes and triggers" : "import schema"
        case .chooseTables: "choose tables"
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
            "error policy: \(rules.policy), at most \(rules.incidentsMax)"
        case .acceptDifferences(let differences):
            "accept \(counted(differences.count, "difference"))"
        case .acknowledge(let alert, _): "acknowledge \(alert)"
        case .setVerification: "set verification"
        case .endSession(let end): "\(end.mode.rawValue) \(end.words)"
        case .endMigration: "end migration"
        case .stopWorker: "stop worker"
        }
    }
}

extension Request {
    /// The gates that the operator waives with it.
    var waivers: [GateWaiver] {
        guard case .initiateCutover(let options) = self else { return [] }
        return options.waivers
    }

    /// The request with who waived gates, accepted differences or decided about findings, and when.
    func signed(by: String, at now: Double) -> Request {
        switch self {
        case .initiateCutover(var options):
            options.waivers = options.waivers.map {
                GateWaiver(gate: $0.gate, reason: $0.reason, by: by, at: now)
            }
            return .initiateCutover(options)
        case .acceptDifferences(let differences):
            return .acceptDifferences(
                differences.map { difference in
                    var signed = difference
                    (signed.by, signed.at) = (by, now)
                    return signed
                })
        case .decideFindings(var change):
            for index in change.decisions.indices {
                (change.decisions[index].by, change.decisions[index].at) = (by, now)
            }
            return .decideFindings(change)
        case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .fixFindings, .importSchema,
            .chooseTables, .startLiveMigration, .pause,
            .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover, .setErrorPolicy,
            .retryTable, .excludeTable, .acknowledge, .setVerification, .endSession, .endMigration,
            .stopWorker:
            return self
        }
    }
}

/// The operator's choices for a schema import.
package struct ImportSchemaOptions: Sendable, Codable, Equatable {
    package var postSnapshotImport: Bool
    package var ignoreExist: Bool
    package var continueOnError: Bool
    package var refreshMaterializedViews: Bool
    /// The kinds of objects to import; nil for all.
    package var types: ObjectTypeChoice?
    /// Creates objects without attributes that the target refuses. Nil in requests of earlier versions, which
    /// means no; so in the next.
    package var leaveOutRefusedAttributes: Bool?
    /// Drops what is in the schemas of the files first.
    package var startClean: Bool?

    package init(
        postSnapshotImport: Bool = false, ignoreExist: Bool = false, continueOnError: Bool = false,
        refreshMaterializedViews: Bool = false, types: ObjectTypeChoice? = nil,
        leaveOutRefusedAttributes: Bool? = nil, startClean: Bool? = nil
    ) {
        self.leaveOutRefusedAttributes = leaveOutRefusedAttributes
        self.startClean = startClean
        self.types = types
        self.postSnapshotImport = postSnapshotImport
        self.ignoreExist = ignoreExist
        self.continueOnError = continueOnError
        self.refreshMaterializedViews = refreshMaterializedViews
    }
}

/// The operator's choices for the end of a migration.
package struct EndOptions: Sendable, Codable, Equatable {
    package var backupSchemaFiles: Bool
    package var backupDataFiles: Bool
    package var saveMigrationReports: Bool
    package var backupLogFiles: Bool
    /// Required if any of the four is true. The directory must exist.
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

/// A request with its state and answer, as it is in the journal.
package struct RequestRecord: Sendable, Equatable, Identifiable {
    /// The state of a request between its insertion and its end.
    package enum State: String, Sendable, Codable {
        case waiting
        case running
        case done
        /// The request is not legal in the phase; nothing was done.
        case refused
        case failed
    }

    package let id: Int64
    package let request: Request
    /// Who asked, as `user@host console` or `user@host verb`.
    package let by: String
    /// Seconds since 1970, as all times in the journal.
    package let askedAt: Double
    package let state: State
    /// One sentence for the operator: the result, or why there is none and what to do.
    package let answer: String
    /// Progress, one line a step, oldest first.
    package let lines: [String]
    /// The findings of `checkDatabases`.
    package let checks: [CheckResult]
    /// The findings of `analyzeSchema`.
    package let issues: [SchemaIssue]

    package init(
        id: Int64, request: Request, by: String, askedAt: Double, state: State, answer: String,
        lines: [String],
        checks: [CheckResult], issues: [SchemaIssue]
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

/// The tables that are migrated and those that are left out, as patterns with `*` and `?`. An empty list of
/// tables means all.
package struct TableLists: Sendable, Codable, Equatable {
    package var tables: [String]
    package var excluded: [String]

    package init(tables: [String] = [], excluded: [String] = []) {
        self.tables = tables
        self.excluded = excluded
    }
}

/// Names a check of one side.
package struct CheckName: Sendable, Codable, Equatable {
    package let side: Side
    package let name: String

    package init(side: Side, name: String) {
        self.side = side
        self.name = name
    }
}

/// Result of one check before the start: what was found, what is wanted, and the SQL that mends it.
package struct CheckResult: Sendable, Codable, Equatable {
    /// Verdict of a check.
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
    /// SQL, or one sentence if no SQL helps; empty if nothing is wrong.
    package let remedy: String
    /// The SQL of the remedy, if this program can run it; nil if nothing is wrong, too.
    package let fix: CheckFix?

    package init(
        side: Side, name: String, state: State, found: String, wanted: String = "", remedy: String = "",
        fix: CheckFix? = nil
    ) {
        self.side = side
        self.name = name
        self.state = state
        self.found = found
        self.wanted = wanted
        self.remedy = remedy
        self.fix = state == .ok ? nil : fix
    }
}

extension SchemaIssue {
    /// The state of a check that found it.
    package var state: CheckResult.State {
        switch severity {
        case .blocking: .failure
        case .warning: .warning
        case .info: .ok
        }
    }
}
