import Foundation
import Journal
import Postgres
import Records

/// The capture role's part of the snapshot: publication, slot with its exported snapshot, and the copy of every
/// table as of that snapshot.
///
/// After a crash the tables that were complete stay; each other one is copied anew under a later snapshot, whose
/// consistent point is kept with the table: commits below it are in its rows and are left out of its stream.
actor SnapshotExport {
    private nonisolated let thread = SessionThread(name: "snapshot")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let isDirect: Bool
    private var holder: SnapshotHolder?

    private static let slotSeconds = 2.0
    private var status: CaptureStatus
    private var slotWatch = SlotWatch()

    init(context: RoleContext, leg: Leg, isDirect: Bool) {
        self.context = context
        self.leg = leg
        self.isDirect = isDirect
        status = CaptureStatus(direction: leg.direction, slotName: leg.slotName, now: secondsNow())
        status.state = RoleState(word: .snapshot, since: secondsNow())
    }

    /// Runs the copy to its end, beginning again after every lost connection.
    func run() async throws {
        var backoff = Backoff()
        while true {
            do {
                try await copyOnce { backoff.reset() }
                return
            } catch let rewritten as TableRewritten {
                holder = nil
                context.log(.info, "capture", "\(rewritten)")
                if context.stop.isRequested { throw CancellationError() }
                try await Task.sleep(for: .milliseconds(Backoff.firstMilliseconds))
            } catch  where isConnectionLoss(error) {
                holder = nil
                let wait = backoff.next()
                status.state = RoleState(word: .retrying, reason: "\(error)", since: secondsNow())
                status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: wait)
                publish()
                context.log(
                    .warning, "capture",
                    "the snapshot was cut off: \(error); beginning again with what is unfinished")
                if context.stop.isRequested { throw CancellationError() }
                try await Task.sleep(for: .milliseconds(wait))
            } catch {
                holder = nil
                status.state = RoleState(word: .stopped, reason: "\(error)", since: secondsNow())
                publish()
                throw error
            }
        }
    }

    private func copyOnce(connected: () -> Void) async throws {
        let chunks = try prepare()
        connected()
        if !chunks.queue.isEmpty, let snapshot = holder?.snapshotName {
            let record = try context.record()
            let queue = ChunkQueue(chunks.queue)
            let context = context
            let isDirect = isDirect
            let tables = chunks.tables
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<max(1, min(record.jobs, chunks.queue.count)) {
                    let lane = ChunkLane(number: number, context: context, tables: tables, uuid: record.uuid)
                    group.addTask { try await lane.export(queue, snapshot: snapshot, toTarget: isDirect) }
                }
                group.addTask { try await self.watchUntilCancelled(queue) }
                // All lanes must end well; the publisher never ends by itself.
                for _ in 0..<max(1, min(record.jobs, chunks.queue.count)) { try await group.next() }
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
        }
        holder = nil
        guard try context.journal.tables().allSatisfy(\.isExported) else { throw CancellationError() }
        writeExportMarkers()
    }

    /// Publishes, and ends a copy that has become useless: without its slot's WAL nothing can follow it.
    private func watchUntilCancelled(_ queue: ChunkQueue) async throws {
        var slotAt = secondsNow()
        while true {
            try Task.checkCancellation()
            if !isDirect { try showShortage() }
            publish()
            if secondsNow() - slotAt > Self.slotSeconds {
                slotAt = secondsNow()
                do { try checkSlot() } catch  where isConnectionLoss(error) {
                    // The lanes meet it too; here it means only that there is nothing to be seen.
                } catch {
                    context.log(.warning, "capture", "the copy is ended: \(error)")
                    queue.close()
                    throw error
                }
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// The lanes that write files wait by themselves; here it is said.
    private func showShortage() throws {
        guard let reason = try context.record().diskLimits.shortage(context.exportDirectory) else {
            if status.state.word == .paused {
                context.log(.info, "capture", "there is room again, the snapshot goes on")
                status.state = RoleState(word: .snapshot, since: secondsNow())
            }
            return
        }
        if status.state.word != .paused { context.log(.warning, "capture", reason) }
        status.state = RoleState(
            word: .paused, reason: reason,
            since: status.state.word == .paused ? status.state.since : secondsNow())
    }

    private func checkSlot() throws {
        let control = try context.connect(.source, as: "watch")
        let slot = try control.slotState(leg.slotName)
        status.note(slot)
        let lost = "the copy, which no change could follow, and the changes since it began"
        if let loss = slotIsLost(slot, name: leg.slotName, place: control.place, lost: lost) { throw loss }
        if let slot, let notice = slotWatch.look(slot, name: leg.slotName, place: control.place) {
            context.log(notice.level, "capture", notice.text)
        }
    }

    /// Sees to publication, slot and plan; what is left to copy is its result.
    private func prepare() throws -> (queue: [StoredChunk], tables: [QualifiedName: Table]) {
        let source = try context.connect(.source, as: "snapshot")
        try context.checkIdentity(.source, source)
        var record = try context.record()
        let found = SnapshotPlan.choose(
            try source.tables(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs)
        guard !found.isEmpty else {
            throw RequestRefused(
                "there is no table to migrate in schema \(record.schemas.joined(separator: ", ")) of \(source.place); name "
                    + "the schemas with --source-db-schema")
        }
        // Publishing a table without one would make the application's own updates and deletes fail.
        let keyless = found.filter { !DatabaseChecks.hasIdentity($0) }.map(\.name.quoted)
        guard keyless.isEmpty else {
            throw RequestRefused(
                "\(keyless.joined(separator: ", ")) has neither a primary key nor a replica identity, and the application's updates "
                    + "would fail once it is published: alter table … replica identity full, or leave it out")
        }
        if try context.journal.tables().isEmpty { try context.journal.keepTables(found) }
        let tables = Dictionary(
            uniqueKeysWithValues: try context.journal.tables().map { ($0.table.name, $0.table) })
        try ensurePublication(source, Array(tables.keys).sorted())
        let stream = try ReplicationStream(
            try context.access(.source), applicationName: "\(PostgresConnection.applicationPrefix) slot")
        let unfinished = try context.journal.tables().filter {
            !(isDirect ? $0.isImported && $0.isExported : $0.isExported)
        }
        let slot: CreatedSlot
        if record.currentLeg?.consistentPoint == nil {
            slot = try makeSlot(source, stream)
        } else if unfinished.isEmpty {
            return ([], tables)
        } else {
            // The exported snapshot died with its connection; a temporary slot gives a new pair of snapshot and position.
            slot = try stream.createSlot(
                leg.slotName + "_\(UInt32.random(in: 0...UInt32.max))", plugin: "pgoutput", temporary: true)
        }
        holder = SnapshotHolder(stream: stream, snapshotName: slot.snapshotName)
        record = try context.record()
        if isDirect { try prepareTarget(Array(tables.values), unfinished, uuid: record.uuid) }
        for table in unfinished {
            let pages = try table.table.leaves.map { leaf in
                try source.query(
                    "select pg_catalog.pg_relation_size($1::regclass) / current_setting('block_size')::bigint",
                    [leaf.quoted], doing: "measure \(leaf)"
                ).scalar.flatMap { Int($0) } ?? 0
            }
            // Before 14 a ctid range reads the whole table each time.
            let parts = source.serverVersion >= 140_000 ? pages : pages.map { _ in 0 }
            try context.journal.planCopy(
                of: table.table.name, generation: table.generation + 1, snapshotLSN: slot.consistentPoint,
                chunks: SnapshotPlan.chunks(of: table.table, generation: table.generation + 1, pages: parts))
        }
        context.log(
            .info, "capture",
            "snapshot at \(slot.consistentPoint): \(unfinished.count) of \(tables.count) tables to copy")
        return (try context.journal.chunks().filter { !$0.isExported }, tables)
    }

    private func ensurePublication(_ source: borrowing PostgresConnection, _ tables: [QualifiedName]) throws {
        let known = try source.query(
            "select from pg_catalog.pg_publication where pubname = $1", [leg.publicationName],
            doing: "look for publication \(leg.publicationName)")
        guard known.rows.isEmpty else { return }
        try DatabaseChanges(context).note(
            .source, what: "publication \(leg.publicationName)",
            undo: "drop publication if exists \(quoteIdentifier(leg.publicationName))")
        try source.execute(
            publicationSQL(leg.publicationName, tables, serverVersion: source.serverVersion),
            doing: "create publication \(leg.publicationName)")
    }

    /// Makes the slot of the leg; one that is there although the journal does not know its position is of a crash
    /// between the two, and nothing has come out of it.
    private func makeSlot(_ source: borrowing PostgresConnection, _ stream: borrowing ReplicationStream)
        throws
        -> CreatedSlot
    {
        if try source.slotState(leg.slotName) != nil { try stream.dropSlot(leg.slotName) }
        context.announce(
            "replication slot \(leg.slotName) holds WAL back on the source until the cutover or `end migration`"
        )
        try DatabaseChanges(context).note(
            .source, what: "replication slot \(leg.slotName)", undo: dropSlotSQL(leg.slotName))
        let slot = try stream.createSlot(leg.slotName, plugin: "pgoutput")
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].consistentPoint = slot.consistentPoint
        }
        return slot
    }

    private func prepareTarget(_ tables: [Table], _ unfinished: [StoredTable], uuid: String) throws {
        let target = try context.connect(.target, as: "snapshot")
        try context.checkIdentity(.target, target)
        try target.ensureMetadata(migration: uuid)
        try target.becomeReplica()
        try TargetTables.check(target, tables: tables, unfinished: unfinished.map(\.table.name), uuid: uuid)
        for table in unfinished where table.generation > 0 {
            try target.clearTable(migration: uuid, table: table.table.name)
        }
    }

    private func publish() {
        status.publishedAt = secondsNow()
        status.diskFreeBytes = diskFreeBytes(context.exportDirectory)
        StatusFile.write(
            PublishedStatus(status: status, tables: [:]),
            to: StatusFile.path(context.exportDirectory, capture: true))
    }

    /// The files that scripts of yb-voyager look for when the snapshot is exported.
    private func writeExportMarkers() {
        do {
            let tables = try context.journal.tables()
            let list = tables.enumerated().map { number, table in
                [
                    "sno": number + 1, "schema_name": table.table.name.schema,
                    "table_name": table.table.name.name,
                    "exported_row_count_snapshot": table.exportedRows,
                ] as [String: Any]
            }
            let status = try JSONSerialization.data(
                withJSONObject: ["mode": "STREAMING", "tables": list], options: [.sortedKeys])
            try status.write(
                to: URL(fileURLWithPath: context.exportDirectory + "/data/export_status.json"),
                options: .atomic)
            let files = try JSONSerialization.data(
                withJSONObject: [
                    "FileFormat": "text", "Delimiter": "\\t", "HasHeader": false,
                    "FileList": try context.journal.chunks().compactMap { chunk in
                        chunk.filePath.map {
                            [
                                "FilePath": $0, "TableName": chunk.table.description,
                                "RowCount": chunk.rows ?? 0,
                            ] as [String: Any]
                        }
                    },
                ], options: [.sortedKeys])
            try files.write(
                to: URL(fileURLWithPath: context.exportDirectory + "/metainfo/dataFileDescriptor.json"),
                options: .atomic)
        } catch {
            // Nothing of ours reads them.
            context.log(.warning, "capture", "the marker files for scripts could not be written: \(error)")
        }
    }
}

/// Keeps the connection open that an exported snapshot lives on.
final class SnapshotHolder {
    private let stream: ReplicationStream
    let snapshotName: String?

    init(stream: consuming ReplicationStream, snapshotName: String?) {
        self.stream = stream
        self.snapshotName = snapshotName
    }
}

/// All changes of a partitioned table come under its root, so that the sides may be partitioned differently.
func publicationSQL(_ name: String, _ tables: [QualifiedName], serverVersion: Int) -> String {
    let list = tables.map(\.quoted).joined(separator: ", ")
    let root = serverVersion >= 130_000 ? " with (publish_via_partition_root = true)" : ""
    return "create publication \(quoteIdentifier(name)) for table \(list)\(root)"
}

func dropSlotSQL(_ name: String) -> String {
    "select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots "
        + "where slot_name = \(quoteLiteral(name))"
}
