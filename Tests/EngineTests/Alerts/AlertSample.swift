import Records

@testable import Engine

/// A migration that streams without a fault, at second 1000, for tests of the alerts.
struct AlertSample {
    static let now = 1000.0
    static let item: QualifiedName = "public.item"

    var facts: AlertFacts

    init(_ phase: Phase = .streaming) {
        var status = MigrationStatus(
            name: "m", migrationUUID: "u", exportDirectory: "/e", sourcePlace: "old:5432/d",
            targetPlace: "new:5432/d", phase: phase, readAt: Self.now)
        let direction = phase.direction ?? .forward
        var capture = CaptureStatus(direction: direction, slotName: "s", now: 100)
        var apply = ApplyStatus(direction: direction, now: 100)
        (capture.state, apply.state) = (
            RoleState(word: .streaming, since: 100), RoleState(word: .streaming, since: 100)
        )
        (capture.publishedAt, apply.publishedAt) = (Self.now, Self.now)
        (capture.totalEvents, apply.totalEvents) = (ChangeCounts(inserts: 50), ChangeCounts(inserts: 50))
        (capture.walStatus, capture.retainedWALBytes, capture.diskFreeBytes) = ("reserved", 1 << 20, 1 << 40)
        (status.capture, status.apply) = (capture, apply)
        status.processIDs = [.capture: 7, .apply: 7]
        status.tables = [TableStatus(name: Self.item, snapshotIsDone: true)]
        for side in Side.allCases {
            status.servers[side] = ServerHealth(.answers, since: 100, lastAnsweredAt: 999)
        }
        facts = AlertFacts(status)
    }

    var status: MigrationStatus {
        get { facts.status }
        set { facts.status = newValue }
    }

    var alerts: [Alert] { AlertJudge(facts).alerts }
    var ids: [AlertID] { alerts.map(\.id) }

    func alert(_ id: AlertID) -> Alert? { alerts.first { $0.id == id } }

    /// The server of a side does not answer since second 900; its role tries again.
    mutating func loseServer(_ side: Side) {
        status.servers[side] = ServerHealth(
            .away, since: 900, lastAnsweredAt: 899, reason: "Connection refused")
        let role: Role = side == status.direction.origin ? .capture : .apply
        let state = RoleState(word: .retrying, reason: "Connection refused", since: 999)
        switch role {
        case .capture:
            status.capture?.state = state
            status.capture?.retries.add("Connection refused", at: 900, waitMilliseconds: 100)
            status.capture?.retries.add("Connection refused", at: 950, waitMilliseconds: 100)
        case .apply:
            status.apply?.state = state
            status.apply?.retries.add("Connection refused", at: 900, waitMilliseconds: 100)
            status.apply?.retries.add("Connection refused", at: 950, waitMilliseconds: 100)
        }
    }

    /// The import stops at a change, and the export waits for it.
    mutating func stopAtIncident() {
        status.apply?.state = RoleState(word: .stopped, reason: "the change cannot be applied", since: 950)
        status.capture?.state = RoleState(
            word: .waiting, reason: "for import data to target, which has stopped: …", since: 950)
        status.tables[0].incidents[.forward] = IncidentCounts(stopped: 1)
        facts.newestIncident = Incident(
            leg: 1, direction: .forward, table: Self.item, operation: .update,
            key: [.init(column: "id", value: "secret")], commitLSN: LogPosition(number: 9), change: 1,
            sqlState: "", constraint: nil, reason: "the row it changes is not there", at: 949,
            handling: .stopped)
    }

    /// Many changes wait, and the import has been slower than the export for minutes.
    mutating func fallBehind() {
        status.capture?.totalEvents = ChangeCounts(inserts: 1_000_050)
        status.capture?.eventsPerSecondLastMinute = 700
        status.capture?.eventsPerSecondLast3Minutes = 700
        status.apply?.eventsPerSecondLastMinute = 300
        status.apply?.eventsPerSecondLast3Minutes = 300
    }

    /// A cutover to the next side has this step under way since second 980, behind its fence.
    mutating func cutOver(at step: CutoverStep, detail: String = "", abortsAt: Double? = nil) {
        let to: Side = status.direction == .forward ? .target : .source
        var cutover = Cutover(
            token: "t", options: CutoverOptions(to: to, requiresApproval: true), requestedAt: 960,
            requestedBy: "ada")
        for each in CutoverStep.steps(cutover.options) {
            if each == step { break }
            cutover.set(each, .running, now: 970)
            cutover.set(each, .done, now: 971)
        }
        cutover.set(step, .running, detail: detail, now: 980)
        cutover.fencedAt = cutover.isDone(.fence) || step == .fence ? 971 : nil
        status.phase = to == .target ? .cutoverToTarget : .cutoverToSource
        status.cutovers = [cutover.status]
        if let index = status.cutovers[0].steps.firstIndex(where: { $0.step == step }) {
            status.cutovers[0].steps[index].abortsAt = abortsAt
        }
    }

    static func writer(_ processID: String, ageSeconds: Int64) -> OpenWriter {
        OpenWriter(
            processID: processID, user: "shop", application: "batch", ageSeconds: ageSeconds,
            tables: "public.item")
    }
}
