import Foundation
import Journal
import Postgres
import Records

/// Runs the roles this process has the databases for, leg after leg.
///
/// In each leg the process with the origin's database captures and the one with the destination's applies; the worker
/// has both. At a cutover the roles change with the leg, so a process goes on with its own database.
struct RoleRunner: Sendable {
    /// Its stop signal is this runner's own: a role that fails ends the others with it.
    let context: RoleContext
    /// The worker has taken both locks for its life; the verbs take one with each leg.
    let takesLocks: Bool

    /// Another process lets go of its role within as long after a cutover.
    private static let lockSecondsMax = 120.0
    /// The last look at the origin of a leg is tried as often before the next leg begins.
    private static let lookAttemptsMax = 5

    /// Runs until the migration needs this process no more.
    func run() async throws {
        try await awaitStart()
        var isFirst = true
        while true {
            let record = try context.record()
            try await clearAwayEnded(record)
            guard let leg = record.currentLeg, leg.endedAt == nil else { return }
            try await run(leg, isFirst: isFirst)
            isFirst = false
        }
    }

    /// Ends what is left of legs that have ended. One whose origin is away keeps no other leg from running:
    /// `retireMeanwhile` goes on with it.
    private func clearAwayEnded(_ record: MigrationRecord) async throws {
        let isLast = record.currentLeg?.endedAt != nil
        for leg in record.legs where leg.endedAt != nil && leg.retiredAt == nil {
            var patience = Patience(attemptsMax: context.options.attemptsMax)
            var attempts = 0
            while true {
                do {
                    try await finishCapture(leg)
                    try await OnSessionThread().run { try retire(leg) }
                    break
                } catch {
                    guard case .again(let milliseconds, let isFirst) = patience.judge(error, progress: 0)
                    else { throw error }
                    attempts += 1
                    if !isLast, attempts >= Self.lookAttemptsMax {
                        noteUnfinished(leg, error)
                        break
                    }
                    if isFirst, isLast { noteRetry(of: leg, error) }
                    try context.stop.check()
                    try await Task.sleep(for: .milliseconds(milliseconds))
                }
            }
        }
    }

    private func noteUnfinished(_ leg: Leg, _ error: any Error) {
        let origin = leg.direction.origin.rawValue
        context.log(
            .error, "capture",
            "\(error); what wrote to the \(origin) since it was proved quiet is not known; slot and publication of the leg that "
                + "has ended are dropped there when it answers")
    }

    private func noteRetry(of leg: Leg, _ error: any Error) {
        let words =
            "\(error); slot \(leg.slotName) and the publication of the leg that has ended are dropped on the "
            + "\(leg.direction.origin.rawValue) when it answers"
        context.log(.warning, "capture", words)
        context.announce(words)
    }

    /// Retires legs that ended before this one, and whose origin was away then, while this one runs: their slots keep WAL.
    private func retireMeanwhile(_ running: Leg) async throws {
        var backoff = Backoff()
        while true {
            try context.stop.check()
            let record = try context.record()
            let left = record.legs.filter {
                $0.number < running.number && $0.endedAt != nil && $0.retiredAt == nil
                    && context.has($0.direction.origin)
            }
            guard !left.isEmpty, !record.hasEnded(running) else { return }
            do {
                for leg in left { try await OnSessionThread().run { try retire(leg) } }
            } catch {
                guard condition(of: error).isPassing else {
                    return context.log(.error, "capture", "\(error); `end migration` drops what is left")
                }
                try await Task.sleep(for: .milliseconds(backoff.next()))
            }
        }
    }

    /// The capture of a leg died, or lost its origin, between the leg's end and its last look at the origin: what was written
    /// there since is looked for now, as long as the log can take it.
    private func finishCapture(_ leg: Leg) async throws {
        guard context.has(leg.direction.origin), try !isCounted(leg) else { return }
        let origin = leg.direction.origin.rawValue
        guard try context.journal.segments().allSatisfy({ $0.leg <= leg.number }) else {
            context.log(
                .error, "cutover",
                "whether anybody wrote to the \(origin) after it was proved quiet is not known: the log had gone on with the next leg "
                    + "when it could be asked again; compare the tables")
            return
        }
        let captureLock = takesLocks ? try await lock(.capture, waits: true) : nil
        defer { withExtendedLifetime(captureLock) {} }
        do { _ = try await CaptureRole(context: context, leg: leg).run() } catch let refusal as RequestRefused
        {
            // The slot is gone, say: then nobody will ever know.
            context.log(
                .error, "cutover",
                "whether anybody wrote to the \(origin) after it was proved quiet is not known: \(refusal); compare the tables"
            )
            return
        }
        guard try isCounted(leg) else {
            throw PostgresError(
                kind: .connection, message: "the connection was lost before its last look",
                doing: "see what wrote to the \(origin) after it was proved quiet")
        }
    }

    /// Whether the capture of a leg came to its end.
    private func isCounted(_ leg: Leg) throws -> Bool {
        try LegCounts.read(leg: leg.number, exported: true, journal: context.journal) != nil
    }

    /// The import may be started before the export: it waits for the migration to begin.
    private func awaitStart() async throws {
        var said = false
        while try context.record().currentLeg == nil {
            try context.stop.check()
            if !said { context.announce("waiting for `export data from source` to begin") }
            said = true
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func run(_ leg: Leg, isFirst: Bool) async throws {
        let captures = context.has(leg.direction.origin)
        let applies = context.has(leg.direction.destination)
        let captureLock = takesLocks && captures ? try await lock(.capture, waits: !isFirst) : nil
        let applyLock = takesLocks && applies ? try await lock(.apply, waits: !isFirst) : nil
        defer { withExtendedLifetime((captureLock, applyLock)) {} }
        announce(leg, captures: captures, applies: applies)
        let context = context
        let isDirect = captures && applies
        try await withThrowingTaskGroup(of: Void.self) { group in
            if captures {
                group.addTask {
                    try await noting(.capture, leg) {
                        try await Self.capture(context, leg, isDirect: isDirect)
                    }
                }
            }
            if applies {
                group.addTask {
                    try await noting(.apply, leg) { try await Self.apply(context, leg, isDirect: isDirect) }
                }
            }
            group.addTask { try await retireMeanwhile(leg) }
            for (role, isOurs) in [(Role.capture, captures), (.apply, applies)] where isOurs {
                group.addTask {
                    try await noting(role, leg) {
                        try await CutoverRunner(context: context, leg: leg, role: role).run()
                    }
                }
            }
            do {
                // One by one: waiting for all would keep the error of one role until the others have ended.
                while try await group.next() != nil {}
            } catch {
                // The other role must not outlive the one that failed: its end is seen within 200 ms.
                context.stop.request()
                group.cancelAll()
                var cause = error
                while true {
                    do { if try await group.next() == nil { break } } catch {
                        // An error that came while the roles were stopped matters more than the stop.
                        if isStop(cause) { cause = error }
                    }
                }
                throw cause
            }
        }
    }

    /// Does the work of a role, and keeps the first error that ends one.
    private func noting(_ role: Role, _ leg: Leg, _ work: () async throws -> Void) async throws {
        do { try await work() } catch {
            if !isStop(error) {
                let name =
                    switch role {
                    case .capture: "export data from \(leg.direction.origin.rawValue)"
                    case .apply: "import data to \(leg.direction.destination.rawValue)"
                    }
                context.failures.note(.init(role: role, work: name, reason: "\(error)"))
            }
            throw error
        }
    }

    private func announce(_ leg: Leg, captures: Bool, applies: Bool) {
        let origin = leg.direction.origin.rawValue
        let destination = leg.direction.destination.rawValue
        if captures { context.announce("export data from \(origin) runs, process \(getpid())") }
        if applies { context.announce("import data to \(destination) runs, process \(getpid())") }
    }

    /// At a change of roles the other process may hold its old one for a moment.
    private func lock(_ role: Role, waits: Bool) async throws -> RoleLock {
        let until = monotonicSeconds() + Self.lockSecondsMax
        while true {
            do { return try RoleLock(exportDirectory: context.exportDirectory, role: role) } catch {
                guard waits, monotonicSeconds() < until, !context.stop.isRequested else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private static func capture(_ context: RoleContext, _ leg: Leg, isDirect: Bool) async throws {
        if leg.direction == .forward, try context.record().phase == .snapshot {
            try await SnapshotExport(context: context, leg: leg, isDirect: isDirect).run()
            _ = try SnapshotEnd.reach(context)
        }
        _ = try await CaptureRole(context: context, leg: leg).run()
    }

    private static func apply(_ context: RoleContext, _ leg: Leg, isDirect: Bool) async throws {
        if leg.direction == .forward {
            if isDirect {
                while try context.record().phase == .snapshot {
                    try context.stop.check()
                    try await Task.sleep(for: .milliseconds(50))
                }
            } else {
                try await SnapshotImport(context: context).run()
            }
        }
        _ = try await ApplyRole(context: context, leg: leg).run()
    }

    /// Removes slot and publication of a leg that has ended, by the process that has its origin.
    private func retire(_ leg: Leg) throws {
        guard leg.retiredAt == nil, context.has(leg.direction.origin) else { return }
        if try context.record().legs.first(where: { $0.number == leg.number })?.retiredAt != nil { return }
        let side = leg.direction.origin
        let connection = try context.connectAlone(side, step: "retire")
        // Nobody confirms to a server whose commits wait for the stream that has ended.
        try connection.execute("set synchronous_commit = local", doing: "end the leg")
        try DatabaseChanges(context).undo(side, on: connection) {
            $0 == .slot(name: leg.slotName) || $0 == .publication(name: leg.publicationName)
        }
        try context.update { record in
            guard let index = record.legs.firstIndex(where: { $0.number == leg.number }) else { return }
            record.legs[index].retiredAt = secondsNow()
        }
    }
}
