import Foundation
import Records

extension MigrationRecord {
    /// Settles a legal request that only changes the record.
    ///
    /// - Returns: the answer; nil for a request that the worker has to work on.
    mutating func settle(_ request: Request, by: String, now: Double) throws -> String? {
        switch request {
        case .chooseTables(let lists):
            tableGlobs = lists.tables
            excludedTableGlobs = lists.excluded
            return lists.tables.isEmpty && lists.excluded.isEmpty ? "all tables" : "the tables are chosen"
        case .startLiveMigration(let jobs):
            try start(jobs: jobs, now: now)
            return "the snapshot begins"
        case .pause:
            isPaused = true
            return "paused"
        case .resume:
            isPaused = false
            resumeCount += 1
            return "resumed"
        case .setApplyMode(let mode):
            applyMode = mode
            return "changes are applied \(mode)"
        case .setDiskLimits(let limits):
            diskLimits = limits
            return limits.words
        case .initiateCutover(let options):
            let token = UUID().uuidString.prefix(8).lowercased()
            try take(.cutoverInitiated(to: options.to), at: now)
            cutovers.append(
                Cutover(token: token, options: completed(options), requestedAt: now, requestedBy: by))
            return "cutover initiated, wait for it to complete"
        case .approveRelease:
            if let index = cutovers.indices.last { cutovers[index].isApproved = true }
            return "approved"
        case .abortCutover:
            if let index = cutovers.indices.last { cutovers[index].abortReason = "aborted by \(by)" }
            return "the cutover is being aborted"
        case .retryTable(let table):
            changeSetAsideTable(table) { $0.isRetryAsked = true }
            resumeCount += 1
            return "\(table) is checked again"
        case .excludeTable(let table):
            let reason = setAsideTable(table)?.reason ?? "new after the start"
            excludedTables = excluded + [ExcludedTable(table: table, reason: reason, by: by, at: now)]
            tablesSetAside?.removeAll { $0.table == table }
            return "\(table) is excluded from the migration"
        case .setErrorPolicy(let rules):
            incidents = rules
            // Apply may have stopped at an incident; it tries again under the new policy.
            if rules.policy == .stash { resumeCount += 1 }
            return "changes that cannot be applied: \(rules.policy)"
        case .acceptDifferences(let differences):
            let objects = Set(differences.map(\.object))
            acceptedDifferences = accepted.filter { !objects.contains($0.object) } + differences
            return "accepted: \(differences.map(\.object).listed(max: 5))"
        case .acknowledge(let alert, let severity):
            acknowledge(Acknowledgement(alert, severity, by: by, at: now))
            return "acknowledged: \(alert)"
        case .setVerification(let choice):
            verification = choice
            return choice.words
        case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .fixFindings, .importSchema,
            .decideFindings, .endSession, .endMigration,
            .stopWorker:
            return nil
        }
    }

    /// Starts the live migration; does nothing if it has started before.
    mutating func start(jobs: Int, now: Double) throws {
        if try take(.started, at: now) { self.jobs = max(1, jobs) }
    }
}
