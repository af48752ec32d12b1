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
    /// Process id of who holds the role now, nil where nobody does.
    package var captureProcessID: Int32?
    package var applyProcessID: Int32?
    package var capture: CaptureStatus?
    package var apply: ApplyStatus?
    package var tables: [TableStatus]
    package var cutovers: [CutoverStatus]
    /// What becomes of changes that cannot be applied.
    package var incidentRules = IncidentRules()
    package var startedAt: Double?
    /// When this value was put together; seconds since 1970.
    package var readAt: Double

    package init(
        name: String, migrationUUID: String, exportDirectory: String, sourcePlace: String? = nil,
        targetPlace: String? = nil, phase: Phase = .prepare, route: ApplicationRoute = .source,
        fallBackEnabled: Bool = false, isPaused: Bool = false, captureProcessID: Int32? = nil,
        applyProcessID: Int32? = nil, capture: CaptureStatus? = nil, apply: ApplyStatus? = nil,
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
        self.captureProcessID = captureProcessID
        self.applyProcessID = applyProcessID
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
        var setAside = incidents(capture.direction).setAside
        for table in tables where table.note?.word == .excluded {
            setAside += max(0, table.remaining(capture.direction))
        }
        return max(0, capture.totalEvents.total - apply.totalEvents.total - setAside)
    }

    /// Changes of all tables that could not be applied in a direction.
    package func incidents(_ direction: Direction) -> IncidentCounts {
        tables.reduce(into: .zero) { total, table in
            let counts = table.incidents[direction] ?? .zero
            total.add(counts.setAside, .setAside)
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

/// What a role is at, as a word and, where it waits, for what.
package struct RoleState: Sendable, Codable, Equatable {
    package enum Word: String, Sendable, Codable {
        case starting
        case snapshot
        case streaming
        case paused
        /// Waiting for a server to come back; `reason` says since what error.
        case retrying
        /// Waiting for the other role.
        case waiting
        /// Stopped by an error that needs the operator; `reason` says what to do.
        case stopped
        case done
    }

    package var word: Word
    package var reason: String
    /// Seconds since 1970.
    package var since: Double

    package init(word: Word, reason: String = "", since: Double) {
        self.word = word
        self.reason = reason
        self.since = since
    }
}

/// How often a role had to begin again because of its server, in this run, and the last time of it.
package struct Retries: Sendable, Codable, Equatable {
    package var count = 0
    /// What the server, or the way to it, said.
    package var reason = ""
    /// Seconds since 1970; 0 before the first.
    package var at = 0.0
    /// When it is tried again, or was.
    package var nextAt = 0.0

    package init() {}

    package mutating func add(_ reason: String, at now: Double, waitMilliseconds: Int) {
        count += 1
        self.reason = reason
        at = now
        nextAt = now + Double(waitMilliseconds) / 1000
    }
}

/// What the capture role publishes, a few times a second, in `metainfo/status.capture.json`.
package struct CaptureStatus: Sendable, Codable, Equatable {
    package var direction: Direction
    package var state: RoleState
    /// Changes exported in this direction, over all runs.
    package var totalEvents: ChangeCounts
    package var eventsThisRun: Int64
    package var runStartedAt: Double
    package var eventsPerSecondLastMinute: Double
    package var eventsPerSecondLast3Minutes: Double
    package var eventsPerSecondLast10Minutes: Double
    package var slotName: String
    /// The last commit in the segment log, and the position confirmed to the server.
    package var loggedLSN: LSN
    package var confirmedLSN: LSN
    package var retainedWALBytes: Int64?
    /// `reserved`, `extended`, `unreserved` or `lost` (`pg_replication_slots.wal_status`).
    package var walStatus: String?
    /// As much more WAL may be written before the slot may be lost (`safe_wal_size`); nil where there is no limit.
    package var safeWALBytes: Int64?
    /// Why the server has given the slot up.
    package var slotInvalidation: String?
    /// Since when nobody has read from the slot; nil while somebody does, and where the server does not tell.
    package var slotInactiveSince: Double?
    package var queueBytes: Int64
    /// What of the queue is not applied yet.
    package var unappliedBytes: Int64?
    package var diskFreeBytes: Int64?
    package var retries = Retries()
    package var publishedAt: Double

    package init(direction: Direction, slotName: String, now: Double) {
        self.direction = direction
        self.state = RoleState(word: .starting, since: now)
        self.totalEvents = .zero
        self.eventsThisRun = 0
        self.runStartedAt = now
        self.eventsPerSecondLastMinute = 0
        self.eventsPerSecondLast3Minutes = 0
        self.eventsPerSecondLast10Minutes = 0
        self.slotName = slotName
        self.loggedLSN = .zero
        self.confirmedLSN = .zero
        self.retainedWALBytes = nil
        self.walStatus = nil
        self.queueBytes = 0
        self.diskFreeBytes = nil
        self.publishedAt = now
    }
}

/// What the apply role publishes, a few times a second, in `metainfo/status.apply.json`.
package struct ApplyStatus: Sendable, Codable, Equatable {
    package var direction: Direction
    package var state: RoleState
    /// Changes applied in this direction, over all runs; as the database's own metadata tables say.
    package var totalEvents: ChangeCounts
    package var eventsThisRun: Int64
    package var runStartedAt: Double
    package var eventsPerSecondLastMinute: Double
    package var eventsPerSecondLast3Minutes: Double
    package var eventsPerSecondLast10Minutes: Double
    package var appliedLSN: LSN
    /// The lanes that are at work now; nil where that is not known.
    package var lanes: Int?
    /// Seconds from the last applied commit on the origin to its commit here, by the origin's clock.
    package var commitLagSeconds: Double?
    package var retries = Retries()
    package var publishedAt: Double

    package init(direction: Direction, now: Double) {
        self.direction = direction
        self.state = RoleState(word: .starting, since: now)
        self.totalEvents = .zero
        self.eventsThisRun = 0
        self.runStartedAt = now
        self.eventsPerSecondLastMinute = 0
        self.eventsPerSecondLast3Minutes = 0
        self.eventsPerSecondLast10Minutes = 0
        self.appliedLSN = .zero
        self.commitLagSeconds = nil
        self.publishedAt = now
    }
}

/// Why a table's changes are not applied.
package struct TableNote: Sendable, Equatable {
    package enum Word: String, Sendable {
        /// For now: its changes wait.
        case held
        /// Its changes are being applied from where its hold began.
        case catchingUp = "catching up"
        /// For good, by the operator.
        case excluded
        /// It came to be after the start, and nothing of it is migrated.
        case new
    }

    package let word: Word
    package let reason: String
    package let remedy: String
    package let since: Double

    package init(word: Word, reason: String, remedy: String = "", since: Double) {
        self.word = word
        self.reason = reason
        self.remedy = remedy
        self.since = since
    }
}

/// One table's progress.
package struct TableStatus: Sendable, Equatable {
    package var name: QualifiedName
    package var rowsEstimate: Int64
    package var exportedRows: Int64
    package var importedRows: Int64
    package var snapshotIsDone: Bool
    /// Changes so far, both directions apart.
    package var exported: [Direction: ChangeCounts]
    package var imported: [Direction: ChangeCounts]
    /// Changes that could not be applied.
    package var incidents: [Direction: IncidentCounts]
    /// Why its changes are not applied; nil where they are.
    package var note: TableNote?

    package init(
        name: QualifiedName, rowsEstimate: Int64 = 0, exportedRows: Int64 = 0, importedRows: Int64 = 0,
        snapshotIsDone: Bool = false, exported: [Direction: ChangeCounts] = [:],
        imported: [Direction: ChangeCounts] = [:], incidents: [Direction: IncidentCounts] = [:]
    ) {
        self.name = name
        self.rowsEstimate = rowsEstimate
        self.exportedRows = exportedRows
        self.importedRows = importedRows
        self.snapshotIsDone = snapshotIsDone
        self.exported = exported
        self.imported = imported
        self.incidents = incidents
    }

    /// Changes exported and neither imported nor set aside yet.
    package func remaining(_ direction: Direction) -> Int64 {
        (exported[direction]?.total ?? 0) - (imported[direction]?.total ?? 0)
            - (incidents[direction]?.setAside ?? 0)
    }
}

/// A cutover as it stands.
package struct CutoverStatus: Sendable, Equatable {
    /// yb-voyager's three words, and ours for one that was taken back.
    package enum Word: String, Sendable {
        case notInitiated = "NOT_INITIATED"
        case initiated = "INITIATED"
        case completed = "COMPLETED"
        case aborted = "ABORTED"
    }

    package var to: Side
    package var word: Word
    package var requestedAt: Double?
    package var releasedAt: Double?
    package var steps: [CutoverStepStatus]
    /// Waiting for `approveRelease`.
    package var isHeld: Bool
    /// Why the last one was taken back.
    package var abortReason: String?

    package init(
        to: Side, word: Word = .notInitiated, requestedAt: Double? = nil, releasedAt: Double? = nil,
        steps: [CutoverStepStatus] = [], isHeld: Bool = false, abortReason: String? = nil
    ) {
        self.to = to
        self.word = word
        self.requestedAt = requestedAt
        self.releasedAt = releasedAt
        self.steps = steps
        self.isHeld = isHeld
        self.abortReason = abortReason
    }

    /// Whether one key still takes all of it back.
    package var canAbort: Bool { word == .initiated }
}

package struct CutoverStepStatus: Sendable, Equatable {
    package enum State: String, Sendable, Codable {
        case pending
        case running
        case done
        case skipped
        case failed
        case undone
    }

    package var title: String
    package var state: State
    package var startedAt: Double?
    package var endedAt: Double?
    /// What it found or did: `barrier at 0/3A1C20`.
    package var detail: String

    package init(
        title: String, state: State = .pending, startedAt: Double? = nil, endedAt: Double? = nil,
        detail: String = ""
    ) {
        self.title = title
        self.state = state
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.detail = detail
    }
}

/// A line of the event log.
package struct LogEvent: Sendable, Equatable, Identifiable {
    package enum Level: String, Sendable, Codable {
        case info
        case warning
        case error
    }

    package let id: Int64
    package let at: Double
    package let level: Level
    /// `capture`, `apply`, `cutover`, `schema`, `operator` …
    package let origin: String
    package let message: String

    package init(id: Int64, at: Double, level: Level, origin: String, message: String) {
        self.id = id
        self.at = at
        self.level = level
        self.origin = origin
        self.message = message
    }
}
