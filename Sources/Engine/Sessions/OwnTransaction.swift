import Postgres
import Records

/// DDL of ours on a database, in a transaction that is told apart from the application's.
///
/// An event trigger may write a row of a migrated table whenever somebody runs DDL. Where the database is streamed from, the
/// row is the operator's and is streamed; a mark in the same transaction says that no application wrote it. Where the database
/// is written to, the row must not come about, for the other side does not have it: there the event triggers are turned off
/// inside the transaction.
struct OwnTransaction {
    let context: RoleContext
    let side: Side

    /// - Parameter tables: those of the application that the statements lock
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

    /// Where neither a message nor a row comes through the stream, nothing can be marked.
    private func mark(_ leg: Leg, _ connection: borrowing PostgresConnection) throws {
        let rows = try context.record().barrierRows(ofLeg: leg.number)
        guard try rows != nil || connection.carriesMessages() else { return }
        // The rows' table is made by the first transaction of ours that there is.
        guard try rows == nil || connection.hasMetadataTables() else { return }
        try connection.writeBarrier(Barrier.own, asRowOf: rows)
    }
}

extension RoleContext {
    /// A session for a step that makes or removes something on a server, alone at it: what an earlier attempt at the step has
    /// left under way there is ended first. Names mean what they mean to the application, whose event triggers may fire.
    func connectAlone(_ side: Side, step: String) throws -> PostgresConnection {
        let connection = try connect(side, as: try sessionName(step), settings: .schemaImport)
        try connection.endEarlierSessions(
            named: "\(PostgresConnection.applicationPrefix) \(try sessionName(step))")
        return connection
    }

    /// A step's name with this migration's mark, for the sessions of the step.
    func sessionName(_ step: String) throws -> String { "\(try record().uuid.prefix(8)) \(step)" }

    /// Makes the metadata tables where one is missing, and this migration's first channel where it has none.
    func ensureMetadata(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        try ensureMetadataTables(side, connection)
        try connection.ensureMetadata(migration: try record().uuid)
    }

    func ensureMetadataTables(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        guard try !connection.hasMetadataTables() else { return }
        try OwnTransaction(context: self, side: side).run(connection, doing: "make the metadata tables") {
            try connection.ensureMetadataTables()
        }
    }
}
