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
    private var snapshot: ExportedSnapshot?

    private static let slotSeconds = 2.0
    private var status: CaptureStatus
    private var slotNotices = SlotNotices()

    init(context: RoleContext, leg: Leg, isDirect: Bool) {
        self.context = context
        self.leg = leg
        self.isDirect = isDirect
        status = CaptureStatus(direction: leg.direction, slotName: leg.slotName, now: secondsNow())
        status.state = RoleState(word: .snapshot, since: secondsNow())
    }

    /// Runs the copy to its end, beginning again after every lost connection.
    func run() async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while true {
            do {
                try await copyOnce { patience.connected() }
                return
            } catch {
                snapshot = nil
                do { try await goOn(after: error, &patience) } catch {
                    status.state = context.failures.state(of: .capture, after: error, at: secondsNow())
                    publish()
                    throw error
                }
            }
        }
    }

    /// Waits where what is unfinished is to be copied again; throws where not.
    private func goOn(after error: any Error, _ patience: inout Patience) async throws {
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
            publish()
            context.log(
                .warning, "capture",
                "the snapshot was cut off: \(error); beginning again with what is unfinished")
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
        status.state = RoleState(word: .snapshot, since: secondsNow())
        if !chunks.isEmpty, let snapshot = snapshot?.name {
            try await copy(chunks, of: tables, under: snapshot)
        }
        snapshot = nil
        let unfinished = try context.journal.tables().filter { !$0.isExported }.map(\.table.name.description)
        guard unfinished.isEmpty else {
            try context.stop.check()
            throw RequestRefused(
                "the copy has ended without all of \(unfinished.joined(separator: ", ")); start the export again"
            )
        }
        ExportMarkers.write(context)
    }

    private func copy(_ chunks: [StoredChunk], of tables: [QualifiedName: Table], under snapshot: String)
        async throws
    {
        let record = try context.record()
        let queue = ChunkQueue(chunks)
        let context = context
        let isDirect = isDirect
        let lanes = max(1, min(record.jobs, chunks.count))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<lanes {
                    let lane = CopyJob(number: number, context: context, tables: tables, uuid: record.uuid)
                    group.addTask { try await lane.export(queue, snapshot: snapshot, toTarget: isDirect) }
                }
                group.addTask { try await self.watchUntilCancelled(queue) }
                // All lanes must end well; the publisher never ends by itself.
                for _ in 0..<lanes { try await group.next() }
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
        } catch {
            // Lanes that were left because of another one's error may end before it.
            throw queue.failure ?? error
        }
    }

    /// Says what the start of the copy waits for; in the log once, for the sessions change.
    private func publishWaiting(_ reason: String) {
        if status.state.word != .waiting {
            context.log(.warning, "capture", "waiting \(reason)")
            context.announce("waiting \(reason)")
        }
        let since = status.state.word == .waiting ? status.state.since : secondsNow()
        status.state = RoleState(word: .waiting, reason: reason, since: since)
        publish()
    }

    /// Publishes, and ends a copy that has become useless: without its slot's WAL nothing can follow it.
    private func watchUntilCancelled(_ queue: ChunkQueue) async throws {
        var slotAt = secondsNow()
        while true {
            try Task.checkCancellation()
            if !isDirect { try showShortage() }
            showRetry(queue.retry)
            publish()
            if secondsNow() - slotAt > Self.slotSeconds {
                slotAt = secondsNow()
                do { try checkSlot() } catch  where condition(of: error).isPassing {
                    // The lanes meet it too; here it means only that there is nothing to be seen.
                } catch {
                    context.log(.warning, "capture", "the copy is ended: \(error)")
                    queue.close(because: error)
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

    /// Lanes that do a chunk again do so by themselves; here it is said.
    private func showRetry(_ reason: String?) {
        if let reason, status.state.word != .paused, status.state.reason != reason {
            status.state = RoleState(word: .retrying, reason: reason, since: secondsNow())
        } else if reason == nil, status.state.word == .retrying {
            status.state = RoleState(word: .snapshot, since: secondsNow())
        }
    }

    private func checkSlot() throws {
        let control = try context.connect(.source, as: "watch")
        let slot = try control.slotState(leg.slotName)
        status.note(slot)
        let lost = "the copy, which no change could follow, and the changes since it began"
        if let loss = lostSlotRefusal(slot, name: leg.slotName, at: control.place, lost: lost) { throw loss }
        if let slot, let notice = slotNotices.check(slot, name: leg.slotName, at: control.place) {
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
