import Postgres
import Records

/// Which relations' changes are passed over whole, because the table is held or its lanes have them already. A value.
struct RelationGate {
    private let lanes: OpenLanes?
    private let released: Set<QualifiedName>
    private var through: [UInt32: LSN] = [:]
    private var news: Set<UInt32> = []

    /// Without lanes, or where they are level and nothing is held, nothing is passed over.
    init(_ lanes: OpenLanes?) {
        self.lanes = lanes.flatMap { $0.needsSieve ? $0 : nil }
        released = Set(lanes?.plan.held.filter(\.isReleased).map(\.table) ?? [])
    }

    var isActive: Bool { lanes != nil }

    mutating func announce(_ relation: RelationMessage) {
        guard let lanes else { return }
        through[relation.id] = lanes.passedThrough(relation)
        if through[relation.id] == LSN(bytes: .max) { news.insert(relation.id) }
    }

    func passes(_ relation: UInt32, _ lsn: LSN) -> Bool { through[relation].map { $0 >= lsn } ?? false }

    /// Whether a held table was announced since this was asked last.
    mutating func isNewsOfHeld(_ relation: UInt32) -> Bool { news.remove(relation) != nil }

    /// Whether a table comes out of a hold.
    func isCatchingUp(_ relation: RelationMessage) -> Bool { released.contains(relation.name) }
}

extension MigrationRecord {
    /// The tables nothing is applied to, in this leg.
    func tablesToHold(_ leg: Leg) -> Set<QualifiedName> {
        Set(
            setAsideTables.filter { $0.leg == leg.number && !$0.isReleased }.map(\.table)
                + excluded.map(\.table))
    }

    /// Whether other tables are to be held than a plan says, or the operator wants one looked at again.
    func isHeldOtherwise(than plan: LanePlan, _ leg: Leg) -> Bool {
        tablesToHold(leg) != Set(plan.held.filter { !$0.isReleased }.map(\.table))
            || setAsideTables.contains { $0.leg == leg.number && $0.isRetryAsked }
    }
}
