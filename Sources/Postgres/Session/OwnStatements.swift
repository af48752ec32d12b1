import Glibc
import Records

/// DDL of ours on a database that an application uses: it fires no trigger of the application, and does not
/// collide with an earlier attempt of ours.
extension PostgresConnection {
    /// The object exists already, or sessions created it at the same time: a unique index of the catalog
    /// refuses the later one.
    private static let collisions: Set<String> = ["42710", "42P07", "42P06", "23505"]
    /// Part of the message when two sessions changed the same row of the catalog.
    private static let concurrently = "concurrently"

    /// Attempts of a transaction that collides with another one.
    private static let attemptsMax = 5
    private static let retryMicroseconds: UInt32 = 200_000

    /// Bound of the wait for an earlier session of ours to end.
    private static let earlierSessionsSecondsMax = 10

    /// Bound of the wait of our DDL for a lock. It is short, because later sessions queue behind it.
    private static let lockSecondsMax = 5

    /// Keeps triggers, event triggers and rules of the application from firing in this session, if the role
    /// may do that. Returns whether it may.
    @discardableResult
    package func becomeReplicaWherePermitted() throws(PostgresError) -> Bool {
        do {
            try execute("set session_replication_role = replica", doing: "set session_replication_role")
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return false
        }
        return true
    }

    /// Ends the sessions that an earlier attempt has left. A session that waits for a lock does not notice
    /// that its client is gone, and runs its statement when it gets the lock.
    package func endEarlierSessions(named name: String) throws(PostgresError) {
        let pausesPerSecond = 20
        for _ in 0..<Self.earlierSessionsSecondsMax * pausesPerSecond {
            let left = try query(
                file: PackageResources.end_earlier_sessions_sql, [name], doing: "end earlier sessions")
            if left.rows.isEmpty { return }
            usleep(UInt32(1_000_000 / pausesPerSecond))
        }
        throw PostgresError(
            kind: .server, sqlState: "55P03",
            message: "a session of an earlier attempt does not end",
            doing: "wait for session '\(name)' at \(place)", hint: "end it there")
    }

    /// Runs DDL of ours in one transaction, and repeats it after a collision with another session.
    ///
    /// - Parameters:
    ///   - isSilent: disable the event triggers that the role may disable
    ///   - tables: the application's tables that it locks; an error names the holders of their locks
    ///   - mark: marks the transaction as ours; called at its end
    package func inOwnTransaction(
        isSilent: Bool, locking tables: [QualifiedName] = [], mark: () throws -> Void = {},
        doing: String, _ body: () throws -> Void
    ) throws {
        // YugabyteDB runs each DDL statement in a transaction of its own, also inside a transaction block.
        guard try !isYugabyteDB() else { return try body() }
        var attempts = 0
        while true {
            attempts += 1
            do {
                try execute(
                    "begin; set local lock_timeout = '\(Self.lockSecondsMax)s'", doing: doing)
                let triggers =
                    isSilent
                    ? try query(
                        file: PackageResources.list_firing_event_triggers_sql,
                        doing: "search for event triggers"
                    ).rows : []
                for trigger in triggers { try execute(trigger[0] ?? "", doing: "turn off an event trigger") }
                try body()
                for trigger in triggers { try execute(trigger[1] ?? "", doing: "turn on an event trigger") }
                try mark()
                try execute("commit", doing: doing)
                return
            } catch let error as PostgresError {
                if error.kind == .server, !error.isConnectionLoss { try execute("rollback", doing: doing) }
                if error.sqlState == "55P03" { throw try naming(error, holdersOf: tables) }
                let isCollision =
                    Self.collisions.contains(error.sqlState)
                    || error.sqlState == "XX000" && error.message.contains(Self.concurrently)
                guard isCollision, attempts < Self.attemptsMax else { throw error }
                usleep(Self.retryMicroseconds)
            } catch {
                try execute("rollback", doing: doing)
                throw error
            }
        }
    }

    /// Returns the same error with the holders of the locks it waited for.
    private func naming(_ error: PostgresError, holdersOf tables: [QualifiedName]) throws(PostgresError)
        -> PostgresError
    {
        let holders = try lockHolders(of: tables)
        guard !holders.isEmpty else { return error }
        return PostgresError(
            kind: error.kind, sqlState: error.sqlState, message: error.message, doing: error.doing,
            hint: "it waits for \(OpenWriter.names(holders))")
    }
}
