import Postgres
import Records

/// Which relations' changes are passed over whole, because the table is held or its channels have them already. A value.
struct RelationFilter {
    private let channels: OpenChannels?
    private let released: Set<QualifiedName>
    private var through: [UInt32: LSN] = [:]
    private var news: Set<UInt32> = []

    /// Without channels, or where they are level and nothing is held, nothing is passed over.
    init(_ channels: OpenChannels?) {
        self.channels = channels.flatMap { $0.needsSieve ? $0 : nil }
        released = Set(channels?.plan.tablesSetAside.filter(\.isReleased).map(\.table) ?? [])
    }

    var isActive: Bool { channels != nil }

    mutating func announce(_ relation: RelationMessage) {
        guard let channels else { return }
        through[relation.id] = channels.passedThrough(relation)
        if through[relation.id] == LSN(bytes: .max) { news.insert(relation.id) }
    }

    func passes(_ relation: UInt32, _ lsn: LSN) -> Bool { through[relation].map { $0 >= lsn } ?? false }

    /// Whether a held table was announced since this was asked last.
    mutating func takeNewlyAnnounced(_ relation: UInt32) -> Bool { news.remove(relation) != nil }

    /// Whether a table comes out of a hold.
    func isCatchingUp(_ relation: RelationMessage) -> Bool { released.contains(relation.name) }
}

extension MigrationRecord {
    /// The tables nothing is applied to, in this leg.
    func tablesToSetAside(_ leg: Leg) -> Set<QualifiedName> {
        Set(
            setAsideTables.filter { $0.leg == leg.number && !$0.isReleased }.map(\.table)
                + excluded.map(\.table))
    }

    /// Whether other tables are to be held than a plan says, or the operator wants one looked at again.
    func setsAsideOtherTables(than plan: ChannelPlan, _ leg: Leg) -> Bool {
        tablesToSetAside(leg) != Set(plan.tablesSetAside.filter { !$0.isReleased }.map(\.table))
            || setAsideTables.contains { $0.leg == leg.number && $0.isRetryAsked }
    }
}
