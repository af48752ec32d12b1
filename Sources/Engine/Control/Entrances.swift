import Foundation
import Postgres
import Records
import Schema

/// The four long-running commands of the workflow, each a role of the engine with one database.
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

/// What a run of the engine may use.
package struct RunOptions: Sendable {
    /// The databases this process has the way to; a role needs its own one only.
    package var source: DatabaseAccess?
    package var target: DatabaseAccess?
    /// COPY lanes, both when reading and when writing.
    package var jobs: Int
    /// Tables to migrate, as globs of `schema.table` or `table`; empty for all.
    package var tables: [String]
    package var excludedTables: [String]
    /// Run the checks before the start (`--run-guardrails-checks`).
    package var checks: Bool
    package var startClean: Bool
    package var limits = CutoverLimits()
    /// A statement that a server cancels, or has no room for, is given up after as many attempts without progress.
    package var attemptsMax = Patience.attemptsMax

    package init(
        source: DatabaseAccess? = nil, target: DatabaseAccess? = nil, jobs: Int = 4, tables: [String] = [],
        excludedTables: [String] = [], checks: Bool = true, startClean: Bool = false
    ) {
        self.source = source
        self.target = target
        self.jobs = jobs
        self.tables = tables
        self.excludedTables = excludedTables
        self.checks = checks
        self.startClean = startClean
    }
}

/// Runs one of the four long-running commands in this process until the workflow has no more for it to do: at a cutover
/// it changes into its next command by itself (`announce` gets the sentences to print, oldest first). Returns when the
/// migration needs this process no more, throws an error whose description is the one clear message otherwise.
/// Ends in good order, by throwing `StopRequested`, within a second of `stop.request()`.
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
        // Drops the slot of the last leg, where its origin was away before.
        try await RoleRunner(context: context, takesLocks: true).run()
        return announce("the last cutover is processed; `\(role.rawValue)` has nothing more to do")
    case .prepare, .schema, .snapshot, .streaming, .cutoverToTarget, .fallBack, .cutoverToSource: break
    }
    if role == .exportDataFromTarget || role == .importDataToSource,
        !record.legs.contains(where: { $0.direction == .reverse })
    {
        throw RequestRefused(
            "the fall-back has not begun: `\(role.rawValue)` comes after `switchback initiate cutover to target "
                + "--prepare-for-fall-back true` has completed")
    }
    try await awaitDatabase(role.side, context)
    switch role {
    case .exportDataFromSource:
        if record.phase == .prepare || record.phase == .schema || record.phase == .snapshot {
            if options.startClean { try await startClean(context) }
            try await OnSessionThread().run { try begin(context, options) }
        }
    case .importDataToTarget:
        if options.checks, record.legs.last?.direction != .reverse {
            try await OnSessionThread().run {
                try check(.target, context)
                try announceLookups(.target, context)
            }
        }
    case .exportDataFromTarget, .importDataToSource: break
    }
    try await RoleRunner(context: context, takesLocks: true).run()
}

/// Sees that a database can be reached. One that the migration has reached before is waited for, as a running role waits; any
/// other fails at once, with the server's reason.
func awaitDatabase(_ side: Side, _ context: RoleContext) async throws {
    let record = try context.record()
    let isKnown = (side == .source ? record.sourceIdentity : record.targetIdentity) != nil
    var backoff = Backoff()
    while true {
        do {
            return try await OnSessionThread().run { _ = try context.connect(side, as: "start") }
        } catch {
            guard isKnown, condition(of: error).isAwaited, (error as? PostgresError)?.isLoginRefusal != true
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

/// Whether work failed because a server could not be reached, or takes no connections for now.
package func isServerAway(_ error: any Error) -> Bool {
    if case .server(let cause) = error as? SchemaError { return cause.condition == .connectionLost }
    return condition(of: error) == .connectionLost
}

private func check(_ side: Side, _ context: RoleContext) throws {
    let results = try DatabaseChecks.run(side, context, forFallBack: false)
    if let refusal = DatabaseChecks.refusal(results) { throw refusal }
    if side == .target { noteWarnings(results, context) }
}

/// Keeps in the event log what the checks warn of.
private func noteWarnings(_ results: [CheckResult], _ context: RoleContext) {
    for result in results where result.state == .warning {
        context.log(
            .warning, "check",
            "\(result.side.rawValue): \(result.name): \(result.found); wanted: \(result.wanted); to mend it: \(result.remedy)"
        )
    }
}

/// Whether a list of tables is the one that was kept. Earlier versions kept it without its quotes.
private func isSameList(_ kept: [String], _ given: [String]) -> Bool {
    let names = kept.map { Identifier($0) }
    return names == given.map { Identifier($0) }
        || names == given.map { Identifier(ShownName.withoutQuotes($0)) }
}

/// Says which tables will be slow to write to.
private func announceLookups(_ side: Side, _ context: RoleContext, for use: String = "") throws {
    let connection = try context.connect(side, as: "check")
    let origin = try DatabaseChecks.origin(of: side, context)
    for warning in try DatabaseChecks.lookups(side, connection, try context.record(), origin: origin) {
        context.announce(
            "\(use)\(warning.name) on the \(side.rawValue): \(warning.found); to mend it: \(warning.remedy)")
    }
}

/// Sees that the source is fit, and that the migration is at its live phase.
private func begin(_ context: RoleContext, _ options: RunOptions) throws {
    try context.update { record in
        guard record.legs.isEmpty else {
            let isSame =
                isSameList(record.tableGlobs, options.tables)
                && isSameList(record.excludedTableGlobs, options.excludedTables)
                || options.tables.isEmpty && options.excludedTables.isEmpty
            guard isSame else {
                throw RequestRefused(
                    "the table list cannot change once the export has begun; begin with --start-clean true")
            }
            return
        }
        record.tableGlobs = options.tables
        record.excludedTableGlobs = options.excludedTables
    }
    if options.checks {
        try check(.source, context)
        // What only the way back needs does not stop the start; it is better known now than in the cutover.
        let results = try DatabaseChecks.run(.source, context, forFallBack: true)
        noteWarnings(results, context)
        for result in results where result.state == .failure {
            context.announce(
                "for the fall-back: \(result.name): \(result.found); wanted: \(result.wanted); to mend it: \(result.remedy)"
            )
        }
        try announceLookups(.source, context, for: "for the fall-back: ")
    }
    try context.update { record in
        if record.phase == .prepare || record.phase == .schema {
            Migration.begin(&record, jobs: options.jobs, now: secondsNow())
        }
    }
}

/// Takes back what an unfinished snapshot left on the source, and forgets it; the data folder is emptied.
private func startClean(_ context: RoleContext) async throws {
    try await OnSessionThread().run {
        let source = try context.connect(.source, as: "clean")
        try DatabaseChanges(context).undo(.source, on: source) { _ in true }
        try context.journal.forgetSnapshot()
        try context.update { record in
            record.legs = []
            record.phase = .schema
        }
        let data = context.exportDirectory + "/data"
        for name in try FileManager.default.contentsOfDirectory(atPath: data)
        where name.hasSuffix("_data.sql") {
            try FileManager.default.removeItem(atPath: data + "/" + name)
        }
    }
}

/// A thread for blocking work that is no role.
actor OnSessionThread {
    private nonisolated let thread = SessionThread(name: "work")
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
        unsafe thread.asUnownedSerialExecutor()
    }

    func run<R: Sendable>(_ body: @Sendable () throws -> R) throws -> R { try body() }
}

/// Does the work of one short request in this process and waits for its end: export schema, analyze schema, import
/// schema, end migration, check databases. `line` gets each line of progress. Throws what went wrong.
package func runRequest(
    _ request: Request, migration: Migration, options: RunOptions, line: @escaping @Sendable (String) -> Void
) async throws -> RequestRecord {
    if let refusal = try migration.refusal(of: request) { throw RequestRefused(refusal) }
    let json = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
    // Running from the first, so that a worker does not take it too.
    let id = try migration.journal.insertRequest(
        title: request.title, json: json, by: "\(NSUserName())@\(ProcessInfo.processInfo.hostName) verb",
        at: secondsNow(),
        state: RequestRecord.State.running.rawValue)
    let context = RoleContext(
        journal: migration.journal, exportDirectory: migration.exportDirectory, options: options,
        stop: StopSignal(),
        announce: line)
    if case .endMigration = request { try await stopOthers(migration, line: line) }
    try await RequestWork(context: context, line: line).perform(id, request)
    guard let record = try migration.record(of: id) else {
        throw RequestRefused("the request \(id) is gone from the journal")
    }
    return record
}

/// Ends the processes that hold a role, so that nothing runs on while everything is removed.
private func stopOthers(_ migration: Migration, line: @escaping @Sendable (String) -> Void) async throws {
    let secondsMax = 30.0
    let holders = Set(
        Role.allCases.compactMap { RoleLock.holder(migration.exportDirectory, $0) }.filter {
            $0 != getpid()
        })
    for holder in holders {
        line("stopping process \(holder)")
        kill(holder, SIGTERM)
    }
    let until = secondsNow() + secondsMax
    while Role.allCases.contains(where: { RoleLock.holder(migration.exportDirectory, $0) != nil }) {
        guard secondsNow() < until else {
            throw RequestRefused(
                "process \(holders.map(String.init).joined(separator: ", ")) does not end; stop it, then end the migration again"
            )
        }
        try await Task.sleep(for: .milliseconds(100))
    }
}
