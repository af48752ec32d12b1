import Engine
import Postgres
import Records

/// The connection that removes what is ours from a server.
final class RemovalConnection: RemovalSession {
    private let database: PostgresSide
    private let connection: PostgresConnection
    private let uuid: String

    init(_ database: PostgresSide, _ connection: consuming PostgresConnection, uuid: String) {
        self.database = database
        self.connection = connection
        self.uuid = uuid
    }

    private var context: RoleContext { database.context }
    private var side: Side { database.side }

    var place: String { connection.place }

    func undoChanges() throws {
        try TableFence(context: context, side: side).open(on: connection)
        try DatabaseChanges(context).undo(side, on: connection) { _ in true }
    }

    func stashedChanges(of leg: Leg) throws -> any StashedChanges {
        // An older version's metadata has no table of stashed changes.
        try context.ensureMetadata(side, connection)
        return Stash(removal: self, leg: leg.number)
    }

    func removeMetadata() throws { try connection.removeMetadata(migration: uuid) }

    /// The stashed changes of one leg.
    private struct Stash: StashedChanges {
        let removal: RemovalConnection
        let leg: Int

        func stashedChanges(limit: Int) throws -> [StashedChange] {
            try removal.connection.stashedChanges(migration: removal.uuid, leg: leg, limit: limit)
        }

        func markCarried(_ changes: [StashedChange]) throws {
            try removal.connection.markCarried(migration: removal.uuid, leg: leg, changes)
        }
    }
}
