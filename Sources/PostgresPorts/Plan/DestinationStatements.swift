import Engine
import Postgres
import Records

/// The statements of a cutover's steps on the destination. Each text is the one that the step itself sends.
struct DestinationStatements {
    let side: PostgresSide
    let leg: Leg
    let tables: [QualifiedName]

    private var context: RoleContext { side.context }

    func read(_ connection: borrowing PostgresConnection) throws -> [PlannedStatement] {
        let record = try context.record()
        let sequences = SequenceChoice(
            try connection.sequences(ofTables: tables, inSchemas: record.schemas),
            tablesAreNamed: !record.tableGlobs.isEmpty
        ).carried.map(\.name)
        var found = setting(sequences)
        found += try side.checksums(of: tables, .checksumDestination, connection)
        let views = try connection.materializedViews(inSchemas: record.schemas)
        if !views.isEmpty {
            found.append(
                PlannedStatement(
                    .step(.refreshViews), views.map(PostgresConnection.refreshing),
                    count: counted(views.count, "materialized view"),
                    undo: .notNeeded("a view has no rows of its own")))
        }
        found += try fallBack(record, connection)
        found += try opening(record, connection)
        return found
    }

    private func setting(_ sequences: [QualifiedName]) -> [PlannedStatement] {
        guard !sequences.isEmpty else { return [] }
        return [
            PlannedStatement(
                .step(.setSequences), [PostgresConnection.settingSequence],
                count: "each of \(counted(sequences.count, "sequence")): \(sequences.listed)",
                undo: .notNeeded("the next cutover sets them again"),
                parameters: "$1 = the sequence, $2 and $3 = its state on the other side, read after the fence"
            )
        ]
    }

    // MARK: Fall-back

    private func fallBack(_ record: MigrationRecord, _ connection: borrowing PostgresConnection) throws
        -> [PlannedStatement]
    {
        let part = PlannedStatement.Part.step(.fallBackSlot)
        let next = Leg(
            number: leg.number + 1, direction: leg.direction.opposite, start: .position, uuid: record.uuid)
        let isYugabyteDB = try connection.isYugabyteDB()
        let hasBarrierRows = try !connection.carriesMessages()
        let members =
            isYugabyteDB
            ? PublishedLeaves.members(of: tables, try connection.tables(inSchemas: record.schemas)) : tables
        let publication = publicationSQL(
            next.publicationName, members + (hasBarrierRows ? [Barrier.table] : []),
            viaRoot: !isYugabyteDB && connection.publishesViaRoot)
        let slot = ReplicationStream.createSlot(
            next.slotName, PostgresOrigin.plugin(isYugabyteDB: isYugabyteDB), temporary: false,
            exportsSnapshot: false)
        var found: [PlannedStatement] = []
        if hasBarrierRows { found = try side.metadataTables(part, connection, onlyFor: .fallBack) }
        found.append(
            PlannedStatement(
                part, [publication], count: counted(members.count, "table"),
                undo: .statements([dropPublicationSQL(next.publicationName)]), onlyFor: .fallBack))
        found.append(
            PlannedStatement(
                part, [slot], undo: .statements([dropSlotSQL(next.slotName)]), onlyFor: .fallBack))
        return found
    }

    // MARK: Fence

    /// The statements that let everybody write again where a fence of an earlier cutover stands.
    private func opening(_ record: MigrationRecord, _ connection: borrowing PostgresConnection) throws
        -> [PlannedStatement]
    {
        let part = PlannedStatement.Part.step(.openDestination)
        let fence = TableFence(context: context, side: side.side)
        let changes = record.changes.reversed().filter {
            $0.side == side.side && $0.undoneAt == nil && $0.kind.isFence
        }
        let hasTableFence = changes.contains { $0.kind == .tableFence }
        let again = PlannedStatement.Undo.notNeeded("an abort sets the fence up again")
        let fenced = hasTableFence ? try connection.tables(withTrigger: try fence.name()) : []
        var found: [PlannedStatement] = []
        if hasTableFence { found.append(PlannedStatement(part, [try fence.opening()], undo: again)) }
        for change in changes where change.kind == .readOnlyFence {
            found.append(PlannedStatement(part, [change.undo], undo: again))
        }
        if !fenced.isEmpty {
            found.append(
                PlannedStatement(
                    part, try fenced.map { try fence.untriggering($0) },
                    count: counted(fenced.count, "table and partition"), undo: again))
        }
        for change in changes where change.kind == .tableFence {
            found.append(PlannedStatement(part, [change.undo], undo: again))
        }
        return found
    }
}
