import Foundation
import Journal
import Records

/// The capture role's work on the snapshot: publication, slot with its exported snapshot, and the copy of
/// every table as of that snapshot.
///
/// After a crash, complete tables are kept. Each other table is copied again under a later snapshot, whose
/// consistent point is kept with the table: commits below it are in the copied rows and are skipped in the
/// table's stream.
actor SnapshotExport {
    private nonisolated let thread = SessionThread(name: "snapshot")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let isDirect: Bool
    private var snapshot: (any OriginSnapshot)?

    /// Interval between two checks of the slot.
    private static let slotSeconds = 2.0
    private static let pollMilliseconds = 250
    private var status: CaptureStatus
    private var slotNotices = SlotNotices()

    init(context: RoleContext, leg: Leg, isDirect: Bool) {
        self.context = context
        self.leg = leg
        self.isDirect = isDirect
        status = CaptureStatus(of: leg, now: secondsNow())
        status.state = RoleState(word: .snapshot, since: secondsNow())
    }

    /// Runs the copy to its end; begins again after every lost connection.
    func run() async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while true {
            do {
                try await copyOnce { patience.connected() }
                return
            } catch {
                snapshot = nil
                do { try await pauseBeforeRetry(after: error, &patience) } catch {
                    status.state = context.failures.state(of: .capture, after: error, at: secondsNow())
                    publish()
                    throw error
                }
            }
        }
    }

    /// Waits if the unfinished tables can be copied again; throws otherwise.
    private func pauseBeforeRetry(after error: any Error, _ patience: inout Patience) async throws {
        if let rewritten = error as? TableRewritten {
            context.log(.info, "capture", "\(rewritten)")
            try context.stop.check()
            return try await Task.sleep(for: .milliseconds(Backoff.firstMilliseconds))
        }
        let done = try context.journal.tables().count(where: \.isExported)
        switch patience.judge(error, progress: UInt64(done)) {
        case .over(let error): throw error
        case .again(let milliseconds, _):
            status.state = RoleState(word: .retrying, reason: "\(error)", since: secondsNow())
            status.retries.add("\(error)", at: secondsNow(), waitMilliseconds: milliseconds)
            noteContact(after: error)
            publish()
            context.log(
                .warning, "capture",
                "the snapshot was cut off: \(error); the unfinished tables are copied again")
            try context.stop.check()
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }

    private func copyOnce(connected: () -> Void) async throws {
        let chunks: [StoredChunk]
        let tables: [QualifiedName: Table]
        (chunks, tables, snapshot) = try SnapshotStart(
            context: context, leg: leg, isDirect: isDirect, waiting: { self.publishWaiting($0) }
        ).prepare()
        connected()
        status.answered(at: secondsNow())
        status.state = RoleState(word: .snapshot, since: secondsNow())
        if !chunks.isEmpty, let snapshot = snapshot?.shared {
            try await copy(chunks, of: tables, under: snapshot)
        }
        snapshot = nil
        let unfinished = try context.journal.tables().filter { !$0.isExported }.map(\.table.name.description)
        guard unfinished.isEmpty else {
            try context.stop.check()
            throw RequestRefused(
                "the copy has ended without all of \(unfinished.joined(separator: ", ")); start the export "
                    + "again"
            )
        }
        ExportMarkers.write(context)
    }

    private func copy(
        _ chunks: [StoredChunk], of tables: [QualifiedName: Table], under snapshot: any SharedSnapshot
    ) async throws {
        let record = try context.record()
        let queue = ChunkQueue(chunks)
        let (context, leg) = (context, leg)
        let isDirect = isDirect
        let jobs = max(1, min(context.options.copyJobs ?? record.jobs, chunks.count))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<jobs {
                    let job = CopyJob(
                        number: number, context: context, leg: leg, queue: queue, tables: tables)
                    group.addTask { try await job.export(snapshot: snapshot, toTarget: isDirect) }
                }
                group.addTask { try await self.monitorUntilCancelled(queue) }
                // All jobs must end well; the publisher never ends by itself.
                for _ in 0..<jobs { try await group.next() }
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
        } catch {
            // Jobs that ended because of another job's error may be reported before it.
            throw queue.failure ?? error
        }
    }

    /// Shows what the start of the copy waits for. The log gets it once, because the sessions it names
    /// change.
    private func publishWaiting(_ reason: String) {
        if status.state.word != .waiting {
            context.log(.warning, "capture", "waiting \(reason)")
            context.announce("waiting \(reason)")
        }
        let since = status.state.word == .waiting ? status.state.since : secondsNow()
        status.state = RoleState(word: .waiting, reason: reason, since: since)
        publish()
    }

    /// Publishes the status, and ends the copy if the slot is lost: no stream could follow it.
    private func monitorUntilCancelled(_ queue: ChunkQueue) async throws {
        var slotAt = secondsNow()
        while true {
            try Task.checkCancellation()
            if !isDirect { try showShortage() }
            showRetry(queue.retry)
            publish()
            if secondsNow() - slotAt > Self.slotSeconds {
                slotAt = secondsNow()
                do { try checkSlot() } catch  where condition(of: error).isPassing {
                    // The jobs get the same error; here only this check is missed.
                    status.failed(error, at: secondsNow())
                } catch {
                    context.log(.warning, "capture", "the copy is ended: \(error)")
                    queue.close(because: error)
                    throw error
                }
            }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    /// Shows that the jobs wait for disk space.
    private func showShortage() throws {
        guard let reason = try context.record().diskLimits.shortage(context.exportDirectory) else {
            if status.state.word == .paused {
                context.log(.info, "capture", "there is room again, the snapshot continues")
                status.state = RoleState(word: .snapshot, since: secondsNow())
            }
            return
        }
        if status.state.word != .paused { context.log(.warning, "capture", reason) }
        status.state = RoleState(
            word: .paused, reason: reason,
            since: status.state.word == .paused ? status.state.since : secondsNow())
    }

    /// Shows that a job copies a chunk again.
    private func showRetry(_ reason: String?) {
        if let reason, status.state.word != .paused, status.state.reason != reason {
            status.state = RoleState(word: .retrying, reason: reason, since: secondsNow())
        } else if reason == nil, status.state.word == .retrying {
            status.state = RoleState(word: .snapshot, since: secondsNow())
        }
    }

    /// Takes note of whether the origin answers. If rows go directly to the target, the error may be the
    /// target's, so the origin is asked.
    private func noteContact(after error: any Error) {
        guard isDirect, condition(of: error) == .connectionLost else {
            return status.failed(error, at: secondsNow())
        }
        do { try checkSlot() } catch { status.failed(error, at: secondsNow()) }
    }

    private func checkSlot() throws {
        let slot = try context.origin(of: leg).slotState(as: "monitor")
        status.answered(at: secondsNow())
        let place = try context.database(leg.direction.origin).place
        status.note(slot, at: secondsNow())
        let lost = "the copy, which no change could follow, and the changes since it began"
        if let loss = lostSlotRefusal(slot, name: leg.slotName, at: place, lost: lost) { throw loss }
        if let slot, let notice = slotNotices.check(slot, name: leg.slotName, at: place) {
            context.log(notice.level, "capture", notice.text)
        }
    }

    private func publish() {
        status.publishedAt = secondsNow()
        status.diskFreeBytes = diskFreeBytes(context.exportDirectory)
        StatusFile.write(
            PublishedStatus(status: status, tables: [:]),
            to: StatusFile.path(context.exportDirectory, .capture))
    }
}
