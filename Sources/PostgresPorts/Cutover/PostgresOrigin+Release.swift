import Engine
import Postgres
import Records

/// The origin's steps of a cutover, and the end of its leg.
extension PostgresOrigin {
    func writerSampler(as name: String) -> any WriterSampler {
        PostgresWriterSampler(context, side, as: name)
    }

    func openWriters(of tables: [QualifiedName]) throws -> [OpenWriter] {
        try context.connect(side, as: "cutover").openWriters(of: tables)
    }

    func writeBarrier(_ content: String) throws {
        try context.connect(side, as: "cutover").writeBarrier(
            content, asRowOf: try context.record().barrierRows(ofLeg: leg.number))
    }

    func startedAt() throws -> String? { try context.connect(side, as: "cutover").startedAt() }

    /// Creates the metadata tables, and checks that the role may write here without firing triggers: as a
    /// replica, or as the owner who may turn them off.
    func prepareToBeWritten() throws -> String {
        let connection = try context.connectAlone(side, step: "way back metadata")
        let isReplica = try connection.isReplica()
        let migrated = Set(try context.journal.tables().map(\.table.name))
        let record = try context.record()
        let others = try connection.tableRights(inSchemas: record.schemas).filter {
            !$0.isOwner && migrated.contains($0.table)
        }
        guard isReplica || others.isEmpty else {
            let user = quoteIdentifier(connection.user)
            throw RequestRefused(
                "the role may neither set session_replication_role on the \(side.rawValue) nor turn off "
                    + "triggers and foreign keys of \(others.map(\.table).listed(max: 5)): grant the "
                    + "owner's role to \(user), or grant set on parameter session_replication_role to \(user)"
            )
        }
        try context.ensureMetadata(side, connection)
        return isReplica
            ? "the role may write without firing triggers"
            : "the role may turn triggers and foreign keys off"
    }

    func retire() throws {
        let connection = try context.connectAlone(side, step: "retire")
        // A server may commit only when its subscribers confirm; the stream that did has ended.
        try connection.execute("set synchronous_commit = local", doing: "end the leg")
        try undoSlotAndPublication(on: connection)
    }

    /// Drops the leg's slot and its publication.
    func undoSlotAndPublication(on connection: borrowing PostgresConnection) throws {
        try DatabaseChanges(context).undo(side, on: connection) {
            $0 == .slot(name: leg.slotName) || $0 == .publication(name: leg.publicationName)
        }
    }
}
