import Foundation
import Journal
import Records

/// The apply role's work on a snapshot that goes through files: it imports each chunk's file when it is
/// complete.
actor SnapshotImport {
    private nonisolated let thread = SessionThread(name: "import")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private var status: ApplyStatus
    private static let pollMilliseconds = 200
    private var clearedGenerations: [QualifiedName: Int] = [:]

    init(context: RoleContext, leg: Leg) {
        self.context = context
        self.leg = leg
        status = ApplyStatus(of: leg, now: secondsNow())
    }

    /// Returns when the snapshot is imported and the phase is streaming; at once if it already was.
    func run() async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        var startsClean = context.options.startClean
        if startsClean, try context.record().phase != .snapshot {
            // The phase has moved since the verb looked.
            try refuseCleanStart()
        }
        while try context.record().phase == .snapshot {
            do {
                if startsClean { startsClean = try !CleanImport(context: context, leg: leg).perform() }
                let imported = try await importReady { patience.connected() }
                if try SnapshotEnd.reach(context) { return }
                try context.stop.check()
                status.state = RoleState(
                    word: imported ? .snapshot : .waiting,
                    reason: imported ? "" : "for the snapshot's export", since: secondsNow())
                publish()
                if !imported { try await Task.sleep(for: .milliseconds(Self.pollMilliseconds)) }
            } catch {
                do { try await pauseBeforeRetry(after: error, &patience) } catch {
                    status.state = context.failures.state(of: .apply, after: error, at: secondsNow())
                    publish()
                    throw error
                }
            }
        }
    }

    private func refuseCleanStart() throws {
        let refusal = CleanImport.refusal(try context.record(), try context.journal.chunks())
        if let refusal { throw RequestRefused(refusal) }
    }

    /// Waits if the import can be retried; throws otherwise.
    private func pauseBeforeRetry(after error: any Error, _ patience: inout Patience) async throws {
        let done = try context.journal.chunks().count(where: \.isImported)
        switch patience.judge(error, progress: UInt64(done)) {
        case .over(let error): throw error
        case .again(let milliseconds, _):
            status.state = RoleState(word: .retrying, reason: "\(error)", since: secondsNow())
            status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: milliseconds)
            status.failed(error, at: secondsNow())
            publish()
            context.log(
                .warning, "apply", "the import of the snapshot was cut off: \(error); trying again")
            try context.stop.check()
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }

    /// Imports the chunks that are exported by now; false if there are none.
    private func importReady(connected: () -> Void) async throws -> Bool {
        let stored = try context.journal.tables()
        let ready = try context.journal.chunks().filter {
            $0.isExported && !$0.isImported && $0.filePath != nil
        }
        guard !ready.isEmpty else { return false }
        let jobs = try context.options.copyJobs ?? context.record().jobs
        try prepare(stored, ready)
        connected()
        let tables = Dictionary(uniqueKeysWithValues: stored.map { ($0.table.name, $0.table) })
        let queue = ChunkQueue(ready)
        let (context, leg) = (context, leg)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<max(1, min(jobs, ready.count)) {
                    let job = CopyJob(
                        number: number, context: context, leg: leg, queue: queue, tables: tables)
                    group.addTask { try await job.importFiles() }
                }
                try await group.waitForAll()
            }
        } catch {
            // Jobs that ended because of another job's error may be reported before it.
            throw queue.failure ?? error
        }
        return true
    }

    /// Checks the target once. Clears the rows of a table's earlier generation before the first chunk of the
    /// next one.
    private func prepare(_ stored: [StoredTable], _ ready: [StoredChunk]) throws {
        let target = try context.destination(of: leg).startFilling()
        if clearedGenerations.isEmpty {
            try target.createMetadata()
            try TargetTables.check(
                target, tables: stored.map(\.table),
                unfinished: stored.filter { !$0.isImported }.map(\.table.name),
                excluded: try context.record().excludedTableGlobs)
        }
        status.answered(at: secondsNow())
        try target.suppressTriggers(on: stored.map(\.table.name))
        for chunk in ready where clearedGenerations[chunk.table] != chunk.generation {
            if try target.hasOlderChunks(than: chunk) { try target.clear(chunk.table) }
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
    /// Sets the phase to streaming once every table is exported and imported; returns whether that is so.
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
