import Engine
import Records

/// The engine's answer about a request that the operator considers: a refusal, or the plan.
package struct Inquiry: Equatable, Sendable {
    package var request: Request
    package var refusal: String?
    package var plan: [PlanLine]
    /// The gates of a cutover with the answers of the guide.
    package var gates: [Gate] = []
    /// Why the plan could not be read.
    package var planTrouble: String?

    package init(request: Request, refusal: String? = nil, plan: [PlanLine] = [], planTrouble: String? = nil)
    {
        self.request = request
        self.refusal = refusal
        self.plan = plan
        self.planTrouble = planTrouble
    }
}

/// The values of one frame: everything read from the engine at one moment, and the clock. The views draw from
/// it and from `ConsoleState`.
package struct ConsoleData: Equatable, Sendable {
    package var status: MigrationStatus?
    /// Why the last reading of the status failed.
    package var trouble: String?
    package var events: [LogEvent] = []
    /// The newest incidents, read while their view is open.
    package var incidents: [Incident] = []
    package var forms: DatabaseForms?
    package var inquiry: Inquiry?
    /// The record of the request that the open guide waits for.
    package var record: RequestRecord?
    /// The newest record of each request that a guide can leave, by title.
    package var newest: [String: RequestRecord] = [:]
    /// The differences between the catalogs that are not accepted, read while their page is in view.
    package var differences: [AcceptedDifference] = []
    /// The tables of the source that are offered, read while their page is in view; nil if none were read.
    package var offers: [OfferedTable]?
    /// The findings of the schema analysis, read while their page is in view.
    package var schemaReview: SchemaReview?
    /// The rows that differ, read while their page is in view.
    package var foundDifferences: FoundDifferences?
    /// The themes, read while their page is in view.
    package var themes: [ThemeSearch.Entry] = []
    /// The migrations of the list, read while its page is in view.
    package var migrations: [MigrationSummary] = []
    /// What that list does not have; nil if it is whole.
    package var migrationsLeftOut: String?
    /// The directory below which the list looks.
    package var workingDirectory = ""
    package var own = OwnSettings(files: OwnFiles(folder: "/nonexistent"))
    /// The name of the theme that the console paints with.
    package var themeName = Theme.terminal.name
    package var monitor = WorkerMonitor()
    package var workerIsAlive = false
    package var now: Double
    package var utcOffset: Int
    package var readOnly: Bool
    package var hasSourcePassword: Bool
    package var hasTargetPassword: Bool

    package init(
        status: MigrationStatus? = nil, now: Double, utcOffset: Int = 0, readOnly: Bool = false,
        hasSourcePassword: Bool = false, hasTargetPassword: Bool = false
    ) {
        self.status = status
        self.now = now
        self.utcOffset = utcOffset
        self.readOnly = readOnly
        self.hasSourcePassword = hasSourcePassword
        self.hasTargetPassword = hasTargetPassword
    }

    /// The direction of the numbers on the screen.
    package var direction: Direction {
        guard let status else { return .forward }
        return status.phase.direction ?? status.capture?.direction ?? .forward
    }

    /// Age from which the numbers are called stale.
    package static let staleAfterSeconds = 3.0

    /// Age of the numbers: of the older of the two roles' publications while the phase has roles at work.
    package var dataAge: Double? {
        guard let status else { return nil }
        guard status.phase.direction != nil else { return abs(now - status.readAt) }
        let published = [
            status.capture.flatMap { $0.state.word == .done ? nil : $0.publishedAt },
            status.apply.flatMap { $0.state.word == .done ? nil : $0.publishedAt },
        ].compactMap(\.self)
        // A future timestamp means that the clock was set back.
        return published.map { abs(now - $0) }.max()
    }

    package var isStale: Bool { (dataAge ?? 0) > ConsoleData.staleAfterSeconds }

    /// Whether the counts of changes are those of now: both roles publish, the origin is read, and both
    /// servers answer. Nothing moves in a phase without changes, so there nothing ages either.
    package func isFresh(_ status: MigrationStatus) -> Bool {
        guard status.phase.direction != nil else { return true }
        return !isStale && status.isOriginRead && !Side.allCases.contains { status.server($0).isAway }
    }
}

extension MigrationStatus {
    /// The newest cutover to that side.
    package func cutover(to side: Side) -> CutoverStatus? { cutovers.last { $0.to == side } }

    /// The cutover under way.
    package var cutoverUnderWay: CutoverStatus? { cutovers.last { $0.word == .initiated } }

    /// The number of tables whose snapshot is complete, and the number of all tables.
    package var snapshotProgress: (done: Int, of: Int) {
        (tables.count { $0.snapshotIsDone }, tables.count)
    }

    /// Capture's numbers if they are of that direction. Those of an earlier leg say nothing about this one.
    package func capture(_ direction: Direction) -> CaptureStatus? {
        capture.flatMap { $0.direction == direction ? $0 : nil }
    }

    /// Apply's numbers if they are of that direction.
    package func apply(_ direction: Direction) -> ApplyStatus? {
        apply.flatMap { $0.direction == direction ? $0 : nil }
    }
}

extension Phase {
    /// Whether this phase has work for a worker without a request.
    package var wantsWorker: Bool {
        switch self {
        case .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource: true
        case .prepare, .schema, .complete, .ended: false
        }
    }

    /// The phase's name in the identity bar.
    package var word: String {
        switch self {
        case .prepare: "PREPARE"
        case .schema: "SCHEMA"
        case .snapshot: "SNAPSHOT"
        case .streaming: "STREAMING"
        case .cutoverToTarget: "CUTOVER TO TARGET"
        case .fallBack: "FALL-BACK"
        case .cutoverToSource: "CUTOVER TO SOURCE"
        case .complete: "COMPLETE"
        case .ended: "ENDED"
        }
    }
}

extension ConsoleData {
    /// Leaves a request, with its plan if that is on the screen.
    func leaving(_ request: Request) -> Action {
        guard let inquiry, inquiry.request == request, inquiry.planTrouble == nil else {
            return .leave(request)
        }
        return .leaveSeen(request, PlanHash(inquiry.plan))
    }
}
