import Foundation
import Records

/// Verifies the rows of a running migration in this process: pass after pass until a stop is requested or the
/// leg ends, or one pass.
///
/// Only one process verifies at a time. It has a connection to each database, and no change waits for it.
///
/// - Parameter ended: called after each pass
/// - Returns: the report of the last pass.
/// - Throws: `RequestRefused` if no changes stream now or another process verifies; `StopRequested`; the
///   error of a database.
package func runVerification(
    migration: Migration, options: RunOptions, _ verification: VerifyOptions, once: Bool, stop: StopSignal,
    ended: @escaping @Sendable (VerifyReport) -> Void
) async throws -> VerifyReport {
    let context = RoleContext(
        journal: migration.journal, exportDirectory: migration.exportDirectory, options: options, stop: stop,
        announce: { _ in })
    let record = try context.record()
    guard record.phase.direction != nil, record.phase != .snapshot, let leg = record.currentLeg,
        leg.endedAt == nil
    else {
        throw RequestRefused(
            "rows are verified while changes stream, and the migration is in the phase "
                + "\(record.phase.rawValue)")
    }
    if record.verification?.isOn == true, migration.workerIsAlive() {
        throw RequestRefused(
            "the worker verifies already; `switchback verify --show` shows what it proved, and `switchback "
                + "verify --stop` ends it")
    }
    let lock = try RoleLock(file: RoleLock.verifyFile, in: context.exportDirectory, work: "verification")
    defer { withExtendedLifetime(lock) {} }
    return try await OnSessionThread().run {
        for side in Side.allCases { try context.checkIdentity(side) }
        let published = VerifyStatusWriter(context.exportDirectory, leg, now: secondsNow())
        let work = try RowVerification(
            context: context, leg: leg, options: verification, published: published)
        var number = 1
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while true {
            published.begin(pass: number)
            let report: VerifyReport
            do { report = try work.pass() } catch {
                // A pass that was asked for alone ends with its error. Another one follows otherwise.
                guard !once,
                    case .again(let milliseconds, _) = patience.judge(error, progress: UInt64(number))
                else { throw error }
                context.log(.warning, "verify", "\(error); the pass begins again")
                try wait(milliseconds, stop)
                continue
            }
            published.note(report)
            ended(report)
            if try once || context.record().hasEnded(leg) { return report }
            number += 1
        }
    }
}

/// Waits; throws `StopRequested` if a stop is requested meanwhile.
private func wait(_ milliseconds: Int, _ stop: StopSignal) throws {
    let sliceMilliseconds = 50
    for _ in 0..<max(1, milliseconds / sliceMilliseconds) {
        try stop.check()
        usleep(UInt32(sliceMilliseconds) * 1000)
    }
}
