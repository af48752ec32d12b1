import Engine
import Postgres
import Records

/// The comparison of tables, and the removal of what is ours.
extension PostgresSide {
    /// Names the sessions of the end.
    private static let step = "end"

    func tables() throws -> [Table] {
        try context.connect(side, as: "cutover").tables(inSchemas: try context.record().schemas)
    }

    func checksums(of tables: [Table], meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: String]
    {
        try TableChecksums.read(
            try context.connect(side, as: "cutover"), tables: tables, stop: proceed)
    }

    func checkIdentity() throws {
        try context.checkIdentity(side, try context.connectAlone(side, step: Self.step))
    }

    func undoChanges() throws {
        let connection = try context.connectAlone(side, step: Self.step)
        try TableFence(context: context, side: side).open(on: connection)
        try DatabaseChanges(context).undo(side, on: connection) { _ in true }
    }

    func stashedChanges(of leg: Leg) throws -> any StashedChanges {
        let connection = try context.connectAlone(side, step: Self.step)
        // An older version's metadata has no table of stashed changes.
        try context.ensureMetadata(side, connection)
        return StashConnection(connection, migration: try context.record().uuid, leg: leg.number)
    }

    func removeMetadata() throws {
        try context.connectAlone(side, step: Self.step).removeMetadata(
            migration: try context.record().uuid)
    }
}

/// The stashed changes of one leg, over a connection of their own.
private final class StashConnection: StashedChanges {
    private let connection: PostgresConnection
    private let uuid: String
    private let leg: Int

    init(_ connection: consuming PostgresConnection, migration uuid: String, leg: Int) {
        self.connection = connection
        self.uuid = uuid
        self.leg = leg
    }

    func stashedChanges(limit: Int) throws -> [StashedChange] {
        try connection.stashedChanges(migration: uuid, leg: leg, limit: limit)
    }

    func markCarried(_ changes: [StashedChange]) throws {
        try connection.markCarried(migration: uuid, leg: leg, changes)
    }
}
