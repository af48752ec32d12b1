import Records

/// The relation messages of the log on their way to the writer, and the decision which changes are passed
/// over.
///
/// The writer gets a relation message with the first change of it that is to be applied. Earlier changes may
/// be of a form of the table that the destination no longer has.
final class PendingRelations {
    private let writer: any TransactionWriter
    private let schema: SchemaChangeDetector
    private var filter: RelationFilter
    private let isFiltering: Bool
    /// Relations that the log has described, and of which no change was to be applied since.
    private var unannounced: [UInt32: RelationMessage] = [:]
    /// Whether `isToBeApplied` has to be asked. If not, every change is to be applied and the writer has its
    /// relation. A stored value, because it is read for every change.
    private(set) var mustAsk: Bool

    init(to writer: any TransactionWriter, _ channels: OpenChannels, schema: SchemaChangeDetector) {
        self.writer = writer
        self.schema = schema
        let filter = RelationFilter(channels)
        self.filter = filter
        isFiltering = filter.isActive
        mustAsk = filter.isActive
    }

    /// Takes a relation message.
    func take(_ relation: RelationMessage) {
        unannounced[relation.id] = relation
        mustAsk = true
        filter.announce(relation)
    }

    /// Whether anything of a change is left to apply. Announces its tables to the writer before their first
    /// change.
    ///
    /// - Parameter lsn: where the transaction of the change commits
    func isToBeApplied(_ message: RawSpan, in lsn: LogPosition) throws -> Bool {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) != MessageKind.truncate else {
            guard case .truncate(let ids, _) = try ChangeMessage.decode(message) else { return true }
            for id in ids { try announce(id, in: lsn) }
            return ids.contains { !filter.passes($0, lsn) }
        }
        let id = try cursor.uint32(in: message)
        if filter.passes(id, lsn) {
            if let relation = unannounced[id], filter.takeNewlyAnnounced(id) {
                try schema.noteSetAside(relation)
            }
            return false
        }
        try announce(id, in: lsn)
        return true
    }

    private func announce(_ id: UInt32, in lsn: LogPosition) throws {
        guard let relation = unannounced[id] else { return }
        if !filter.passes(id, lsn) {
            try schema.check(relation, isCatchingUp: filter.isCatchingUp(relation), in: lsn)
        }
        try writer.announce(relation, in: lsn)
        unannounced[id] = nil
        mustAsk = isFiltering || !unannounced.isEmpty
    }
}
