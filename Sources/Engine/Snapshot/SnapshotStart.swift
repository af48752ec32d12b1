import Journal
import Postgres
import Records

/// The start of the snapshot: creates the publication and the slot with its exported snapshot, plans the
/// copy, and prepares the target's metadata and tables.
///
/// It is repeated after a crash, and keeps what is recorded as done.
struct SnapshotStart {
    let context: RoleContext
    let leg: Leg
    let isDirect: Bool
    /// Called with what the start waits for.
    let waiting: (String) -> Void

    private static let step = "snapshot start"

    /// Prepares the copy. Returns the chunks that are left to copy, all tables, and the snapshot to copy
    /// under.
    func prepare() throws -> (
        queue: [StoredChunk], tables: [QualifiedName: Table], snapshot: ExportedSnapshot?
    ) {
        let maker = try context.connectAlone(.source, step: Self.step)
        let source = try context.connect(.source, as: "snapshot")
        try context.checkIdentity(.source, source)
        var record = try context.record()
        let found = try chooseTables(source, record)
        if try context.journal.tables().isEmpty { try context.journal.keepTables(found) }
        let tables = Dictionary(
            uniqueKeysWithValues: try context.journal.tables().map { ($0.table.name, $0.table) })
        try ensurePublication(maker, Array(tables.keys).sorted())
        let stream = try ReplicationStream(
            try context.access(.source),
            applicationName: "\(PostgresConnection.applicationPrefix) \(try context.sessionName(Self.step))")
        // A copy that continues must be of the same server.
        _ = try OriginCheck(context: context, leg: leg).check(
            try stream.timeline(), at: source.place, received: .zero,
            switches: { try stream.switches(of: $0) })
        let unfinished = try context.journal.tables().filter {
            !(isDirect ? $0.isImported && $0.isExported : $0.isExported)
        }
        let oldest = try source.oldestTransaction()
        let slot: CreatedSlot
        if record.currentLeg?.consistentPoint == nil {
            slot = try makeSlot(source, stream)
        } else if unfinished.isEmpty {
            return ([], tables, nil)
        } else {
            // The exported snapshot ended with its connection; a temporary slot gives a new pair of snapshot
            // and position.
            let name = leg.slotName + "_\(UInt32.random(in: 0...UInt32.max))"
            slot = try stream.createSlot(name, plugin: "pgoutput", temporary: true) {
                try wait(for: "a snapshot", stream.processID, source)
            }
        }
        let snapshot = ExportedSnapshot(stream: stream, name: slot.snapshotName)
        try SnapshotCatalog(context: context, leg: leg).keep(
            source, under: slot.snapshotName, oldest: oldest, copied: unfinished.map(\.table.name))
        record = try context.record()
        if isDirect { try prepareTarget(Array(tables.values), unfinished, uuid: record.uuid) }
        try planCopy(of: unfinished, source, under: slot)
        context.log(
            .info, "capture",
            "snapshot at \(slot.consistentPoint): \(unfinished.count) of \(tables.count) tables to copy")
        return (try context.journal.chunks().filter { !$0.isExported }, tables, snapshot)
    }

    private func chooseTables(_ source: borrowing PostgresConnection, _ record: MigrationRecord) throws
        -> [Table]
    {
        let choice = try TableChoice(source, record)
        let found = choice.tables
        // The lists are checked once: a table that is gone later is another fault.
        let refusals =
            (try context.journal.tables().isEmpty ? choice.listRefusals : []) + choice.partRefusals
        if let error = TableChoice.error(refusals, on: .source) { throw error }
        guard !found.isEmpty else {
            throw RequestRefused(
                "there is no table to migrate in schema \(record.schemas.joined(separator: ", ")) of "
                    + "\(source.place); name the schemas with --source-db-schema")
        }
        // In a published table without replica identity, the application's own updates and deletes fail.
        let lacks = try source.identities(of: found.map(\.name)).flatMap(\.lacks)
        guard lacks.isEmpty else { throw RequestRefused(lacks, on: .source) }
        if let error = try FilteredTables(source, found).error(on: .source) { throw error }
        if try context.journal.tables().isEmpty {
            try StartNotice(context: context).give(
                choice,
                NotCarriedAnswer(choice) {
                    try source.uncarriedObjects(of: choice.tables.map(\.name), record)
                })
        }
        return found
    }

    private func ensurePublication(_ source: borrowing PostgresConnection, _ tables: [QualifiedName]) throws {
        let known = try source.query(
            "select from pg_catalog.pg_publication where pubname = $1", [leg.publicationName],
            doing: "search for publication \(leg.publicationName)")
        guard known.rows.isEmpty else { return }
        let hasBarrierRows = try !source.carriesMessages()
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].origin.barriers = hasBarrierRows ? .row : .message
        }
        if hasBarrierRows { try context.ensureMetadataTables(.source, source) }
        try DatabaseChanges(context).note(
            .source, .publication(name: leg.publicationName),
            undo: "drop publication if exists \(quoteIdentifier(leg.publicationName))")
        let statement = publicationSQL(
            leg.publicationName, tables + (hasBarrierRows ? [Barrier.table] : []),
            serverVersion: source.serverVersion)
        let doing = "create publication \(leg.publicationName)"
        try OwnTransaction(context: context, side: .source).run(source, locking: tables, doing: doing) {
            // A publication that exists by now is of an earlier attempt, with the same tables or fewer.
            try source.execute(
                "drop publication if exists \(quoteIdentifier(leg.publicationName))", doing: doing)
            try source.execute(statement, doing: doing)
        }
    }

    /// Creates the slot of the leg. A slot that exists while the journal has no position of it is left from a
    /// crash between the two, and nothing was read from it.
    private func makeSlot(_ source: borrowing PostgresConnection, _ stream: borrowing ReplicationStream)
        throws
        -> CreatedSlot
    {
        context.announce(
            "replication slot \(leg.slotName) retains WAL on the source until the cutover or `end migration`"
        )
        try DatabaseChanges(context).note(
            .source, .slot(name: leg.slotName), undo: dropSlotSQL(leg.slotName))
        let slot = try SlotCreation.replacing(leg.slotName, source, stream) {
            try stream.createSlot(leg.slotName, plugin: "pgoutput", temporary: false) {
                try wait(for: "slot \(leg.slotName)", stream.processID, source)
            }
        }
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].consistentPoint = slot.consistentPoint
        }
        return slot
    }

    /// Reports which sessions the server's process `processID` waits for, before it can create what we asked
    /// for. Throws if a stop is requested.
    private func wait(for what: String, _ processID: Int, _ source: borrowing PostgresConnection) throws {
        try context.stop.check()
        let blockers = try source.blockers(of: processID).map(\.description)
        guard !blockers.isEmpty else { return waiting("for \(what) at \(source.place)") }
        waiting(
            "for \(what) at \(source.place), which can be created when the transactions that were open "
                + "before have ended: \(blockers.joined(separator: "; ")); wait, or end these processes")
    }

    /// Plans the copy of the partitions that the snapshot has, also of those that are newer than the table
    /// list.
    private func planCopy(
        of unfinished: [StoredTable], _ source: borrowing PostgresConnection, under slot: CreatedSlot
    ) throws {
        try source.execute("begin isolation level repeatable read read only", doing: "begin the plan")
        if let snapshot = slot.snapshotName {
            try source.execute(
                "set transaction snapshot \(quoteLiteral(snapshot))", doing: "plan under the snapshot")
        }
        let names = Set(unfinished.map(\.table.name))
        let found = try source.tables(inSchemas: try context.record().schemas).filter {
            names.contains($0.name)
        }
        let missing = names.subtracting(found.map(\.name)).map(\.description).sorted()
        guard missing.isEmpty else {
            throw RequestRefused(
                "\(source.place) no longer has \(missing.joined(separator: ", ")): begin again with `export "
                    + "data from source --start-clean true`"
            )
        }
        let now = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0) })
        for table in unfinished {
            let current = now[table.table.name] ?? table.table
            let pages = try SnapshotPlan.leaves(of: current).map { leaf in
                try source.query(
                    // If a leaf was dropped since the snapshot, the copy reports it.
                    "select pg_catalog.pg_relation_size(pg_catalog.to_regclass($1)) / "
                        + "current_setting('block_size')::bigint",
                    [leaf.quoted], doing: "measure \(leaf)"
                ).scalar.flatMap { Int($0) } ?? 0
            }
            // Servers before 14 read the whole table for each ctid range.
            let parts = source.serverVersion >= 140_000 ? pages : pages.map { _ in 0 }
            try context.journal.planCopy(
                of: table.table.name, generation: table.generation + 1, snapshotLSN: slot.consistentPoint,
                chunks: SnapshotPlan.chunks(of: current, generation: table.generation + 1, pages: parts))
        }
        try source.execute("commit", doing: "end the plan")
    }

    private func prepareTarget(_ tables: [Table], _ unfinished: [StoredTable], uuid: String) throws {
        let target = try context.connect(.target, as: "snapshot")
        try context.checkIdentity(.target, target)
        try target.becomeReplica()
        try context.ensureMetadata(.target, target)
        try TargetTables.check(
            target, tables: tables, unfinished: unfinished.map(\.table.name), uuid: uuid,
            excluded: try context.record().excludedTableGlobs)
        for table in unfinished where table.generation > 0 {
            try target.clearTable(migration: uuid, table: table.table.name)
        }
    }
}
