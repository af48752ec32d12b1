import Engine
import Postgres
import Records

/// The connections of a migration to its PostgreSQL databases.
extension RoleContext {
    /// Returns the access to a database of PostgreSQL's kind.
    func access(_ side: Side) throws -> DatabaseAccess {
        guard let access = (try database(side) as any Sendable) as? DatabaseAccess else {
            throw RequestRefused("the \(side.rawValue) is no PostgreSQL database")
        }
        return access
    }

    /// Connects to a server that takes writes. The session's commits are durable when they are acknowledged,
    /// because the journal records them as done. Its replication role is replica if the user may set it, so
    /// that its DDL fires no event trigger of the application.
    func connect(_ side: Side, as name: String, settings: SessionSettings = .reading) throws
        -> PostgresConnection
    {
        let connection = try PostgresConnection(
            try access(side), applicationName: "\(PostgresConnection.applicationPrefix) \(name)",
            settings: settings)
        try connection.checkPromoted()
        try connection.awaitDisk()
        try connection.becomeReplicaWherePermitted()
        return connection
    }

    /// Checks the identity of the database that a connection leads to.
    func checkIdentity(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        try checkIdentity(
            side,
            DatabaseIdentity(identity: try connection.databaseIdentity(), place: connection.place))
    }
}
