import Engine
import Foundation
import Glibc
import Records

/// Runs `switchback demo`: starts two servers with a shop and its application, migrates the shop, and removes
/// everything.
///
/// Without a screen it runs all phases, prints the record, and returns 0 only if nothing was lost, doubled or
/// left behind; 130 after ^C. With a screen it runs `console` on the migration, with both passwords.
package func runDemo(
    _ options: DemoOptions,
    console: (_ control: any MigrationControl, _ sourcePassword: String, _ targetPassword: String)
        async throws ->
        Void
) async throws -> Int32 {
    let headless = options.headless || isatty(STDOUT_FILENO) == 0
    catchInterruption()
    let site: DemoSite
    do {
        site = try await onOwnThread("demo set-up") {
            try DemoSite(options, stop: interruption, say: sayLine)
        }
    } catch is CancellationError {
        sayLine("interrupted; the demo's servers and directories are gone")
        return 130
    }
    let status: Int32
    do {
        let migration = try Migration(creating: site.exportDirectory)
        try migration.keep(site.forms)
        if headless {
            status = try await onOwnThread("demo") { try runHeadless(options, site, migration) }
        } else {
            let application = try site.startApplication(options)
            defer { application.end() }
            // The console has the terminal now. If a signal ends this process, the watchdogs clean up.
            releaseInterruption()
            try await console(migration, site.source.password, site.target.password)
            catchInterruption()
            status = try await onOwnThread("demo") { try report(application, site, migration) }
        }
    } catch {
        try await takeAway(site, keep: options.keep)
        guard error is CancellationError else { throw error }
        sayLine("interrupted; the demo's servers and directories are \(options.keep ? "kept" : "gone")")
        return 130
    }
    try await takeAway(site, keep: options.keep)
    return status
}

/// Prints a line at once and whole, also to a file.
func sayLine(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

private func takeAway(_ site: DemoSite, keep: Bool) async throws {
    try await onOwnThread("demo clean-up") {
        if keep { try site.keep().forEach(sayLine) } else { site.remove() }
    }
}

private func runHeadless(_ options: DemoOptions, _ site: DemoSite, _ control: any MigrationControl) throws
    -> Int32
{
    let clock = ProcessInfo.processInfo
    let started = clock.systemUptime
    let say: @Sendable (String) -> Void = { line in
        sayLine(String(format: "%6.1f s  ", clock.systemUptime - started) + line)
    }
    if options.chaos > 0 { say("seed \(options.seed) (SWITCHBACK_SEED gives it again)") }
    let supervisor = try WorkerSupervisor(
        control: control, sourcePassword: site.source.password, targetPassword: site.target.password, say: say
    )
    defer { supervisor.stop() }
    let chaos = Chaos(
        kills: options.chaos, seed: options.seed, streamSeconds: max(1, options.seconds / 3),
        lockFile: site.exportDirectory + "/.apply.lock", say: say)
    defer { chaos.stop() }
    var run = HeadlessRun(
        options: options, site: site, demoOperator: DemoOperator(control: control, stop: interruption),
        supervisor: supervisor,
        chaos: chaos, say: say, startApplication: { try site.startApplication(options) })
    let record = try run.run()
    record.lines.forEach(sayLine)
    return record.isGood ? 0 : 1
}

/// Compares the databases and checks the ledger after the console, if the migration has ended.
private func report(_ application: ApplicationProcess, _ site: DemoSite, _ control: any MigrationControl)
    throws
    -> Int32
{
    let status = try control.status()
    var problems = [try application.stop()].compactMap { $0 }
    guard let side = status.route.side else {
        sayLine("the console was left in the middle of a cutover; nothing is compared")
        return 0
    }
    let database = side == .source ? site.sourceAccess : site.targetAccess
    let check = try LedgerCheck(ledger: try site.ledger(), database: database)
    problems += check.problems
    sayLine(
        "ledger: \(check.acknowledged) transactions acknowledged at one side or the other, \(check.failed) "
            + "failed, \(check.inDoubt) in doubt (\(check.inDoubtPresent) there)")
    problems.forEach { sayLine("PROBLEM: \($0)") }
    sayLine(
        problems.isEmpty
            ? "the ledger is complete at the \(side.rawValue), where the application wrote last"
            : "the ledger is not complete at the \(side.rawValue)")
    return problems.isEmpty ? 0 : 1
}
