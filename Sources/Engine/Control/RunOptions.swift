import Records

/// The options of a process of the engine: connections, and the choices of its verb.
package struct RunOptions: Sendable {
    /// The connections that this process was given. A role needs that of its own database only.
    package var source: (any Database)?
    package var target: (any Database)?
    /// Number of copy jobs, both when reading and when writing.
    package var jobs: Int
    /// Tables to migrate, as globs of `schema.table` or `table`; empty means all.
    package var tables: [String]
    package var excludedTables: [String]
    /// Whether the checks run before the start (`--run-guardrails-checks`).
    package var checks: Bool
    package var startClean: Bool
    package var limits = CutoverLimits()
    /// Attempts without progress after which a statement that the server cancels, or has no room for, fails.
    package var attemptsMax = Patience.attemptsMax
    package var schemaPace = MonitorPace.schemaChanges
    package var gatePace = MonitorPace.gates
    package var catalogPace = MonitorPace.catalogs

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
