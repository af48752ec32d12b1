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
        let chunks: [StoredChunk]
        let tables: [QualifiedName: Table]
        (chunks, tables, holder) = try SnapshotStart(context: context, leg: leg, isDirect: isDirect).prepare()
        connected()
        if !chunks.isEmpty, let snapshot = holder?.snapshotName {
            let record = try context.record()
            let queue = ChunkQueue(chunks)
            let context = context
            let isDirect = isDirect
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<max(1, min(record.jobs, chunks.count)) {
                    let lane = ChunkLane(number: number, context: context, tables: tables, uuid: record.uuid)
                    group.addTask { try await lane.export(queue, snapshot: snapshot, toTarget: isDirect) }
                }
                group.addTask { try await self.watchUntilCancelled(queue) }
                // All lanes must end well; the publisher never ends by itself.
                for _ in 0..<max(1, min(record.jobs, chunks.count)) { try await group.next() }
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
        }
        holder = nil
        guard try context.journal.tables().allSatisfy(\.isExported) else { throw CancellationError() }
        ExportMarkers.write(context)
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

    private func publish() {
        status.publishedAt = secondsNow()
        status.diskFreeBytes = diskFreeBytes(context.exportDirectory)
        StatusFile.write(
            PublishedStatus(status: status, tables: [:]),
            to: StatusFile.path(context.exportDirectory, capture: true))
    }
}
