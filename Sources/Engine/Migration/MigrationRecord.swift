import Foundation
import Journal
import Postgres
import Records

/// The state of a migration as the journal keeps it, one document, changed only under the journal's lock.
package struct MigrationRecord: Codable, Sendable, Equatable {
    package static let key = "migration_status"

    package var uuid: String
    package var createdAt: Double
    package var phase: Phase = .prepare
    package var isPaused = false
    /// Counts the operator's calls to go on after a role stopped.
    package var resumeCount = 0
    package var forms = DatabaseForms.empty
    package var sourceIsKnown = false
    package var targetIsKnown = false
    /// What `databaseIdentity` said when the database was first used.
    package var sourceIdentity: String?
    package var targetIdentity: String?
    package var tableGlobs: [String] = []
    package var excludedTableGlobs: [String] = []
    package var jobs = 4
    /// Absent in records of before there was a choice.
    private var chosenApplyMode: ApplyMode?
    package var applyMode: ApplyMode {
        get { chosenApplyMode ?? .transactional }
        set { chosenApplyMode = newValue }
    }
    private var chosenDiskLimits: DiskLimits?
    package var diskLimits: DiskLimits {
        get { chosenDiskLimits ?? DiskLimits() }
        set { chosenDiskLimits = newValue }
    }
    package var fallBackEnabled = false
    package var legs: [Leg] = []
    package var cutovers: [Cutover] = []
    /// What was changed on a database for our own needs, oldest first.
    package var changes: [RecordedChange] = []
    /// Tables that do not fit, those the operator has left out, and those that came to be after the start.
    package var tablesSetAside: [SetAsideTable]?
    package var excludedTables: [ExcludedTable]?
    package var newTables: [NewTable]?
    /// Tables that were changed on a side while they were streamed. What a change of the schema does to the rows that are there
    /// already, by a default or USING, is not streamed.
    package var reshapedTables: [QualifiedName]?
    /// What to do with changes that cannot be applied; nil until the operator says.
    package var incidents: IncidentRules?
    package var startedAt: Double?
    package var snapshotEndedAt: Double?

    package init(uuid: String, createdAt: Double) {
        self.uuid = uuid
        self.createdAt = createdAt
    }

    package var incidentRules: IncidentRules { incidents ?? IncidentRules() }

    package var currentLeg: Leg? { legs.last }

    package func hasEnded(_ leg: Leg) -> Bool { hasEnded(leg: leg.number) }

    func hasEnded(leg number: Int) -> Bool { legs.first { $0.number == number }?.endedAt != nil }

    /// The cutover under way.
    package var openCutover: Cutover? {
        guard let last = cutovers.last, last.isOpen else { return nil }
        return last
    }

    /// Where the application is to write.
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

/// A stretch of the migration in which the changes run one way.
package struct Leg: Codable, Sendable, Equatable {
    package let number: Int
    package let direction: Direction
    package let slotName: String
    package let publicationName: String
    /// Where the slot begins; nil until it is made.
    package var consistentPoint: LSN?
    /// Barriers are rows of a table of ours, for logical messages do not come through; nil, as in records of before there was a
    /// choice, where they do.
    package var barriersAreRows: Bool?
    /// The timeline the origin wrote on when it was last streamed from; nil before.
    package var originTimeline: UInt32?
    /// Why nothing more can be taken of the origin; nil where that is not so.
    package var originLoss: String?
    /// Set by the release of the cutover that ends it.
    package var endedAt: Double?
    /// Set when slot and publication of the leg are gone.
    package var retiredAt: Double?

    package init(number: Int, direction: Direction, uuid: String) {
        self.number = number
        self.direction = direction
        let mark = uuid.replacingOccurrences(of: "-", with: "").prefix(16)
        slotName = "switchback_\(mark)_\(number)"
        publicationName = "switchback_\(mark)_\(number)"
    }
}

/// Something of ours on a database, with the statement that takes it back.
package struct RecordedChange: Codable, Sendable, Equatable {
    package var side: Side
    /// In the operator's words: `slot switchback_1 `.
    package var what: String
    package var undo: String
    package var madeAt: Double
    package var undoneAt: Double?
}
