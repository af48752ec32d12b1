import Records

/// The status of one migration at one moment, read from the journal and from the files that the roles
/// publish. Each part has its age; a value that is unknown is nil, never 0.
package struct MigrationStatus: Sendable, Equatable {
    package var name: String
    package var migrationUUID: String
    package var exportDirectory: String
    /// `host:port/database`; nil if it is not configured yet.
    package var sourcePlace: String?
    package var targetPlace: String?
    /// What the databases are for; nil if the operator did not say.
    package var environment: Environment?
    package var phase: Phase
    package var route: ApplicationRoute
    package var fallBackEnabled: Bool
    package var isPaused: Bool
    /// What the leg under way started from; nil if none is under way.
    package var legStart: LegStart?
    /// The mode that the operator chose; apply takes it the next time that all channels are level.
    package var applyMode = ApplyMode.transactional
    package var diskLimits = DiskLimits()
    /// The tables that the operator chose.
    package var tableLists = TableLists()
    /// The process of each role that is taken now.
    package var processIDs: [Role: Int32]
    package var capture: CaptureStatus?
    package var apply: ApplyStatus?
    /// Whether each server answers; nothing is known of a side without an entry.
    package var servers: [Side: ServerHealth] = [:]
    package var tables: [TableStatus]
    package var cutovers: [CutoverStatus]
    /// How far the long work is that is under way.
    package var work: [WorkProgress] = []
    /// The gates of the next cutover, or of the one under way; empty in a phase without one.
    package var gates: [Gate] = []
    /// The open write transactions on the origin; nil if they were not read lately.
    package var writers: SeenWriters?
    /// What is known of the equality of the rows; nil in a phase without a leg.
    package var verification: VerificationStatus?
    /// What a switch back to the source would take now; nil outside of the fall-back.
    package var readiness: FallBackReadiness?
    /// What needs the operator: those of highest severity first, causes before their consequences.
    package var alerts: [Alert] = []
    /// Whether the operator has stopped the worker, and nobody has started one since.
    package var workerIsStopped = false
    /// The consoles that are open, and the one that steers.
    package var wheel = WheelStatus()
    /// The policy for changes that cannot be applied.
    package var incidentRules = IncidentRules()
    package var startedAt: Double?
    /// Whether slots and publications of all legs are dropped.
    package var areLegsRetired = true
    /// Time at which this value was read, in seconds since 1970.
    package var readAt: Double

    package init(
        name: String, migrationUUID: String, exportDirectory: String, sourcePlace: String? = nil,
        targetPlace: String? = nil, phase: Phase = .prepare, route: ApplicationRoute = .source,
        fallBackEnabled: Bool = false, isPaused: Bool = false, processIDs: [Role: Int32] = [:],
        capture: CaptureStatus? = nil, apply: ApplyStatus? = nil,
        tables: [TableStatus] = [], cutovers: [CutoverStatus] = [], startedAt: Double? = nil, readAt: Double
    ) {
        self.name = name
        self.migrationUUID = migrationUUID
        self.exportDirectory = exportDirectory
        self.sourcePlace = sourcePlace
        self.targetPlace = targetPlace
        self.phase = phase
        self.route = route
        self.fallBackEnabled = fallBackEnabled
        self.isPaused = isPaused
        self.processIDs = processIDs
        self.capture = capture
        self.apply = apply
        self.tables = tables
        self.cutovers = cutovers
        self.startedAt = startedAt
        self.readAt = readAt
    }

    /// The cutover that was requested last; nil if none was.
    package var newestCutover: CutoverStatus? {
        // Of two with the same time, the later one in the list.
        cutovers.reversed().filter { $0.requestedAt != nil }.max {
            ($0.requestedAt ?? 0) < ($1.requestedAt ?? 0)
        }
    }

    /// The side that the next cutover leads to, or the one under way; nil in a phase without one.
    package var nextCutover: Side? {
        switch phase {
        case .snapshot, .streaming, .cutoverToTarget: .target
        case .fallBack, .cutoverToSource: .source
        case .prepare, .schema, .complete, .ended: nil
        }
    }

    /// Time that the last commit took from the origin to the destination. Nil if changes wait and none was
    /// applied lately: the value would not describe the changes that wait.
    package var commitLagSeconds: Double? {
        guard let apply, let measuredAt = apply.commitLagAt, let knownRemainingEvents else { return nil }
        return knownRemainingEvents == 0 && isOriginRead || readAt - measuredAt <= Self.lagFreshSeconds
            ? apply.commitLagSeconds : nil
    }

    /// Age at which a lag is stale.
    static let lagFreshSeconds = 3.0

    /// Counts of the incidents of all tables in a direction.
    package func incidents(_ direction: Direction) -> IncidentCounts {
        tables.reduce(into: .zero) { total, table in
            let counts = table.incidents[direction] ?? .zero
            total.add(counts.stashed, .stashed)
            total.add(counts.stopped, .stopped)
            total.add(counts.mended, .mended)
        }
    }
}
