import Records

/// The relations all of whose changes are passed over, because the table is set aside or its channels have
/// applied them already. A value.
struct RelationFilter {
    private let channels: OpenChannels?
    private let released: Set<QualifiedName>
    private var through: [UInt32: LogPosition] = [:]
    /// Relations of tables set aside that were announced and not yet taken.
    private var newlyAnnounced: Set<UInt32> = []

    /// Makes a filter that passes nothing over if there are no channels, or if they are level and no table is
    /// set aside.
    init(_ channels: OpenChannels?) {
        self.channels = channels.flatMap { $0.needsFilter ? $0 : nil }
        released = Set(channels?.plan.tablesSetAside.filter(\.isReleased).map(\.table) ?? [])
    }

    var isActive: Bool { channels != nil }

    mutating func announce(_ relation: RelationMessage) {
        guard let channels else { return }
        through[relation.id] = channels.passedThrough(relation)
        if through[relation.id] == LogPosition.last { newlyAnnounced.insert(relation.id) }
    }

    func passes(_ relation: UInt32, _ lsn: LogPosition) -> Bool {
        through[relation].map { $0 >= lsn } ?? false
    }

    /// Returns whether a table set aside was announced since the last call.
    mutating func takeNewlyAnnounced(_ relation: UInt32) -> Bool { newlyAnnounced.remove(relation) != nil }

    /// Returns whether a table was released and its changes are being applied again.
    func isCatchingUp(_ relation: RelationMessage) -> Bool { released.contains(relation.name) }
}
