import Engine
import Postgres
import Records

/// The statements that the engine's work would run on this side.
extension PostgresSide {
    /// Bound of the wait for a lock of another session: the definition of a foreign key needs a short lock.
    private static let lockTimeout = "5s"

    func statements(of work: PlannedWork) throws -> [PlannedStatement] {
        let connection = try context.connect(side, as: "plan", settings: .schemaImport)
        try connection.execute(
            "set lock_timeout = '\(Self.lockTimeout)'", doing: "read the statements of a plan")
        switch work {
        case .start(let leg, let tables):
            return side == leg.direction.origin
                ? try startOfOrigin(leg, tables, connection) : try startOfDestination(tables, connection)
        case .cutover(let leg, let tables):
            return side == leg.direction.origin
                ? try OriginStatements(side: self, leg: leg, tables: tables).read(connection)
                : try DestinationStatements(side: self, leg: leg, tables: tables).read(connection)
        case .removal: return try removal()
        case .sessionEnd:
            return [PlannedStatement(.sessionEnd, [PostgresConnection.endingSession], undo: .impossible)]
        }
    }

    // MARK: Start

    private func startOfOrigin(
        _ leg: Leg, _ tables: [QualifiedName], _ connection: borrowing PostgresConnection
    ) throws -> [PlannedStatement] {
        let hasBarrierRows = try !connection.carriesMessages()
        let publication = publicationSQL(
            leg.publicationName, tables + (hasBarrierRows ? [Barrier.table] : []),
            viaRoot: connection.publishesViaRoot)
        let slot = ReplicationStream.createSlot(
            leg.slotName, SnapshotStartConnections.plugin, temporary: false, exportsSnapshot: true)
        var found: [PlannedStatement] = []
        if hasBarrierRows { found = try metadataTables(.start, connection) }
        found.append(
            PlannedStatement(
                .start, [publication], count: counted(tables.count, "table"),
                undo: .statements([dropPublicationSQL(leg.publicationName)])))
        found.append(
            PlannedStatement(.start, [slot], undo: .statements([dropSlotSQL(leg.slotName)])))
        return found
    }

    private func startOfDestination(
        _ tables: [QualifiedName], _ connection: borrowing PostgresConnection
    ) throws -> [PlannedStatement] {
        var found = try metadataTables(.start, connection)
        found.append(channel(.start, try context.record().uuid))
        found += try suspension(of: tables, .start, connection)
        return found
    }

    // MARK: Metadata

    /// The statements that create the metadata tables, if one is missing.
    func metadataTables(
        _ part: PlannedStatement.Part, _ connection: borrowing PostgresConnection,
        onlyFor choice: ServerReadings.Choice? = nil
    ) throws -> [PlannedStatement] {
        guard try !connection.hasMetadataTables() else { return [] }
        return [
            PlannedStatement(
                part, [PostgresConnection.creatingMetadata],
                undo: .statements([PostgresConnection.droppingMetadata]), onlyFor: choice)
        ]
    }

    /// The statement that makes the migration's first channel.
    func channel(
        _ part: PlannedStatement.Part, _ uuid: String, onlyFor choice: ServerReadings.Choice? = nil
    ) -> PlannedStatement {
        PlannedStatement(
            part, [PostgresConnection.creatingChannel],
            undo: .statements(PostgresConnection.cleaningMetadata), onlyFor: choice,
            parameters: "$1 = \(uuid), this migration")
    }

    private func removal() throws -> [PlannedStatement] {
        let isFenced = try context.record().hasOpenChange(.tableFence, on: side)
        let fence = TableFence(context: context, side: side)
        // It comes first: everybody may write again at once.
        let opening =
            isFenced ? [PlannedStatement(.opening, [try fence.opening()], undo: .impossible)] : []
        return opening + [
            PlannedStatement(
                .removal, PostgresConnection.cleaningMetadata, count: "each table that is there",
                undo: .impossible, parameters: "$1 = this migration"),
            PlannedStatement(
                .removal, [PostgresConnection.droppingMetadata],
                count: "only if no other migration has metadata there", undo: .impossible),
        ]
    }

    // MARK: Triggers and foreign keys

    /// The statements that turn off what fires for the rows of the tables; a sentence if none is needed.
    func suspension(
        of tables: [QualifiedName], _ part: PlannedStatement.Part,
        _ connection: borrowing PostgresConnection, onlyFor choice: ServerReadings.Choice? = nil
    ) throws -> [PlannedStatement] {
        guard try !connection.isReplica() else {
            return [.sentence(part, Suspension.replicaWords, onlyFor: choice)]
        }
        let found: [(statement: String, undo: [String])]
        do { found = try Suspension(context: context, side: side).planned(tables, on: connection) } catch let
            refusal as RequestRefused
        { return [.sentence(part, "impossible: \(refusal)", onlyFor: choice)] }
        guard !found.isEmpty else { return [.sentence(part, "nothing fires there", onlyFor: choice)] }
        return [
            PlannedStatement(
                part, found.map(\.statement), count: counted(found.count, "trigger, rule or foreign key"),
                undo: .statements(found.reversed().flatMap(\.undo)), onlyFor: choice)
        ]
    }
}
