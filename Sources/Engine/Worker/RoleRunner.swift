import Foundation
import Journal
import Records

/// Runs the roles whose databases this process has, leg after leg.
///
/// In each leg the process with the origin's database captures, and the one with the destination's applies;
/// the worker does both. At a cutover the roles change with the leg: a process keeps its database and takes
/// the other role.
struct RoleRunner: Sendable {
    /// Its stop signal is this runner's own: a role that fails stops the others with it.
    let context: RoleContext
    /// Whether to take a lock with each leg, as the verbs do. The worker has both locks for its life.
    let takesLocks: Bool
    /// The command that the operator typed; nil for the worker.
    var asked: ForegroundRole?

    /// Bound of the wait for the other process, which releases its role after a cutover.
    private static let lockSecondsMax = 120.0
    private static let startPollMilliseconds = 200
    private static let snapshotPollMilliseconds = 50

    /// Runs until the migration needs this process no more.
    func run() async throws {
        try await awaitStart()
        let endedLegs = EndedLegs(context: context, takesLocks: takesLocks)
        var isFirst = true
        while true {
            let record = try context.record()
            try await endedLegs.finish(record)
            guard let leg = record.currentLeg, leg.endedAt == nil else {
                return try await ForeignKeyCompletion(context: context).runAfterLastLeg()
            }
            try await run(leg, isFirst: isFirst, endedLegs)
            isFirst = false
        }
    }

    /// Waits for the migration to begin: the import may be started before the export.
    private func awaitStart() async throws {
        var isAnnounced = false
        while try context.record().currentLeg == nil {
            try context.stop.check()
            if !isAnnounced { context.announce("waiting for `export data from source` to begin") }
            isAnnounced = true
            try await Task.sleep(for: .milliseconds(Self.startPollMilliseconds))
        }
    }

    private func run(_ leg: Leg, isFirst: Bool, _ endedLegs: EndedLegs) async throws {
        let captures = context.has(leg.direction.origin)
        let applies = context.has(leg.direction.destination)
        // When the roles change, the other process may still have its old one for a moment.
        let captureLock =
            takesLocks && captures ? try await Self.lock(.capture, context, waits: !isFirst) : nil
        let applyLock = takesLocks && applies ? try await Self.lock(.apply, context, waits: !isFirst) : nil
        defer { withExtendedLifetime((captureLock, applyLock)) {} }
        announce(leg, captures: captures, applies: applies)
        RestartNotice(context: context, asked: asked).note(
            leg, roles: (captures ? [.capture] : []) + (applies ? [.apply] : []), isFirst: isFirst)
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
            group.addTask { try await endedLegs.retireMeanwhile(leg) }
            for (place, isOurs) in [(GateQuestion.Place.origin, captures), (.destination, applies)]
            where isOurs {
                group.addTask { try await GateReader(context: context, leg: leg, place: place).run() }
            }
            if captures && applies {
                group.addTask { try await VerificationRole(context: context, leg: leg).run() }
            }
            if captures {
                group.addTask { try await WriterWatch(context: context, leg: leg).run() }
            }
            group.addTask { try await AlertKeeper(context: context, leg: leg).run() }
            group.addTask { try await ForeignKeyCompletion(context: context).runMeanwhile(leg) }
            for (role, isOurs) in [(Role.capture, captures), (.apply, applies)] where isOurs {
                group.addTask {
                    try await noting(role, leg) {
                        try await CutoverRunner(context: context, leg: leg, role: role).run()
                    }
                }
            }
            do {
                // One by one: a wait for all would report the error of one role only after the others have
                // ended.
                while try await group.next() != nil {}
            } catch {
                // The other role must end with the one that failed; it checks its stop signal every 200 ms.
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

    /// Runs the work of a role, and notes the error that ends it.
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

    static func lock(_ role: Role, _ context: RoleContext, waits: Bool = true) async throws -> RoleLock {
        try await RoleLock.acquire(
            context.exportDirectory, role, waitSecondsMax: waits ? lockSecondsMax : 0, stop: context.stop)
    }

    private static func capture(_ context: RoleContext, _ leg: Leg, isDirect: Bool) async throws {
        if leg.start.hasSnapshot, try context.record().phase == .snapshot {
            try await SnapshotExport(context: context, leg: leg, isDirect: isDirect).run()
            _ = try SnapshotEnd.reach(context)
        }
        _ = try await CaptureRole(context: context, leg: leg).run()
    }

    private static func apply(_ context: RoleContext, _ leg: Leg, isDirect: Bool) async throws {
        switch leg.start {
        case .snapshot where isDirect:
            while try context.record().phase == .snapshot {
                try context.stop.check()
                try await Task.sleep(for: .milliseconds(snapshotPollMilliseconds))
            }
        case .snapshot, .files: try await SnapshotImport(context: context, leg: leg).run()
        case .position: break
        }
        _ = try await ApplyRole(context: context, leg: leg).run()
    }
}
