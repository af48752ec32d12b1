import Records

/// A database of a migration, of whatever kind: how it is reached, and what it is asked to do.
///
/// The engine speaks to databases through this protocol and the ones that it returns. It knows no connection
/// and no SQL. The program's top chooses the implementation: `RunOptions` has one for each side.
///
/// **Sessions.** None of these functions connects. What they return connects when it is used: a value
/// (`DatabaseSide`, `Origin`, `Destination`) for each call, a session (an object) for as long as it lives.
/// **Threads.** Every call may block. It runs on a thread of the caller's that nobody else waits for
/// (`SessionThread`, `SideThread`).
/// **Errors.** An error of the database is a `DatabaseError`; its condition decides whether the engine tries
/// again. What an operator has to mend is a `RequestRefused`.
/// **Cancellation.** A call that may wait without a bound for others, as a first snapshot does, polls
/// `RoleContext.stop` and throws `StopRequested`. Other waits are bounded, by seconds where nothing else is
/// said, and their error has a condition that passes.
/// **Changes to the database.** Whatever changes more than rows is in the record before it is made, with what
/// undoes it (`RecordedChange`). Our metadata tables are not: the end removes them by their name.
package protocol Database: Sendable {
    /// The database as messages name it: `host:port/database`.
    var place: String { get }

    /// Returns the same kind of database at the place of a form, with the same password.
    func moved(to form: ConnectionForm) -> any Database

    /// Returns this database as one side of the migration, for work that does not depend on a leg.
    func side(_ side: Side, _ context: RoleContext) -> any DatabaseSide

    /// Returns this database as the one that a leg reads.
    func origin(of leg: Leg, _ context: RoleContext) -> any Origin

    /// Returns this database as the one that a leg writes.
    func destination(of leg: Leg, _ context: RoleContext) -> any Destination
}

extension RoleContext {
    /// Returns a side's database; throws if this process does not have it.
    package func database(_ side: Side) throws -> any Database {
        guard let database = side == .source ? options.source : options.target else {
            throw RequestRefused(
                "this process has no connection to the \(side.rawValue) database; start it with that "
                    + "connection"
            )
        }
        return database
    }

    package func side(_ side: Side) throws -> any DatabaseSide { try database(side).side(side, self) }

    package func origin(of leg: Leg) throws -> any Origin {
        try database(leg.direction.origin).origin(of: leg, self)
    }

    package func destination(of leg: Leg) throws -> any Destination {
        try database(leg.direction.destination).destination(of: leg, self)
    }
}
