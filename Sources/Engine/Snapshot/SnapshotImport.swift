import Foundation
import Journal
import Postgres
import Records

/// The apply role's part of a staged snapshot: chunk files into the target as they come.
actor SnapshotImport {
    private nonisolated let thread = SessionThread(name: "import")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private var status: ApplyStatus
    private var clearedGenerations: [QualifiedName: Int] = [:]

    init(context: RoleContext) {
        self.context = context
        status = ApplyStatus(direction: .forward, now: secondsNow())
    }

    /// Returns when the snapshot is imported, and the phase has gone on to streaming; at once where it had.
    func run() async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while try context.record().phase == .snapshot {
            do {
                let imported = try await importReady { patience.connected() }
                if try SnapshotEnd.reach(context) { return }
                try context.stop.check()
                status.state = RoleState(
                    word: imported ? .snapshot : .waiting,
                    reason: imported ? "" : "for the snapshot's export", since: secondsNow())
                publish()
                if !imported { try await Task.sleep(for: .milliseconds(200)) }
            } catch {
                do { try await goOn(after: error, &patience) } catch {
                    status.state = context.failures.state(of: .apply, after: error, at: secondsNow())
                    publish()
                    throw error
                }
            }
        }
    }

    /// Waits where the import is to be tried again; throws where not.
    private func goOn(after error: any Error, _ patience: inout Patience) async throws {
        let done = try context.journal.chunks().count(where: \.isImported)
        switch patience.judge(error, progress: UInt64(done)) {
        case .over(let error): throw error
        case .again(let milliseconds, _):
            status.state = RoleState(word: .retrying, reason: "\(error)", since: secondsNow())
            publish()
            context.log(
                .warning, "apply", "the import of the snapshot was cut off: \(error); trying again")
            try context.stop.check()
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }

    /// Imports what is exported now; false where nothing was.
    private func importReady(connected: () -> Void) async throws -> Bool {
        let stored = try context.journal.tables()
        let ready = try context.journal.chunks().filter {
            $0.isExported && !$0.isImported && $0.filePath != nil
        }
        guard !ready.isEmpty else { return false }
        let record = try context.record()
        try prepare(stored, ready, uuid: record.uuid)
        connected()
        let tables = Dictionary(uniqueKeysWithValues: stored.map { ($0.table.name, $0.table) })
        let queue = ChunkQueue(ready)
        let context = context
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<max(1, min(record.jobs, ready.count)) {
                    let lane = CopyJob(number: number, context: context, tables: tables, uuid: record.uuid)
                    group.addTask { try await lane.importFiles(queue) }
                }
                try await group.waitForAll()
            }
        } catch {
            // Lanes that were left because of another one's error may end before it.
            throw queue.failure ?? error
        }
        return true
    }

    /// Checks the target once, and clears what a void generation of a table had brought, before the first chunk of the
    /// next one.
    private func prepare(_ stored: [StoredTable], _ ready: [StoredChunk], uuid: String) throws {
        let target = try context.connect(.target, as: "snapshot")
        if clearedGenerations.isEmpty {
            try context.checkIdentity(.target, target)
            try context.ensureMetadata(.target, target)
            try TargetTables.check(
                target, tables: stored.map(\.table),
                unfinished: stored.filter { !$0.isImported }.map(\.table.name), uuid: uuid,
                leftOut: try context.record().excludedTableGlobs)
        }
        try target.becomeReplica()
        for chunk in ready where clearedGenerations[chunk.table] != chunk.generation {
            let older = try target.query(
                "select exists (select from ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 where "
                    + "migration_uuid = $1 and schema_name = $2 and table_name = $3 and data_file_name <> $4)",
                [uuid, chunk.table.schema.text, chunk.table.name.text, ChunkSQL.fileName(chunk)],
                doing: "look for older chunks")
            if older.scalar == "t" { try target.clearTable(migration: uuid, table: chunk.table) }
            clearedGenerations[chunk.table] = chunk.generation
        }
    }

    private func publish() {
        status.publishedAt = secondsNow()
        StatusFile.write(
            PublishedStatus(status: status, tables: [:]),
            to: StatusFile.path(context.exportDirectory, .apply))
    }
}

/// The step from the snapshot to the stream.
enum SnapshotEnd {
    /// When every table is exported and imported, the phase goes on to streaming. True when it has.
    static func reach(_ context: RoleContext) throws -> Bool {
        let tables = try context.journal.tables()
        guard !tables.isEmpty, tables.allSatisfy({ $0.isExported && $0.isImported }) else { return false }
        let rows = tables.reduce(0) { $0 + $1.importedRows }
        let isNew = try context.update { record, transaction in
            guard try record.take(.snapshotCompleted, at: secondsNow()) else { return false }
            try transaction.log(
                .info, "snapshot", "snapshot data import complete: \(tables.count) tables, \(rows) rows")
            return true
        }
        if isNew { context.announce("snapshot data import complete") }
        return true
    }
}
