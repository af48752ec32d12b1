import Journal
import Records

/// A monitor of the origin's catalog. It finds what the stream does not announce: new tables, tables that are
/// gone, and partitions that are attached, detached or emptied one by one. It belongs to the capture role.
final class OriginCatalogMonitor {
    private let context: RoleContext
    private let leg: Leg
    private let unseen: UnseenChanges
    private let pace: MonitorPace
    /// The catalog that the next check compares with.
    private var baseline: OriginCatalog?
    private var isRead = false
    private var checkedAt = 0.0
    private var waitSeconds: Double
    private var emptied: EmptiedPartitions
    /// New partitions that could not be read, as was logged.
    private var unreadable: Set<QualifiedName> = []

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
        unseen = UnseenChanges(leg)
        pace = context.options.schemaPace
        waitSeconds = pace.secondsMin
        emptied = EmptiedPartitions(leg)
    }

    /// The key of the baseline in the journal.
    static func key(_ leg: Leg) -> String { "origin_catalog_\(leg.number)" }

    private var key: String { Self.key(leg) }
    private var origin: String { leg.direction.origin.rawValue }

    /// Checks the catalog when it is due.
    ///
    /// - Parameters:
    ///   - truncates: the truncates that the stream has announced
    ///   - received: the LSN through which it has announced them
    func check(
        _ session: any OriginMonitorSession, truncates: ReceivedTruncates, received: LogPosition
    ) throws {
        for (partition, isAnnounced) in emptied.settled(by: truncates, received: received) {
            try settle(partition, isAnnounced: isAnnounced)
        }
        guard hasPassed(waitSeconds, since: checkedAt, at: secondsNow()) else { return }
        let record = try context.record()
        let found = try session.catalog()
        let (seen, oldest, lsn) = (found.catalog, found.oldestTransaction, found.logEnd)
        if !isRead {
            baseline = try context.journal.document(OriginCatalog.self, key: key)
            try emptied.read(context.journal)
            isRead = true
        }
        let migrated = Set(try context.journal.tables().map(\.table.name)).filter { !record.isExcluded($0) }
        let changes = changes(seen, record, migrated: migrated)
        var catalog = seen
        for change in changes {
            // A partition that cannot be read stays unknown, so that the next check finds it again.
            if try !note(change, session), case .newPartition(let root, let partition) = change {
                catalog.tables[root]?.parts.removeAll { $0.name == partition.name }
            }
        }
        let tables = migrated.filter { catalog.tables[$0] != nil }.sorted()
        for name in try session.unpublished(of: tables) {
            try setAside(name, unseen.unpublished)
        }
        var areFilesKnown = false
        if let lsn {
            let finding = try emptied.check(session, changes, seen: seen, at: lsn, truncates: truncates)
            log(finding)
            // The earlier file is kept until the reason for the new one is known. A process that takes over
            // meanwhile thus finds the new file again.
            for (root, name) in emptied.waiting.map({ ($0.root, $0.now.name) }) + finding.unknown {
                if let old = baseline?.part(name, of: root) { catalog.put(old, of: root) }
            }
            areFilesKnown = emptied.waiting.isEmpty && finding.unknown.isEmpty
        }
        try forgetNewTables(notIn: catalog)
        // A table that is gone stays in the baseline, so that each check finds it while it is gone.
        for name in migrated {
            if let old = baseline?.tables[name], catalog.tables[name]?.oid != old.oid {
                catalog.tables[name] = old
            }
        }
        if catalog != baseline { try keep(catalog) }
        if let oldest, areFilesKnown { try emptied.keep(oldest: oldest, truncates, in: context.journal) }
        checkedAt = secondsNow()
        // Waits for locks do not count. What could not be read is asked for again soon.
        waitSeconds = pace.waitSeconds(afterCheckOf: found.readSeconds)
    }

    private func keep(_ catalog: OriginCatalog) throws {
        try context.journal.update(OriginCatalog.self, key: key, initial: catalog) { $0 = catalog }
        baseline = catalog
    }

    private func changes(_ seen: OriginCatalog, _ record: MigrationRecord, migrated: Set<QualifiedName>)
        -> [CatalogChange]
    {
        let isExcluded = { name in record.excludedTableGlobs.contains { SnapshotPlan.matches($0, name) } }
        return seen.changes(
            since: baseline, migrated: migrated,
            isChosen: { name in
                !record.isExcluded(name)
                    && (record.tableGlobs.isEmpty
                        || record.tableGlobs.contains { SnapshotPlan.matches($0, name) })
                    && !isExcluded(name)
            }, isExcluded: isExcluded)
    }

    /// Records a change and what follows from it. Returns false if it could not be judged and has to be found
    /// again.
    private func note(_ change: CatalogChange, _ session: any OriginMonitorSession) throws -> Bool {
        switch change {
        case .newTable(let name): try noteNewTable(name)
        case .newPartition(let root, let partition):
            return try noteNewPartition(partition, of: root, session)
        case .gone, .renamed, .madeAnew, .partitionGone, .partitionRewritten, .partitionsNotStreamed,
            .partitionStreamedNow:
            if let reason = unseen.change(change) {
                try setAside(change.table, reason)
            }
        }
        return true
    }

    private func noteNewTable(_ name: QualifiedName) throws {
        try context.update { record, transaction in
            let known = record.newTables ?? []
            // A check may outlast its leg. The next leg has a monitor of its own.
            guard !record.hasEnded(leg), !known.contains(where: { $0.table == name }) else { return }
            record.newTables = known + [NewTable(table: name, leg: leg.number, since: secondsNow())]
            try transaction.log(
                .error, "capture",
                "\(name) is new on the \(origin) and is not migrated: its rows and changes are not captured. "
                    + "No cutover begins before it is excluded (`switchback exclude table`) or dropped")
        }
    }

    private func noteNewPartition(
        _ partition: OriginCatalog.Part, of root: QualifiedName, _ session: any OriginMonitorSession
    ) throws -> Bool {
        let hasEarlierRows: Bool?
        do { hasEarlierRows = try session.hasRowsFromBeforeAttachment(partition.name) } catch {
            // It is locked, or was dropped meanwhile.
            guard (error as? any DatabaseError)?.refusesStatement == true else { throw error }
            if unreadable.insert(partition.name).inserted {
                context.log(
                    .warning, "capture", "\(error); the new partition is checked again every few seconds")
            }
            return false
        }
        unreadable.remove(partition.name)
        let partitions = NewPartitions(context: context, leg: leg)
        if let reason = try partitions.note(partition, of: root, hasEarlierRows: hasEarlierRows) {
            try setAside(root, reason)
        }
        return true
    }

    private func log(_ finding: EmptiedPartitions.Finding) {
        for partition in finding.rewritten {
            context.log(
                .info, "capture",
                "partition \(partition) has been rewritten on the \(origin), as by VACUUM FULL")
        }
        for failure in finding.failures {
            context.log(
                .warning, "capture",
                "a partition has another file on the \(origin), and whether it was emptied is not known: "
                    + "\(failure); it is checked again every few seconds. See who holds a lock on it, and "
                    + "begin no cutover before"
            )
        }
    }

    /// Takes in why a partition has another file: the stream has announced a truncate of the root, or none.
    /// The file is part of the baseline from here on.
    private func settle(_ partition: EmptiedPartitions.Candidate, isAnnounced: Bool) throws {
        if !isAnnounced { try setAside(partition.root, unseen.emptied(partition.now.name)) }
        // The partition may have been detached since, or be another one.
        let (name, root) = (partition.now.name, partition.root)
        guard var known = baseline, known.part(name, of: root)?.isSame(as: partition.now) == true else {
            return
        }
        known.put(partition.now, of: root)
        try keep(known)
    }

    private func setAside(_ name: QualifiedName, _ change: UnseenChange) throws {
        if change.isFoundAgain, let known = try context.record().setAsideTable(name), !known.isReleased {
            return
        }
        try context.setAside(
            SetAsideTable(
                table: name, leg: leg.number, cause: .unseen, reason: change.reason, remedy: change.remedy,
                since: secondsNow()), origin: "capture")
    }

    /// Forgets new tables that were dropped again.
    private func forgetNewTables(notIn catalog: OriginCatalog) throws {
        guard let known = try context.record().newTables, !known.isEmpty else { return }
        let names = Set(catalog.tables.keys)
        let isGone = { [leg] (new: NewTable) in new.leg == leg.number && !names.contains(new.table) }
        guard known.contains(where: isGone) else { return }
        try context.update { $0.newTables?.removeAll(where: isGone) }
    }
}
