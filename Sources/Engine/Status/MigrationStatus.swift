import Records

/// Everything a face shows of one migration at one moment: read from the journal and from the files the
/// roles publish, in one piece. Each part says how old it is; what is not known is nil, never 0.
package struct MigrationStatus: Sendable, Equatable {
    package var name: String
    package var migrationUUID: String
    package var exportDirectory: String
    /// `host:port/database`, nil where the operator has not said yet.
    package var sourcePlace: String?
    package var targetPlace: String?
    package var phase: Phase
    package var route: ApplicationRoute
    package var fallBackEnabled: Bool
    package var isPaused: Bool
    /// What the operator chose; apply follows at its next level point.
    package var applyMode = ApplyMode.transactional
    package var diskLimits = DiskLimits()
    /// The process of each role that is taken now.
    package var processIDs: [Role: Int32]
    package var capture: CaptureStatus?
    package var apply: ApplyStatus?
    package var tables: [TableStatus]
    package var cutovers: [CutoverStatus]
    /// What becomes of changes that cannot be applied.
    package var incidentRules = IncidentRules()
    package var startedAt: Double?
    /// Whether nothing is streamed any more, slots and publications of all legs included.
    package var areLegsRetired = true
    /// When this value was put together; seconds since 1970.
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

    /// A backlog of less is what a stream that keeps pace always has.
    package static let paceSecondsMax = 2.0

    /// Exported and not yet imported, of the direction that runs now; nil while either is unknown.
    package var remainingEvents: Int64? {
        guard let capture, let apply, capture.direction == apply.direction else { return nil }
        var setAside = incidents(capture.direction).stashed
        for table in tables where table.note?.word == .excluded {
            setAside += max(0, table.remaining(capture.direction))
        }
        return max(0, capture.totalEvents.total - apply.totalEvents.total - setAside)
    }

    /// How long the last commit took from one side to the other. Nil where that is not known of what comes next: while
    /// something waits and nothing is applied, it says nothing of those who wait.
    package var commitLagSeconds: Double? {
        guard let apply, let measuredAt = apply.commitLagAt, let remainingEvents else { return nil }
        return remainingEvents == 0 || readAt - measuredAt <= Self.lagFreshSeconds
            ? apply.commitLagSeconds : nil
    }

    private static let lagFreshSeconds = 3.0

    /// Changes of all tables that could not be applied in a direction.
    package func incidents(_ direction: Direction) -> IncidentCounts {
        tables.reduce(into: .zero) { total, table in
            let counts = table.incidents[direction] ?? .zero
            total.add(counts.stashed, .stashed)
            total.add(counts.stopped, .stopped)
            total.add(counts.mended, .mended)
        }
    }

    /// How long until the remaining events are applied at the net rate of the last minute.
    package var timeToCatchUp: CatchUp {
        guard let remaining = remainingEvents, let capture, let apply else { return .unknown }
        if remaining == 0 { return .caughtUp }
        let net = apply.eventsPerSecondLastMinute - capture.eventsPerSecondLastMinute
        if apply.eventsPerSecondLastMinute <= 0 { return .unknown }
        // What is under way of a stream that keeps pace is no backlog: both rates are equal then, and their
        // difference says nothing.
        let drained = Double(remaining) / apply.eventsPerSecondLastMinute
        if drained <= Self.paceSecondsMax { return .seconds(drained) }
        return net > 0.5 ? .seconds(Double(remaining) / net) : .notCatchingUp
    }
}

package enum CatchUp: Sendable, Equatable {
    case unknown
    case caughtUp
    case seconds(Double)
    /// The import is no faster than the export.
    case notCatchingUp
}
