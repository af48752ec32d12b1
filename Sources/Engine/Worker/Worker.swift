import Foundation
import Journal
import Postgres
import Records

/// Hosts both roles and the requests in this process; returns after `stopWorker`, `endMigration` or `stop.request()`.
///
/// A worker that was killed leaves nothing to clean up: its locks die with it, and the next one goes on from the
/// journal and the databases.
package func runWorker(migration: Migration, options: RunOptions, stop: StopSignal) async throws {
    let captureLock = try await patientLock(migration, .capture, stop)
    let applyLock = try await patientLock(migration, .apply, stop)
    defer { withExtendedLifetime((captureLock, applyLock)) {} }
    let worker = Worker(migration: migration, options: options, stop: stop)
    worker.context(options).log(.info, "worker", "started, process \(getpid())")
    try await worker.run()
    worker.context(options).log(.info, "worker", "ended in good order")
}

/// A worker that was just killed may take a moment to be gone.
private func patientLock(_ migration: Migration, _ role: Role, _ stop: StopSignal) async throws -> RoleLock {
    let secondsMax = 5.0
    let until = secondsNow() + secondsMax
    while true {
        do { return try RoleLock(exportDirectory: migration.exportDirectory, role: role) } catch {
            guard secondsNow() < until, !stop.isRequested else { throw error }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

private struct Worker: Sendable {
    let migration: Migration
    let options: RunOptions
    let stop: StopSignal

    private static let pollMilliseconds = 100

    func context(_ options: RunOptions, stop: StopSignal? = nil) -> RoleContext {
        RoleContext(
            journal: migration.journal, exportDirectory: migration.exportDirectory, options: options,
            stop: stop ?? self.stop, announce: { print($0) })
    }

    /// The ways to the databases as the forms say now; passwords are those the worker was started with.
    private func current() throws -> RunOptions {
        let record = try migration.record()
        var current = options
        if record.sourceIsKnown {
            current.source = DatabaseAccess(
                parameters: record.forms.source.parameters, password: options.source?.password)
        }
        if record.targetIsKnown {
            current.target = DatabaseAccess(
                parameters: record.forms.target.parameters, password: options.target?.password)
        }
        return current
    }

    func run() async throws {
        try takeUpInterrupted()
        var roles: Task<Void, any Error>?
        var rolesStop: StopSignal?
        var rolesEnd = RoleEnd()
        var failedAtResume: Int?
        var startedAtResume = 0
        defer { rolesStop?.request() }
        while !stop.isRequested {
            let record = try migration.record()
            if record.phase == .ended { break }
            if let failed = failedAtResume, record.resumeCount != failed { failedAtResume = nil }
            if roles == nil, failedAtResume == nil, needsRoles(record) {
                let signal = StopSignal(partOf: stop)
                let context = context(try current(), stop: signal)
                let end = RoleEnd()
                rolesEnd = end
                rolesStop = signal
                startedAtResume = record.resumeCount
                roles = Task {
                    defer { end.reached.request() }
                    try await RoleRunner(context: context, takesLocks: false).run()
                }
            }
            if rolesEnd.reached.isRequested, let ended = roles {
                roles = nil
                do { try await ended.value } catch  where isStop(error) {} catch {
                    // A call to go on that came while they failed is one for the next start.
                    failedAtResume = startedAtResume
                    context(options).log(.error, "worker", "\(error)")
                    print("\(error)")
                }
                rolesEnd = RoleEnd()
            }
            if let request = try migration.journal.takeRequest() {
                let decoded = try JSONDecoder().decode(Request.self, from: Data(request.requestJSON.utf8))
                if case .endMigration = decoded {
                    rolesStop?.request()
                    // What the roles end with matters no more.
                    if let roles { _ = await roles.result }
                    roles = nil
                }
                if case .stopWorker = decoded {
                    try migration.journal.endRequest(
                        request.id, state: RequestRecord.State.done.rawValue, answer: "the worker ends",
                        findingsJSON: nil,
                        at: secondsNow())
                    break
                }
                await perform(request, decoded)
            } else {
                try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            }
        }
        rolesStop?.request()
        if let roles { _ = await roles.result }
    }

    /// A leg runs, or one that has ended has not been cleared away yet.
    private func needsRoles(_ record: MigrationRecord) -> Bool {
        record.legs.contains { $0.endedAt == nil || $0.retiredAt == nil }
    }

    /// Its failure is in the request's record, where the one who asked reads it; the worker lives on.
    private func perform(_ request: StoredRequest, _ decoded: Request) async {
        do {
            if let refusal = MigrationMachine(try migration.record()).refusal(of: decoded) {
                try migration.journal.endRequest(
                    request.id, state: RequestRecord.State.refused.rawValue, answer: refusal,
                    findingsJSON: nil,
                    at: secondsNow())
                return
            }
            try await RequestWork(context: context(try current()), line: { print($0) }).perform(
                request.id, decoded)
        } catch {
            print("\(decoded.title): \(error)")
        }
    }

    /// A request that ran when the last worker died is done again, so that it takes no harm from what was done already.
    private func takeUpInterrupted() throws {
        for request in try migration.journal.runningRequests() {
            var decoded = try JSONDecoder().decode(Request.self, from: Data(request.requestJSON.utf8))
            switch decoded {
            case .exportSchema: decoded = .exportSchema(startClean: true)
            case .importSchema(var options):
                options.ignoreExist = true
                decoded = .importSchema(options)
            case .checkDatabases, .analyzeSchema, .startLiveMigration, .pause, .resume, .setApplyMode,
                .setDiskLimits,
                .initiateCutover,
                .approveRelease,
                .abortCutover, .setErrorPolicy, .retryTable, .excludeTable, .endMigration, .stopWorker:
                break
            }
            try migration.journal.requeue(
                request.id, json: String(decoding: try JSONEncoder().encode(decoded), as: UTF8.self))
        }
    }
}

/// Says that the task of the roles has come to its end.
private struct RoleEnd: Sendable {
    let reached = StopSignal()
}

extension ConnectionForm {
    /// The form as libpq takes it.
    package var parameters: ConnectionParameters {
        ConnectionParameters(
            host: host, port: port, database: database, user: user, sslMode: sslMode, sslCert: sslCert,
            sslKey: sslKey,
            sslRootCert: sslRootCert, sslCRL: sslCRL)
    }
}
