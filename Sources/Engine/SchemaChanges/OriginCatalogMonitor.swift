import Journal
import Postgres
import Records

/// Looks at the origin's catalog every few seconds for what the stream does not tell: new tables, tables that are gone,
/// partitions that come and go or are emptied by themselves. It belongs to the capture role.
final class OriginCatalogMonitor {
    private let context: RoleContext
    private let leg: Leg
    private var baseline: OriginCatalog?
    private var isRead = false
    private var lookedAt = 0.0
    private var waitSeconds = OriginCatalogMonitor.waitSecondsMin
    private var emptied: EmptiedPartitions
    /// New partitions of which it was told that they could not be looked at.
    private var failing: Set<QualifiedName> = []

    /// Between two looks; and so seldom that they take no more than a fiftieth of the time.
    static let waitSecondsMin = 2.0
    private static let lookShare = 50.0

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
        emptied = EmptiedPartitions(leg)
    }

    /// What the last look has seen is kept under this in the journal.
    static func key(_ leg: Leg) -> String { "origin_catalog_\(leg.number)" }

    private var key: String { Self.key(leg) }

    /// Looks where it is time to. `truncates` are those the stream has told of, through `received`.
    func check(
        _ connection: borrowing PostgresConnection, truncates: ReceivedTruncates, received: LSN
    ) throws {
        for (part, isTold) in emptied.settled(by: truncates, received: received) {
            try settle(part, isTold: isTold)
        }
        let begun = secondsNow()
        guard hasPassed(waitSeconds, since: lookedAt, at: begun) else { return }
        let record = try context.record()
        let oldest = try connection.oldestTransaction()
        let seen = try connection.originCatalog(inSchemas: record.schemas)
        var catalog = seen
        let lsn = try connection.logEnd()
        // Without the waits for locks below: what could not be looked at is asked for again soon.
        let lookSeconds = secondsNow() - begun
        if !isRead {
            baseline = try context.journal.document(OriginCatalog.self, key: key)
            try emptied.read(context.journal)
            isRead = true
        }
        let migrated = Set(try context.journal.tables().map(\.table.name)).filter {
            !record.isExcluded($0)
        }
        let isLeftOut = { name in record.excludedTableGlobs.contains { SnapshotPlan.matches($0, name) } }
        let changes = catalog.changes(
            since: baseline, migrated: migrated,
            isChosen: { name in
                !record.isExcluded(name)
                    && (record.tableGlobs.isEmpty
                        || record.tableGlobs.contains { SnapshotPlan.matches($0, name) })
                    && !isLeftOut(name)
            }, isLeftOut: isLeftOut)
        for change in changes {
            // A part that cannot be looked at stays unknown, and is found again by the next look.
            if try note(change, connection) == .again, case .newPart(let root, let part) = change {
                catalog.tables[root]?.parts.removeAll { $0.name == part.name }
            }
        }
        let tables = migrated.filter { catalog.tables[$0] != nil }.sorted()
        for name in try connection.unpublished(of: tables, in: leg.publicationName) {
            try holdUnlessHeld(
                name,
                "publication \(leg.publicationName) on the \(leg.direction.origin.rawValue) no longer publishes all changes of the table",
                "add the table to it again, with all changes, make the rows on the \(leg.direction.destination.rawValue) those of the "
                    + "\(leg.direction.origin.rawValue), then `switchback retry table`")
        }
        var areFilesKnown = false
        if let lsn {
            let finding = try emptied.look(connection, changes, seen: seen, at: lsn, truncates: truncates)
            for part in finding.rewritten {
                context.log(
                    .info, "capture",
                    "partition \(part) has been rewritten on the \(leg.direction.origin.rawValue), as by VACUUM FULL"
                )
            }
            for failure in finding.failures {
                context.log(
                    .warning, "capture",
                    "a partition has another file on the \(leg.direction.origin.rawValue), and whether it was emptied is not known: "
                        + "\(failure); it is looked at again every few seconds. See who holds a lock on it, and begin no cutover before"
                )
            }
            // The earlier file is kept until it is known why there is another one, so that it is found again where this
            // process dies before that.
            for (root, name) in emptied.waiting.map({ ($0.root, $0.now.name) }) + finding.unknown {
                if let old = baseline?.part(name, of: root) { catalog.put(old, of: root) }
            }
            areFilesKnown = emptied.waiting.isEmpty && finding.unknown.isEmpty
        }
        try forgetNewTables(notIn: catalog)
        // What is gone stays known, so that it is found again as long as it is gone.
        for name in migrated {
            if let old = baseline?.tables[name], catalog.tables[name]?.oid != old.oid {
                catalog.tables[name] = old
            }
        }
        if catalog != baseline {
            try context.journal.update(OriginCatalog.self, key: key, initial: catalog) { $0 = catalog }
            baseline = catalog
        }
        if let oldest, areFilesKnown { try emptied.keep(oldest: oldest, truncates, in: context.journal) }
        lookedAt = secondsNow()
        waitSeconds = max(Self.waitSecondsMin, lookSeconds * Self.lookShare)
    }

    private enum Noted { case done, again }

    private func note(_ change: CatalogChange, _ connection: borrowing PostgresConnection) throws -> Noted {
        let origin = leg.direction.origin.rawValue
        switch change {
        case .newTable(let name):
            let isNew = try context.update { record -> Bool in
                let known = record.newTables ?? []
                // A look may outlast its leg; the next one has a look of its own.
                guard !record.hasEnded(leg), !known.contains(where: { $0.table == name }) else {
                    return false
                }
                record.newTables =
                    known + [NewTable(table: name, leg: leg.number, since: secondsNow())]
                return true
            }
            if isNew {
                context.log(
                    .error, "capture",
                    "\(name) is new on the \(origin) and is not migrated: its rows and changes are not captured. No cutover "
                        + "begins before it is left out (`switchback exclude table`) or dropped")
            }
        case .gone(let name):
            try hold(name, "the \(origin) no longer has the table", "leave it out, or begin a new migration")
        case .renamed(let name, let other):
            try hold(
                name, "on the \(origin) the table is now called \(other)", "rename it back on the \(origin)")
        case .madeAnew(let name):
            try hold(
                name,
                "the \(origin) has dropped the table and made another one of its name, whose changes are not captured",
                "leave it out, or begin a new migration")
        case .newPart(let root, let part):
            let hasEarlierRows: Bool?
            do { hasEarlierRows = try connection.hasRowsFromBeforeAttachment(part.name) } catch {
                // A lock, or one that was dropped meanwhile.
                guard error.kind == .server else { throw error }
                if failing.insert(part.name).inserted {
                    context.log(
                        .warning, "capture",
                        "\(error); the new partition is looked at again every few seconds")
                }
                return .again
            }
            failing.remove(part.name)
            let parts = NewPartitions(context: context, leg: leg)
            if let lack = try parts.note(part, of: root, hasEarlierRows: hasEarlierRows) {
                try hold(root, lack.reason, lack.remedy)
            }
        case .partGone(let root, let part):
            try hold(
                root,
                "the \(origin) has dropped or detached partition \(part), for a while or for good, and the stream does not tell of its "
                    + "rows",
                "do the same on the \(leg.direction.destination.rawValue), or make its rows those of the \(origin), then "
                    + "`switchback retry table`")
        case .partRewritten: break
        case .partsNotStreamed(let root, let parts):
            try holdUnlessHeld(
                root, UnstreamedPartition.reason(parts, on: leg.direction.origin),
                "\(UnstreamedPartition.remedy(parts)), make their rows on the \(leg.direction.destination.rawValue) those of the \(origin), "
                    + "then `switchback retry table`")
        case .partStreamedNow(let root, let part):
            try hold(
                root,
                "partition \(part) on the \(origin) is logged again, and what was written to it before was not captured",
                "make its rows on the \(leg.direction.destination.rawValue) those of the \(origin), then `switchback retry table`"
            )
        }
        return .done
    }

    /// It is known why a partition has another file: a truncate of the root was told of in the stream, or none was. That it has
    /// one is no news from here on.
    private func settle(_ part: EmptiedPartitions.Part, isTold: Bool) throws {
        if !isTold {
            try hold(
                part.root,
                "partition \(part.now.name) was emptied on the \(leg.direction.origin.rawValue) by a TRUNCATE of its own, or "
                    + "rewritten, and the stream tells of neither",
                "delete from \(part.now.name.quoted) on the \(leg.direction.destination.rawValue) what the "
                    + "\(leg.direction.origin.rawValue) no longer has, then `switchback retry table`")
        }
        // It may have been detached since, and be another one.
        guard var known = baseline, known.part(part.now.name, of: part.root)?.isSame(as: part.now) == true
        else { return }
        known.put(part.now, of: part.root)
        try context.journal.update(OriginCatalog.self, key: key, initial: known) { $0 = known }
        baseline = known
    }

    /// For what each look finds again: another hold's reason, which was told once, is kept until that hold is over.
    private func holdUnlessHeld(_ name: QualifiedName, _ reason: String, _ remedy: String) throws {
        if let standing = try context.record().setAsideTable(name), !standing.isReleased { return }
        try hold(name, reason, remedy)
    }

    private func hold(_ name: QualifiedName, _ reason: String, _ remedy: String) throws {
        try context.setAside(
            SetAsideTable(
                table: name, leg: leg.number, cause: .unseen, reason: reason, remedy: remedy,
                since: secondsNow()), origin: "capture")
    }

    /// One that was dropped again concerns nobody.
    private func forgetNewTables(notIn catalog: OriginCatalog) throws {
        guard let known = try context.record().newTables, !known.isEmpty else { return }
        let names = Set(catalog.tables.keys)
        guard known.contains(where: { $0.leg == leg.number && !names.contains($0.table) }) else { return }
        try context.update { record in
            record.newTables?.removeAll { $0.leg == leg.number && !names.contains($0.table) }
        }
    }
}
