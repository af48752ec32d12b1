import Engine
import Postgres
import Records

/// The replication connection that makes a slot and keeps its exported snapshot: the server drops the
/// snapshot when the connection ends, or runs another command.
final class SnapshotKeeper {
    let stream: ReplicationStream

    init(_ stream: consuming ReplicationStream) { self.stream = stream }
}

/// An exported snapshot with the connection that keeps it.
final class ExportedSnapshot: OriginSnapshot {
    private let keeper: SnapshotKeeper
    let position: LSN
    let shared: (any SharedSnapshot)?

    init(_ slot: CreatedSlot, _ keeper: SnapshotKeeper, of origin: PostgresOrigin) {
        self.keeper = keeper
        position = slot.consistentPoint
        shared = slot.snapshotName.map { SnapshotName(origin: origin, name: $0) }
    }
}

/// The name of an exported snapshot, under which any session of the same database can read it.
struct SnapshotName: SharedSnapshot {
    let origin: PostgresOrigin
    let name: String

    func reader() throws -> any SnapshotReader {
        let reader = try origin.context.connect(origin.side, as: "snapshot")
        try reader.execute("begin isolation level repeatable read read only", doing: "begin the snapshot")
        do {
            try reader.execute("set transaction snapshot \(quoteLiteral(name))", doing: "take the snapshot")
        } catch {
            guard error.condition.isPassing else { throw SnapshotLost(cause: error) }
            throw error
        }
        return ChunkReader(reader)
    }
}

/// The exported snapshot is gone: the connection that kept it was lost. The copy begins again under a later
/// one.
struct SnapshotLost: DatabaseError {
    let cause: PostgresError

    var condition: ErrorCondition { .snapshotGone }
    var refusesStatement: Bool { false }
    var refusesLogin: Bool { false }
    var streamFault: StreamFault? { nil }
    var reason: String { description }

    var description: String { "the snapshot is gone with the connection that kept it: \(cause)" }
}
