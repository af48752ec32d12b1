import Engine
import Postgres
import Records

/// The preparation of a leg without snapshot: publication and slot.
extension PostgresOrigin {
    /// Bound of one attempt to create the slot, which the server delays until the open write transactions
    /// have ended. Between two attempts an abort, or a stop, is noticed.
    private static let slotWaitSeconds = 5

    /// Names the sessions of the steps. An earlier attempt, also one of an earlier version, is found by it.
    private static let step = "way back"

    /// The output plugin of a slot that no snapshot is read from.
    static func plugin(isYugabyteDB: Bool) -> String { isYugabyteDB ? "yboutput" : "pgoutput" }

    /// Reads the tables for `judge`, then creates the publication and the slot.
    func prepare(_ tables: [QualifiedName], judge: (StreamableTables) throws -> Void) throws
        -> PreparationAttempt
    {
        let connection = try context.connectAlone(side, step: Self.step)
        let isYugabyteDB = try connection.isYugabyteDB()
        let lacks = try identityLacks(connection, tables)
        let found = try connection.tables(inSchemas: try context.record().schemas)
        try judge(StreamableTables(tables: found, lacks: lacks))
        let hasBarrierRows = try !connection.carriesMessages()
        if hasBarrierRows { try context.ensureMetadataTables(side, connection) }
        var members = tables
        if isYugabyteDB {
            try context.ensureClaims(side, connection)
            try PublishedLeaves(of: found, among: tables).store(in: context.journal, leg)
            members = PublishedLeaves.members(of: tables, found)
        }
        do {
            try createPublication(
                of: members + (hasBarrierRows ? [Barrier.table] : []), locking: tables,
                viaRoot: !isYugabyteDB && connection.publishesViaRoot, on: connection)
        } catch let error as PostgresError where error.sqlState == "55P03" {
            return .waitsForLock(error)
        }
        let stream = try ReplicationStream(
            access,
            applicationName: "\(PostgresConnection.applicationPrefix) \(try context.sessionName(Self.step))")
        try DatabaseChanges(context).note(side, .slot(name: leg.slotName), undo: dropSlotSQL(leg.slotName))
        let plugin = Self.plugin(isYugabyteDB: isYugabyteDB)
        do {
            let slot = try SlotCreation.replacing(leg.slotName, connection, stream) {
                try stream.createSlot(
                    leg.slotName, plugin: plugin, exportsSnapshot: false, waitSeconds: Self.slotWaitSeconds)
            }
            return .done(consistentPoint: slot.consistentPoint, barriersAreRows: hasBarrierRows)
        } catch let error as PostgresError where error.sqlState == "55P03" {
            return .waitsForWriters(try connection.openWriters())
        }
    }

    private func createPublication(
        of members: [QualifiedName], locking tables: [QualifiedName], viaRoot: Bool,
        on connection: borrowing PostgresConnection
    ) throws {
        let dropPublication = dropPublicationSQL(leg.publicationName)
        try DatabaseChanges(context).note(
            side, .publication(name: leg.publicationName), undo: dropPublication)
        let statement = publicationSQL(leg.publicationName, members, viaRoot: viaRoot)
        let doing = "create publication \(leg.publicationName)"
        try OwnTransaction(context: context, side: side).run(connection, locking: tables, doing: doing) {
            try connection.execute(dropPublication, doing: doing)
            try connection.execute(statement, doing: doing)
        }
    }

    func undoPreparation() throws {
        try undoSlotAndPublication(on: try context.connectAlone(side, step: Self.step))
    }
}
