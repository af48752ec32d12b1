import Journal
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

    /// Prepares the copy. Returns the chunks that are left to copy, all tables, and the snapshot to copy
    /// under.
    func prepare() throws -> (
        queue: [StoredChunk], tables: [QualifiedName: Table], snapshot: (any OriginSnapshot)?
    ) {
        if try context.record().currentLeg?.consistentPoint == nil {
            try StartPlanCheck(context: context).judge()
        }
        let source = try context.origin(of: leg).startSnapshot()
        var record = try context.record()
        let found = try chooseTables(source, record)
        if try context.journal.tables().isEmpty { try context.journal.keepTables(found) }
        let tables = Dictionary(
            uniqueKeysWithValues: try context.journal.tables().map { ($0.table.name, $0.table) })
        try ensurePublication(source, Array(tables.keys).sorted())
        // A copy that continues must be of the same server.
        try source.checkContinuity()
        let unfinished = try context.journal.tables().filter {
            !(isDirect ? $0.isImported && $0.isExported : $0.isExported)
        }
        let snapshot: any OriginSnapshot
        if record.currentLeg?.consistentPoint == nil {
            snapshot = try createFirstSnapshot(source)
        } else if unfinished.isEmpty {
            return ([], tables, nil)
        } else {
            // The earlier snapshot ended with its connection.
            snapshot = try source.createLaterSnapshot { blockers in
                report(blockers, for: "a snapshot", source.place)
            }
        }
        record = try context.record()
        if let (catalog, oldest) = try source.catalog(inSchemas: record.schemas) {
            try SnapshotCatalog(context: context, leg: leg).keep(
                catalog, oldest: oldest, copied: unfinished.map(\.table.name))
        }
        if isDirect { try prepareTarget(Array(tables.values), unfinished) }
        try source.plan { try planCopy(of: unfinished, source, at: snapshot.position) }
        context.log(
            .info, "capture",
            "snapshot at \(snapshot.position): \(unfinished.count) of \(tables.count) tables to copy")
        return (try context.journal.chunks().filter { !$0.isExported }, tables, snapshot)
    }

    private func chooseTables(_ source: any SnapshotStartSession, _ record: MigrationRecord) throws
        -> [Table]
    {
        let choice = TableChoice(
            try source.tables(inSchemas: record.schemas),
            others: try source.otherRelations(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs)
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
        let filtered = FilteredTables(names: try source.filteredTables(among: found), user: source.user)
        if let error = filtered.error(on: .source) { throw error }
        if try context.journal.tables().isEmpty {
            let answer = try NotCarriedAnswer(choice) {
                try source.uncarriedObjects(of: found.map(\.name))
            }
            try StartNotice(context: context).give(choice, answer)
        }
        return found
    }

    private func ensurePublication(_ source: any SnapshotStartSession, _ tables: [QualifiedName]) throws {
        guard try !source.isPublished() else { return }
        let hasBarrierRows = try !source.carriesMessages()
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].origin.barriers = hasBarrierRows ? .row : .message
        }
        try source.publish(tables, withBarrierRows: hasBarrierRows)
    }

    /// Creates the slot of the leg with its snapshot. A slot that exists while the journal has no position of
    /// it is left from a crash between the two, and nothing was read from it.
    private func createFirstSnapshot(_ source: any SnapshotStartSession) throws -> any OriginSnapshot {
        context.announce(
            "replication slot \(leg.slotName) retains WAL on the source until the cutover or `end migration`"
        )
        let snapshot = try source.createFirstSnapshot { blockers in
            report(blockers, for: "slot \(leg.slotName)", source.place)
        }
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].consistentPoint = snapshot.position
        }
        return snapshot
    }

    /// Reports which sessions the server waits for, before it can create what we asked for.
    private func report(_ blockers: [String], for what: String, _ place: String) {
        guard !blockers.isEmpty else { return waiting("for \(what) at \(place)") }
        waiting(
            "for \(what) at \(place), which can be created when the transactions that were open before have "
                + "ended: \(blockers.joined(separator: "; ")); wait, or end these processes")
    }

    /// Plans the copy of the partitions that the snapshot has, also of those that are newer than the table
    /// list.
    private func planCopy(
        of unfinished: [StoredTable], _ source: any SnapshotStartSession, at position: LogPosition
    )
        throws
    {
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
            let pages = try SnapshotPlan.leaves(of: current).map { try source.pages(of: $0) }
            try context.journal.planCopy(
                of: table.table.name, generation: table.generation + 1, snapshotLSN: position,
                chunks: SnapshotPlan.chunks(of: current, generation: table.generation + 1, pages: pages))
        }
    }

    private func prepareTarget(_ tables: [Table], _ unfinished: [StoredTable]) throws {
        let target = try context.destination(of: leg).startFilling()
        try target.suppressTriggers(on: tables.map(\.name))
        try target.createMetadata()
        try TargetTables.check(
            target, tables: tables, unfinished: unfinished.map(\.table.name),
            excluded: try context.record().excludedTableGlobs)
        for table in unfinished where table.generation > 0 { try target.clear(table.table.name) }
    }
}
