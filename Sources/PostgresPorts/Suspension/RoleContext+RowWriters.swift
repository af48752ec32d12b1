import Engine
import Postgres
import Records

extension RoleContext {
    /// Makes a session one that writes rows of the migrated tables. Triggers and foreign keys do not fire for
    /// it: it is a replica, or they are turned off for all sessions while we write.
    func becomeRowWriter(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        guard try !becomeReplicaIfAllowed(connection) else { return }
        // The fence of the tables lets such a session pass.
        try connection.query(
            "select pg_catalog.set_config('\(TableFence.ownSetting)', $1, false)", [try record().uuid],
            doing: "mark the session")
    }

    /// The same, and turns off what fires for its rows, if the session is no replica.
    func becomeRowWriter(
        _ side: Side, _ connection: borrowing PostgresConnection, suspendingOn tables: [QualifiedName]
    ) throws {
        try becomeRowWriter(side, connection)
        guard try !connection.isReplica(), try needsSuspension(side) else { return }
        if case .waits(let error) = try Suspension(context: self, side: side).suspend(tables) { throw error }
    }

    /// Whether a leg still writes to the side. What an ended leg has left is applied as things are.
    private func needsSuspension(_ side: Side) throws -> Bool {
        let record = try record()
        return record.currentLeg.map { $0.endedAt == nil && $0.direction.destination == side } ?? false
    }

    /// Returns whether the session is a replica now.
    private func becomeReplicaIfAllowed(_ connection: borrowing PostgresConnection) throws -> Bool {
        do { try connection.becomeReplica() } catch {
            // Insufficient privilege.
            guard error.sqlState == "42501" else { throw error }
            return false
        }
        return true
    }
}
