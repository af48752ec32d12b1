import Foundation
import Records

/// The four long-running commands of the workflow. Each runs one role with one database.
package enum ForegroundRole: String, Sendable {
    case exportDataFromSource = "export data from source"
    case importDataToTarget = "import data to target"
    case exportDataFromTarget = "export data from target"
    case importDataToSource = "import data to source"

    var side: Side {
        switch self {
        case .exportDataFromSource, .importDataToSource: .source
        case .importDataToTarget, .exportDataFromTarget: .target
        }
    }
}

/// Runs one of the four long-running commands in this process. At a cutover the command becomes its successor
/// by itself.
///
/// Returns when the migration needs this process no more. Throws `StopRequested` within a second of
/// `stop.request()`, and any other error with a description for the operator.
///
/// - Parameter announce: gets the sentences to print, oldest first.
package func runForeground(
    _ role: ForegroundRole, migration: Migration, options: RunOptions, stop: StopSignal,
    announce: @escaping @Sendable (String) -> Void
) async throws {
    var own = options
    if role.side == .source { own.target = nil } else { own.source = nil }
    let context = RoleContext(
        journal: migration.journal, exportDirectory: migration.exportDirectory, options: own,
        stop: StopSignal(partOf: stop), announce: announce)
    let record = try context.record()
    switch record.phase {
    case .ended: throw RequestRefused(MigrationMachine.endedRefusal)
    case .complete:
        // Drops the slot of the last leg, if its origin was away before.
        try await RoleRunner(context: context, takesLocks: true).run()
        return announce("the last cutover is processed; `\(role.rawValue)` has nothing more to do")
    case .prepare, .schema, .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource: break
    }
    if role == .exportDataFromTarget || role == .importDataToSource,
        !record.legs.contains(where: { $0.direction == .reverse })
    {
        throw RequestRefused(
            "the fall-back has not begun: `\(role.rawValue)` comes after `switchback initiate cutover to "
                + "target --prepare-for-fall-back true` has completed")
    }
    try await awaitDatabase(role.side, context)
    switch role {
    case .exportDataFromSource:
        if record.phase == .prepare || record.phase == .schema || record.phase == .snapshot {
            let start = ExportStart(context: context, options: options)
            try await OnSessionThread().run {
                if options.startClean { try start.discardSnapshot() }
                try start.begin()
            }
        }
    case .importDataToTarget:
        if options.startClean, let refusal = try migration.refusalOfCleanImport() {
            throw RequestRefused(refusal)
        }
        if options.checks, record.legs.last?.direction != .reverse {
            let checks = StartChecks(context: context)
            try await OnSessionThread().run {
                try checks.run(.target)
                try checks.announceLookups(.target)
            }
        }
    case .exportDataFromTarget, .importDataToSource: break
    }
    try await RoleRunner(context: context, takesLocks: true, asked: role).run()
}

/// Connects to a database once. If the migration has reached it before, the call waits for it, as a running
/// role does. Otherwise it fails at once, with the server's reason.
func awaitDatabase(_ side: Side, _ context: RoleContext) async throws {
    let record = try context.record()
    let isKnown = (side == .source ? record.sourceIdentity : record.targetIdentity) != nil
    var backoff = Backoff()
    while true {
        do {
            return try await OnSessionThread().run { try context.side(side).answers() }
        } catch {
            guard isKnown, condition(of: error).isAwaited,
                (error as? any DatabaseError)?.refusesLogin != true
            else { throw error }
            if backoff.attempts == 0 {
                context.log(.warning, "start", "waiting for the \(side.rawValue): \(error)")
                context.announce("waiting for the \(side.rawValue): \(error)")
            }
            try context.stop.check()
            try await Task.sleep(for: .milliseconds(backoff.next()))
        }
    }
}

/// Whether an error says that a server cannot be reached, or takes no connections for now.
package func isServerAway(_ error: any Error) -> Bool { condition(of: error) == .connectionLost }
