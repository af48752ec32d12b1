import Glibc
import Records

/// What keeps statements of ours, on a database that an application uses, from being taken for the application's or from
/// colliding with an earlier attempt of our own.
extension PostgresConnection {
    /// Objects that are there already; several sessions made them at once (a unique index of the catalog tells the later one),
    /// or changed the same row of the catalog.
    private static let collisions: Set<String> = ["42710", "42P07", "42P06", "23505"]
    private static let concurrently = "concurrently"

    /// How often a transaction is done again that collided with another one.
    private static let attemptsMax = 5
    private static let retryMicroseconds: UInt32 = 200_000

    /// How long an earlier session of ours may take to end once it was told to.
    private static let earlierSessionsSecondsMax = 10

    /// How long DDL of ours waits for a lock before it says whom it waits for: whoever comes after it waits for it, too.
    private static let lockSecondsMax = 5

    /// Has no trigger, event trigger or rule of the application fire for this session, where the role may.
    package func becomeReplicaWherePermitted() throws(PostgresError) {
        do {
            try execute("set session_replication_role = replica", doing: "set session_replication_role")
        } catch {
            guard error.sqlState == "42501" else { throw error }
        }
    }

    /// Ends the sessions that an earlier attempt has left. A server does not notice that its client is gone while it waits for
    /// a lock, and does what it was told when it gets it.
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

    /// Runs DDL of ours in one transaction, and again where it collided with another session's.
    ///
    /// - Parameters:
    ///   - isSilent: no event trigger fires for it, as far as the role may turn them off
    ///   - tables: those of the application that it locks; an error names who holds them
    ///   - mark: writes into the same transaction, at its end, that it is ours
    package func inOwnTransaction(
        isSilent: Bool, locking tables: [QualifiedName] = [], mark: () throws -> Void = {},
        doing: String, _ body: () throws -> Void
    ) throws {
        // YugabyteDB runs each statement of DDL by itself, whatever the block around it says.
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
                        doing: "look for event triggers"
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

    /// The same error with those it waited for.
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
