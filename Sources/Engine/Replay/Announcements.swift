import Postgres
import Records

/// The relations that the log has announced, on their way to the writer, and which of their changes are passed over.
///
/// A relation reaches the writer with the first change of it that is to be applied: what was applied before may have been to
/// a table that is no longer so.
final class Announcements {
    private let writer: any TransactionWriter
    private let schema: SchemaChangeDetector
    private var gate: RelationFilter
    private let isGated: Bool
    /// Relations that were announced, and of which no change has come since that is to be applied.
    private var unannounced: [UInt32: RelationMessage] = [:]
    /// Whether `isToBeApplied` is to be asked; where not, every change is to be applied, to a table the writer knows. A
    /// stored value, because it is looked at for every change.
    private(set) var areAsked: Bool

    init(to writer: any TransactionWriter, _ channels: OpenChannels, schema: SchemaChangeDetector) {
        self.writer = writer
        self.schema = schema
        let gate = RelationFilter(channels)
        self.gate = gate
        isGated = gate.isActive
        areAsked = gate.isActive
    }

    /// A relation as the log announces it.
    func take(_ relation: RelationMessage) {
        unannounced[relation.id] = relation
        areAsked = true
        gate.announce(relation)
    }

    /// Whether anything is left to do of a change of the transaction that commits at `lsn`; announces its tables to the
    /// writer before the first.
    func isToBeApplied(_ message: RawSpan, in lsn: LSN) throws -> Bool {
        var cursor = MessageCursor()
        guard try cursor.byte(in: message) != MessageKind.truncate else {
            guard case .truncate(let ids, _) = try ChangeMessage.decode(message) else { return true }
            for id in ids { try announce(id, in: lsn) }
            return ids.contains { !gate.passes($0, lsn) }
        }
        let id = try cursor.uint32(in: message)
        if gate.passes(id, lsn) {
            if let relation = unannounced[id], gate.takeNewlyAnnounced(id) { try schema.noteSetAside(relation) }
            return false
        }
        try announce(id, in: lsn)
        return true
    }

    private func announce(_ id: UInt32, in lsn: LSN) throws {
        guard let relation = unannounced[id] else { return }
        if !gate.passes(id, lsn) {
            try schema.check(relation, isCatchingUp: gate.isCatchingUp(relation), in: lsn)
        }
        try writer.announce(relation, in: lsn)
        unannounced[id] = nil
        areAsked = isGated || !unannounced.isEmpty
    }
}
