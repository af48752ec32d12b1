import Engine
import Postgres
import Records

extension PostgresOrigin {
    func startSnapshot() throws -> any SnapshotStartSession {
        let maker = try context.connectAlone(side, step: SnapshotStartConnections.step)
        let control = try context.connect(side, as: "snapshot")
        try context.checkIdentity(side, control)
        return SnapshotStartConnections(origin: self, maker: maker, control: control)
    }
}

/// The connections of a snapshot's start: one that makes the publication, one that reads the catalog, and a
/// replication connection that makes the slot and keeps its snapshot.
final class SnapshotStartConnections: SnapshotStartSession {
    private let origin: PostgresOrigin
    private let maker: PostgresConnection
    private let control: PostgresConnection
    private var keeper: SnapshotKeeper?
    /// The exported snapshot; nil before, and if the server has exported none.
    private var snapshotName: String?
    /// The number below which all transactions had ended before the snapshot.
    private var oldest: UInt32?

    static let step = "snapshot start"
    static let plugin = "pgoutput"

    init(
        origin: PostgresOrigin, maker: consuming PostgresConnection, control: consuming PostgresConnection
    ) {
        self.origin = origin
        self.maker = maker
        self.control = control
    }

    private var context: RoleContext { origin.context }
    private var leg: Leg { origin.leg }
    private var side: Side { origin.side }

    var place: String { control.place }
    var user: String { control.user }

    // MARK: Tables

    func tables(inSchemas schemas: [String]) throws -> [Table] { try control.tables(inSchemas: schemas) }

    func otherRelations(inSchemas schemas: [String]) throws -> [OtherRelation] {
        try control.otherRelations(inSchemas: schemas)
    }

    func identities(of tables: [QualifiedName]) throws -> [TableIdentity] {
        try control.identities(of: tables)
    }

    func filteredTables(among tables: [Table]) throws -> [QualifiedName] {
        try control.filteredTables(among: tables)
    }

    func uncarriedObjects(of tables: [QualifiedName]) throws
        -> [UncarriedObject]
    {
        try control.uncarriedObjects(of: tables, try context.record())
    }

    // MARK: Publication

    func isPublished() throws -> Bool {
        let known = try maker.query(
            "select from pg_catalog.pg_publication where pubname = $1", [leg.publicationName],
            doing: "search for publication \(leg.publicationName)")
        return !known.rows.isEmpty
    }

    func carriesMessages() throws -> Bool { try maker.carriesMessages() }

    func publish(_ tables: [QualifiedName], withBarrierRows: Bool) throws {
        if withBarrierRows { try context.ensureMetadataTables(side, maker) }
        try DatabaseChanges(context).note(
            side, .publication(name: leg.publicationName),
            undo: dropPublicationSQL(leg.publicationName))
        let statement = publicationSQL(
            leg.publicationName, tables + (withBarrierRows ? [Barrier.table] : []),
            viaRoot: maker.publishesViaRoot)
        let doing = "create publication \(leg.publicationName)"
        try OwnTransaction(context: context, side: side).run(maker, locking: tables, doing: doing) {
            // A publication that exists by now is of an earlier attempt, with the same tables or fewer.
            try maker.execute(dropPublicationSQL(leg.publicationName), doing: doing)
            try maker.execute(statement, doing: doing)
        }
    }

    // MARK: Snapshot

    func checkContinuity() throws {
        let keeper = try connectedKeeper()
        let timeline = try keeper.stream.timeline()
        // A standby may still be replaying WAL.
        if timeline != nil { try control.checkPromoted() }
        _ = try OriginCheck(context: context, leg: leg).check(
            timeline, at: control.place, received: .zero,
            switches: { try keeper.stream.switches(of: $0) })
    }

    func createFirstSnapshot(waiting: ([String]) -> Void) throws -> any OriginSnapshot {
        let keeper = try connectedKeeper()
        oldest = try control.oldestTransaction()
        try DatabaseChanges(context).note(side, .slot(name: leg.slotName), undo: dropSlotSQL(leg.slotName))
        return exported(
            try SlotCreation.replacing(leg.slotName, control, keeper.stream) {
                try keeper.stream.createSlot(leg.slotName, plugin: Self.plugin, temporary: false) {
                    try wait(for: keeper, waiting)
                }
            }, keeper)
    }

    func createLaterSnapshot(waiting: ([String]) -> Void) throws -> any OriginSnapshot {
        let keeper = try connectedKeeper()
        oldest = try control.oldestTransaction()
        // An exported snapshot ends with its connection; a temporary slot gives a new pair of snapshot and
        // position.
        let name = leg.slotName + "_\(UInt32.random(in: 0...UInt32.max))"
        return exported(
            try keeper.stream.createSlot(name, plugin: Self.plugin, temporary: true) {
                try wait(for: keeper, waiting)
            }, keeper)
    }

    private func connectedKeeper() throws -> SnapshotKeeper {
        if let keeper { return keeper }
        let name = "\(PostgresConnection.applicationPrefix) \(try context.sessionName(Self.step))"
        let made = SnapshotKeeper(try ReplicationStream(origin.access, applicationName: name))
        keeper = made
        return made
    }

    private func exported(_ slot: CreatedSlot, _ keeper: SnapshotKeeper) -> ExportedSnapshot {
        snapshotName = slot.snapshotName
        return ExportedSnapshot(slot, keeper, of: origin)
    }

    /// Reports the sessions that the keeper's process waits for. Throws if a stop is requested.
    private func wait(for keeper: SnapshotKeeper, _ waiting: ([String]) -> Void) throws {
        try context.stop.check()
        waiting(try control.blockers(of: keeper.stream.processID).map(\.description))
    }

    // MARK: Under the snapshot

    func catalog(inSchemas schemas: [String]) throws -> (catalog: OriginCatalog, oldest: UInt32)? {
        guard let snapshotName, let oldest else { return nil }
        return (try control.originCatalog(inSchemas: schemas, under: snapshotName), oldest)
    }

    func plan(_ body: () throws -> Void) throws {
        try control.execute("begin isolation level repeatable read read only", doing: "begin the plan")
        if let snapshotName {
            try control.execute(
                "set transaction snapshot \(quoteLiteral(snapshotName))", doing: "plan under the snapshot")
        }
        try body()
        try control.execute("commit", doing: "end the plan")
    }

    func pages(of leaf: QualifiedName) throws -> Int {
        let measured = try control.query(
            // If a leaf was dropped since the snapshot, the copy reports it.
            "select pg_catalog.pg_relation_size(pg_catalog.to_regclass($1)) / "
                + "current_setting('block_size')::bigint",
            [leaf.quoted], doing: "measure \(leaf)")
        // Servers before 14 read the whole table for each ctid range.
        guard control.serverVersion >= 140_000 else { return 0 }
        return measured.scalar.flatMap { Int($0) } ?? 0
    }
}
