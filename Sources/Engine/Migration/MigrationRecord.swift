import Foundation
import Journal
import Records

/// The state of a migration: one document of the journal, changed only in a transaction of it.
package struct MigrationRecord: Codable, Sendable, Equatable {
    package static let key = "migration_status"

    package var uuid: String
    package var createdAt: Double
    /// Changed by `take` alone, as `MigrationMachine` decides.
    package private(set) var phase: Phase = .prepare
    package var isPaused = false
    /// Number of times the operator has resumed roles that stopped.
    package var resumeCount = 0
    package var forms = DatabaseForms.empty
    package var sourceIsKnown = false
    package var targetIsKnown = false
    /// Value of `databaseIdentity` when the database was first used.
    package var sourceIdentity: String?
    package var targetIdentity: String?
    package var tableGlobs: [String] = []
    package var excludedTableGlobs: [String] = []
    package var jobs = 4
    /// Nil in records that are older than the choice.
    private var chosenApplyMode: ApplyMode?
    package var applyMode: ApplyMode {
        get { chosenApplyMode ?? .transactional }
        set { chosenApplyMode = newValue }
    }
    private var chosenChannelKeys: ChannelKeys?
    package var channelKeys: ChannelKeys {
        get { chosenChannelKeys ?? .auto }
        set { chosenChannelKeys = newValue }
    }
    private var chosenDiskLimits: DiskLimits?
    package var diskLimits: DiskLimits {
        get { chosenDiskLimits ?? DiskLimits() }
        set { chosenDiskLimits = newValue }
    }
    package var fallBackEnabled = false
    package var legs: [Leg] = []
    package var cutovers: [Cutover] = []
    /// Our changes to the databases, oldest first.
    package var changes: [RecordedChange] = []
    /// Tables that are set aside, excluded, or created after the start.
    package var tablesSetAside: [SetAsideTable]?
    package var excludedTables: [ExcludedTable]?
    package var newTables: [NewTable]?
    /// Tables that were altered on a side while they were streamed. An ALTER TABLE may change existing rows,
    /// by a default or by USING; such changes are not streamed.
    package var reshapedTables: [QualifiedName]?
    /// The differences between the catalogs that the operator accepts.
    package var acceptedDifferences: [AcceptedDifference]?
    package var accepted: [AcceptedDifference] { acceptedDifferences ?? [] }
    /// The alerts that operators have acknowledged, while they last.
    package var acknowledgements: [Acknowledgement]?
    /// The policy for changes that cannot be applied; nil until the operator chooses.
    package var incidents: IncidentRules?
    /// The console that steers; nil until one does. It counts only while that console is open.
    package var wheel: WheelHolder?
    /// Whether the operator has stopped the worker, and nobody has started one since; nil for no.
    package var isWorkerStopped: Bool?
    /// The verification that the worker runs; nil until the operator chooses.
    package var verification: VerificationChoice?
    package var startedAt: Double?
    package var snapshotEndedAt: Double?

    /// The keys in the journal. `tableHolds` is the name of an earlier version.
    private enum CodingKeys: String, CodingKey {
        case uuid, createdAt, phase, isPaused, resumeCount, forms, sourceIsKnown, targetIsKnown
        case sourceIdentity, targetIdentity, tableGlobs, excludedTableGlobs, jobs, chosenApplyMode
        case chosenDiskLimits, chosenChannelKeys, fallBackEnabled, legs, cutovers, changes
        case tablesSetAside = "tableHolds"
        case excludedTables, newTables, reshapedTables, acceptedDifferences, acknowledgements, incidents,
            wheel, isWorkerStopped, verification,
            startedAt, snapshotEndedAt
    }

    package init(uuid: String, createdAt: Double) {
        self.uuid = uuid
        self.createdAt = createdAt
    }

    package var incidentRules: IncidentRules { incidents ?? IncidentRules() }

    package var currentLeg: Leg? { legs.last }

    package func hasEnded(_ leg: Leg) -> Bool { hasEnded(leg: leg.number) }

    package func hasEnded(leg number: Int) -> Bool { legs.first { $0.number == number }?.endedAt != nil }

    /// The cutover that is neither released nor aborted; nil if there is none.
    package var openCutover: Cutover? {
        guard let last = cutovers.last, last.isOpen else { return nil }
        return last
    }

    /// The side that the application is to write to.
    package var route: ApplicationRoute {
        switch phase {
        case .prepare, .schema, .snapshot, .streaming: .source
        case .cutoverToTarget, .cutoverToSource: .neither
        case .fallBack: .target
        case .complete, .ended:
            cutovers.last { $0.releasedAt != nil }?.options.to == .target ? .target : .source
        }
    }

    /// The schemas as the catalogs spell them.
    package var schemas: [String] { forms.schemas.isEmpty ? ["public"] : forms.schemas }
}

// MARK: The phase

extension MigrationRecord {
    /// Takes an event: asks the machine, moves to the new phase, and performs the actions.
    ///
    /// - Returns: whether the phase moved.
    /// - Throws: `ImpossibleEvent` if the event cannot come in this phase; nothing is changed then.
    @discardableResult
    package mutating func take(_ event: MigrationEvent, at now: Double) throws(ImpossibleEvent) -> Bool {
        switch MigrationMachine.answer(to: event, in: phase) {
        case .stay: return false
        case .impossible: throw ImpossibleEvent(event: event, phase: phase)
        case .move(let next, let actions):
            phase = next
            for action in actions { perform(action, at: now) }
            return true
        }
    }

    private mutating func perform(_ action: MigrationAction, at now: Double) {
        switch action {
        case .noteStart: startedAt = startedAt ?? now
        case .noteSnapshotEnd: snapshotEndedAt = now
        case .beginLeg(let direction, let start): beginLeg(direction, start)
        case .discardLegs: legs = []
        case .endLeg: if let last = legs.indices.last { legs[last].endedAt = now }
        }
    }

    private mutating func beginLeg(_ direction: Direction, _ start: LegStart) {
        var next = Leg(
            number: (legs.last?.number ?? 0) + 1, direction: direction, start: start, uuid: uuid)
        switch start {
        case .snapshot, .files:
            // Rows are copied once: only the first leg starts with them.
            guard legs.isEmpty else { return }
        case .position:
            next.consistentPoint = cutovers.last?.fallBackConsistentPoint
            next.origin.barriers = cutovers.last?.fallBackHasBarrierRows.map { $0 ? .row : .message }
        }
        next.origin.database = direction.origin == .source ? sourceIdentity : targetIdentity
        if direction == .reverse { fallBackEnabled = true }
        legs.append(next)
    }
}
