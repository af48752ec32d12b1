import Engine
import Records

/// The writer of transactions to a memory server: what was taken, and the watermark, in one step.
final class MemoryWriter: TransactionWriter {
    private let server: MemoryServer
    private let uuid: String
    private var channels: [ChannelPosition]
    private let filter: ChangeFilter?
    private var relations: [UInt32: RelationMessage] = [:]
    private var changes: [MemoryChange] = []
    private var counts: [QualifiedName: ChangeCounts] = [:]
    private(set) var pendingBytes = 0

    init(_ server: MemoryServer, uuid: String, _ channels: OpenChannels) {
        self.server = server
        self.uuid = uuid
        self.channels = channels.active
        filter = channels.needsFilter ? ChangeFilter(channels) : nil
    }

    var pendingChanges: Int { changes.count }
    var isSettled: Bool { true }
    var awaited: [(socket: Int32, events: Int16)] { [] }
    var foldableChanges: Int? { nil }

    func announce(_ relation: RelationMessage, in lsn: LogPosition) throws {
        filter?.announce(relation)
        relations[relation.id] = relation
    }

    func take(_ message: RawSpan, in lsn: LogPosition, number: Int) throws {
        let share = try filter?.share(message, in: lsn) ?? .all
        guard share == .all else {
            guard share != .none else { return }
            throw MemoryError.refused("a row that moves between channels is not supported in memory")
        }
        pendingBytes += message.byteCount
        switch try ChangeMessage.decode(message) {
        case .insert(let id, let new):
            let name = try relation(id).name
            changes.append(.insert(name, row(new, message)))
            counts[name, default: .zero].inserts += 1
        case .update(let id, let old, _, let new):
            let relation = try relation(id)
            changes.append(
                .update(relation.name, key: key(old ?? new, relation, message), row(new, message)))
            counts[relation.name, default: .zero].updates += 1
        case .delete(let id, let old, _):
            let relation = try relation(id)
            changes.append(.delete(relation.name, key: key(old, relation, message)))
            counts[relation.name, default: .zero].deletes += 1
        case .truncate(let ids, _): for id in ids { changes.append(.truncate(try relation(id).name)) }
        case .begin, .commit, .origin, .relation, .type, .message: break
        }
    }

    func writePart(of lsn: LogPosition) throws {}

    func commit(through lsn: LogPosition) throws -> [AppliedWindow] {
        let moving = channels.filter { $0.lsn <= lsn }
        let (uuid, changes, counts) = (uuid, changes, counts)
        do {
            try server.with { state in
                if state.take({ $0 == .commitLost }) != nil { throw MemoryError.lost }
                var metadata = state.migrations[uuid] ?? MemoryMetadata()
                guard metadata.move(moving, to: lsn, counting: counts) else {
                    throw MemoryError.watermarkMoved
                }
                try state.apply(changes)
                state.migrations[uuid] = metadata
                if state.take({ $0 == .commitAnswerLost }) != nil { throw MemoryError.lost }
            }
        } catch MemoryError.watermarkMoved {
            throw ApplyInterruption.watermarkMoved
        } catch MemoryError
            .refused(let reason)
        {
            throw ApplyIncident(tables: counts.keys.sorted(), commitLSN: lsn, reason: reason)
        }
        for index in channels.indices where channels[index].lsn <= lsn { channels[index].lsn = lsn }
        self.changes = []
        self.counts = [:]
        pendingBytes = 0
        return [AppliedWindow(lsn: lsn, counts: counts)]
    }

    func settle(wait: Bool) throws -> [AppliedWindow] { [] }

    private func relation(_ id: UInt32) throws -> RelationMessage {
        guard let relation = relations[id] else {
            throw MalformedMessage(offset: 1, expected: "a relation that was announced before")
        }
        return relation
    }

    private func row(_ values: [TupleValue], _ message: RawSpan) -> [String?] {
        values.map { if case .text(let range) = $0 { MessageCursor().text(range, in: message) } else { nil } }
    }

    private func key(_ values: [TupleValue], _ relation: RelationMessage, _ message: RawSpan) -> [String?] {
        zip(relation.columns, row(values, message)).filter(\.0.isKey).map(\.1)
    }
}
