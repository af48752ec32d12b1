import Engine
import Postgres
import Records

/// The origin's steps of a cutover, and the end of its leg.
extension PostgresOrigin {
    func openWriters(of tables: [QualifiedName]) throws -> [OpenWriter] {
        try context.connect(side, as: "cutover").openWriters(of: tables)
    }

    func writeBarrier(_ content: String) throws {
        try context.connect(side, as: "cutover").writeBarrier(
            content, asRowOf: try context.record().barrierRows(ofLeg: leg.number))
    }

    func startedAt() throws -> String? { try context.connect(side, as: "cutover").startedAt() }

    /// Creates the metadata tables, and checks that the role may write here without firing triggers.
    func prepareToBeWritten() throws -> String {
        let connection = try context.connectAlone(side, step: "way back metadata")
        try connection.becomeReplica()
        try context.ensureMetadata(side, connection)
        return "the role may write without firing triggers"
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
