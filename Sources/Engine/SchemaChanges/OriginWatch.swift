import Journal
import Postgres
import Records

/// Looks at the origin's catalog every few seconds for what the stream does not tell: new tables, tables that are gone,
/// partitions that come and go or are emptied by themselves. It belongs to the capture role.
final class OriginWatch {
    private let context: RoleContext
    private let leg: Leg
    private var baseline: OriginCatalog?
    private var isRead = false
    private var lookedAt = 0.0
    private var waitSeconds = OriginWatch.waitSecondsMin
    /// Partitions with another file, until the stream is past the look: then it is known whether their root was truncated.
    private var rewritten: [Rewritten] = []
    /// Truncates of each root the stream had told of before the last look but one.
    private var truncatesBefore: [QualifiedName: Int] = [:]

    private struct Rewritten {
        let change: CatalogChange
        /// As the partition is now.
        let part: OriginCatalog.Part?
        let lookLSN: LSN
        let truncates: Int
    }

    /// Between two looks; and so seldom that they take no more than a fiftieth of the time.
    static let waitSecondsMin = 2.0
    private static let lookShare = 50.0

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
    }

    private var key: String { "origin_catalog_\(leg.number)" }

    /// Looks where it is time to. `truncates` counts the truncates of each table the stream has told, through `received`.
    func look(
        _ connection: borrowing PostgresConnection, truncates: [QualifiedName: Int], received: LSN
    ) throws {
        try settleRewritten(truncates: truncates, received: received)
        let begun = secondsNow()
        guard hasPassed(waitSeconds, since: lookedAt, at: begun) else { return }
        let record = try context.record()
        let lsn = try connection.currentLSN()
        var catalog = try connection.originCatalog(inSchemas: record.schemas)
        if !isRead {
            baseline = try context.journal.document(OriginCatalog.self, key: key)
            isRead = true
        }
        let migrated = Set(try context.journal.tables().map(\.table.name)).filter {
            !record.isExcluded($0.description)
        }
        let changes = catalog.changes(since: baseline, migrated: migrated) { name in
            !record.isExcluded(name.description)
                && (record.tableGlobs.isEmpty
                    || record.tableGlobs.contains { SnapshotPlan.matches($0, name) })
                && !record.excludedTableGlobs.contains { SnapshotPlan.matches($0, name) }
        }
        for change in changes {
            var now: OriginCatalog.Part?
            if case .partRewritten(let root, let part, true) = change {
                now = catalog.part(part, of: root)
                // The earlier file is kept until it is known why there is another one, so that it is found again where this
                // process dies before that.
                if let old = baseline?.part(part, of: root) { catalog.put(old, of: root) }
                if rewritten.contains(where: { $0.change == change && $0.part == now }) { continue }
            }
            try note(change, now: now, lsn: lsn)
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
        truncatesBefore = truncates
        lookedAt = secondsNow()
        waitSeconds = max(Self.waitSecondsMin, (lookedAt - begun) * Self.lookShare)
    }

    /// - Parameter now: a partition that was rewritten, as it is now.
    private func note(_ change: CatalogChange, now: OriginCatalog.Part?, lsn: LSN) throws {
        let origin = leg.direction.origin.rawValue
        switch change {
        case .newTable(let name):
            let isNew = try context.update { record -> Bool in
                let known = record.newTables ?? []
                // A look may outlast its leg; the next one has a look of its own.
                guard !record.hasEnded(leg), !known.contains(where: { $0.table == name.description }) else {
                    return false
                }
                record.newTables =
                    known + [NewTable(table: name.description, leg: leg.number, since: secondsNow())]
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
            let sql = "create table \(part.name.quoted) partition of \(root.quoted) \(part.bound)"
            try context.journal.update([String: [String]].self, key: NewParts.key(leg), initial: [:]) {
                if $0[root.description, default: []].contains(sql) == false {
                    $0[root.description, default: []].append(sql)
                }
            }
            context.log(
                .warning, "capture",
                "the \(origin) has a new partition \(part.name) of \(root); the \(leg.direction.destination.rawValue) needs a "
                    + "place for its rows: \(sql). Rows it had before it was attached are not captured")
        case .partGone(let root, let part):
            try hold(
                root,
                "the \(origin) has dropped or detached partition \(part), and the stream does not tell of its rows",
                "do the same on the \(leg.direction.destination.rawValue), then `switchback retry table`")
        case .partRewritten(let root, let part, let isFresh):
            guard isFresh else {
                context.log(
                    .info, "capture",
                    "partition \(part) of \(root) has been rewritten on the \(origin), as by VACUUM FULL")
                return
            }
            rewritten.append(
                Rewritten(change: change, part: now, lookLSN: lsn, truncates: truncatesBefore[root] ?? 0))
        }
    }

    /// A truncate of the root is in the stream, and empties its partitions; one of a partition alone is not.
    private func settleRewritten(truncates: [QualifiedName: Int], received: LSN) throws {
        guard !rewritten.isEmpty else { return }
        var waiting: [Rewritten] = []
        for entry in rewritten {
            guard received >= entry.lookLSN else {
                waiting.append(entry)
                continue
            }
            guard case .partRewritten(let root, let part, _) = entry.change else { continue }
            guard truncates[root] ?? 0 == entry.truncates else {
                try settle(entry.part, of: root)
                continue
            }
            try hold(
                root,
                "partition \(part) was emptied on the \(leg.direction.origin.rawValue) by a TRUNCATE of its own, which the stream "
                    + "does not tell",
                "delete from \(part.quoted) on the \(leg.direction.destination.rawValue) what the "
                    + "\(leg.direction.origin.rawValue) no longer has, then `switchback retry table`")
            try settle(entry.part, of: root)
        }
        rewritten = waiting
    }

    /// It is known why the partition has another file, and that it has one is no news from here on.
    private func settle(_ part: OriginCatalog.Part?, of root: QualifiedName) throws {
        guard let part, var known = baseline else { return }
        known.put(part, of: root)
        try context.journal.update(OriginCatalog.self, key: key, initial: known) { $0 = known }
        baseline = known
    }

    private func hold(_ name: QualifiedName, _ reason: String, _ remedy: String) throws {
        try context.hold(
            TableHold(
                table: name.description, leg: leg.number, cause: .unseen, reason: reason, remedy: remedy,
                since: secondsNow()), origin: "capture")
    }

    /// One that was dropped again concerns nobody.
    private func forgetNewTables(notIn catalog: OriginCatalog) throws {
        guard let known = try context.record().newTables, !known.isEmpty else { return }
        let names = Set(catalog.tables.keys.map(\.description))
        guard known.contains(where: { $0.leg == leg.number && !names.contains($0.table) }) else { return }
        try context.update { record in
            record.newTables?.removeAll { $0.leg == leg.number && !names.contains($0.table) }
        }
    }
}
