import Engine
import Postgres
import Records

/// DDL of ours on a database, in a transaction that can be distinguished from the application's.
///
/// An event trigger may write a row of a migrated table at each DDL. On the origin that row is streamed, and
/// a mark in the same transaction says that no application wrote it. On the destination the row must not be
/// written, because the origin does not have it: there the event triggers are disabled inside the
/// transaction.
struct OwnTransaction {
    let context: RoleContext
    let side: Side

    init(context: RoleContext, side: Side) {
        self.context = context
        self.side = side
    }

    /// Runs `body` in such a transaction.
    ///
    /// - Parameter tables: the application's tables that the statements lock
    func run(
        _ connection: borrowing PostgresConnection, locking tables: [QualifiedName] = [], doing: String,
        _ body: () throws -> Void
    ) throws {
        let leg = try context.record().currentLeg.flatMap { $0.endedAt == nil ? $0 : nil }
        try connection.inOwnTransaction(
            isSilent: leg?.direction.destination == side, locking: tables,
            mark: {
                guard let leg, leg.direction.origin == side else { return }
                try mark(leg, connection)
            }, doing: doing, body)
    }

    /// Writes the mark; does nothing if the stream carries neither messages nor rows of ours.
    private func mark(_ leg: Leg, _ connection: borrowing PostgresConnection) throws {
        let rows = try context.record().barrierRows(ofLeg: leg.number)
        guard try rows != nil || connection.carriesMessages() else { return }
        // The table of the rows is created by the first of these transactions.
        guard try rows == nil || connection.hasMetadataTables() else { return }
        try connection.writeBarrier(Barrier.own, asRowOf: rows)
    }
}

extension RoleContext {
    /// Connects for a step that creates or removes something on a server. Ends the sessions that an earlier
    /// attempt of the step has left there. The search_path is the application's, whose event triggers may
    /// fire.
    func connectAlone(_ side: Side, step: String) throws -> PostgresConnection {
        let connection = try connect(side, as: try sessionName(step), settings: .schemaImport)
        try connection.endEarlierSessions(
            named: "\(PostgresConnection.applicationPrefix) \(try sessionName(step))")
        return connection
    }

    /// Returns the name of a step's sessions: the step's name after the first digits of the migration's UUID.
    func sessionName(_ step: String) throws -> String { "\(try record().uuid.prefix(8)) \(step)" }

    /// Creates the metadata tables that are missing, and this migration's first channel if it has none.
    func ensureMetadata(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        try ensureMetadataTables(side, connection)
        try connection.ensureMetadata(migration: try record().uuid)
    }

    /// Creates the metadata tables that are missing.
    func ensureMetadataTables(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        guard try !connection.hasMetadataTables() else { return }
        try OwnTransaction(context: self, side: side).run(connection, doing: "make the metadata tables") {
            try connection.ensureMetadataTables()
        }
    }
}
