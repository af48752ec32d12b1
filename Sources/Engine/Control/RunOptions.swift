import Records
import Schema

/// The options of a process of the engine: connections, and the choices of its verb.
package struct RunOptions: Sendable {
    /// The connections that this process was given. A role needs that of its own database only.
    package var source: (any Database)?
    package var target: (any Database)?
    /// Number of copy jobs that the migration is started with.
    package var jobs: Int
    /// Tables to migrate, as globs of `schema.table` or `table`; empty means all.
    package var tables: [String]
    package var excludedTables: [String]
    /// Whether the checks run before the start (`--run-guardrails-checks`).
    package var checks: Bool
    package var startClean: Bool
    /// Returns the command line that restarts this process in a role that it has taken over, without
    /// passwords; nil if the process cannot be restarted by one.
    package var restartCommand: (@Sendable (ForegroundRole) -> RestartCommand)?
    /// Number of copy jobs of this process; nil for that of the migration.
    package var copyJobs: Int?
    /// Whether a clean start of the import also empties tables that others have filled.
    package var truncatesTables = false
    package var limits = CutoverLimits()
    /// The choices of a schema analysis.
    package var analysis = AnalysisOptions()
    /// Attempts without progress after which a statement that the server cancels, or has no room for, fails.
    package var attemptsMax = Patience.attemptsMax
    /// The same for the changes that are applied (`--max-retries-streaming`); nil if it does not differ.
    package var applyAttemptsMax: Int?
    /// The bounds of a transaction that applies changes.
    package var applyBounds = ApplyBounds()
    /// Size in bytes at which a segment of the log is closed; nil for the usual one.
    package var segmentBytesMax: Int?
    package var schemaPace = MonitorPace.schemaChanges
    package var gatePace = MonitorPace.gates
    package var catalogPace = MonitorPace.catalogs
    package var alertPace = MonitorPace.alerts

    package init(
        source: (any Database)? = nil, target: (any Database)? = nil, jobs: Int = 4, tables: [String] = [],
        excludedTables: [String] = [], checks: Bool = true, startClean: Bool = false
    ) {
        self.source = source
        self.target = target
        self.jobs = jobs
        self.tables = tables
        self.excludedTables = excludedTables
        self.checks = checks
        self.startClean = startClean
    }
}
