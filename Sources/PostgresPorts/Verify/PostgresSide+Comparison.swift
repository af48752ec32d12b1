import Engine
import Postgres
import Records

/// The comparison of tables, and the removal of what is ours.
extension PostgresSide {
    /// Names the sessions of the end.
    private static let step = "end"

    package func tables() throws -> [Table] {
        try context.connect(side, as: "cutover").tables(inSchemas: try context.record().schemas)
    }

    package func checksums(of tables: [Table], meanwhile proceed: () throws -> Void) throws
        -> [QualifiedName: String]
    {
        try TableChecksums.read(
            try context.connect(side, as: "cutover"), tables: tables, stop: proceed)
    }

    package func checkIdentity() throws {
        try context.checkIdentity(side, try context.connectAlone(side, step: Self.step))
    }

    package func undoChanges() throws {
        let connection = try context.connectAlone(side, step: Self.step)
        try TableFence(context: context, side: side).open(on: connection)
        try DatabaseChanges(context).undo(side, on: connection) { _ in true }
    }

    package func carryOverStashed(of leg: Leg) throws {
        let connection = try context.connectAlone(side, step: Self.step)
        // An older version's metadata has no table of stashed changes.
        try context.ensureMetadata(side, connection)
        try IncidentLedger(context: context, leg: leg, uuid: try context.record().uuid).carryOver(connection)
    }

    package func removeMetadata() throws {
        try context.connectAlone(side, step: Self.step).removeMetadata(
            migration: try context.record().uuid)
    }
}
