import Foundation
import Journal
import Records

/// Runs both roles and the requests in this process; returns after `stopWorker`, `endMigration` or
/// `stop.request()`.
///
/// A worker that was killed leaves nothing to clean up: its locks are released with it, and the next one
/// continues from the journal and the databases.
package func runWorker(migration: Migration, options: RunOptions, stop: StopSignal) async throws {
    // A worker that was just killed may need a moment to end.
    let lockSecondsMax = 5.0
    var locks: [RoleLock] = []
    for role in Role.allCases {
        locks.append(
            try await RoleLock.acquire(
                migration.exportDirectory, role, waitSecondsMax: lockSecondsMax, stop: stop))
    }
    defer { withExtendedLifetime(locks) {} }
    let worker = Worker(migration: migration, options: options, stop: stop)
    worker.context(options).log(.info, "worker", "started, process \(getpid())")
    try await worker.run()
    worker.context(options).log(.info, "worker", "ended in good order")
}

/// The loop of a worker: does what `WorkerCourse` decides.
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

    func run() async throws {
        try migration.update { $0.isWorkerStopped = nil }
        try requeueInterrupted()
        var course = WorkerCourse()
        var action = WorkerCourse.Action.observe
        var roles: RunningRoles?
        var taken: TakenRequest?
        var start = StartPlanUpkeep(context(options))
        defer { roles?.stop.request() }
        while true {
            let event: WorkerCourse.Event
            switch action {
            case .observe:
                if let ended = roles, ended.haveEnded {
                    roles = nil
                    event = .rolesEnded(failed: await hasFailed(ended))
                } else {
                    event = try observe()
                }
            case .startRoles:
                roles = RunningRoles(context(try access(), stop: StopSignal(partOf: stop)))
                event = .rolesStarted
            case .stopRoles:
                await roles?.end()
                roles = nil
                event = .rolesEnded(failed: false)
            case .takeRequest:
                taken = try takeRequest()
                event = taken.map { .requestTaken($0.request.workerKind) } ?? .noRequest
            case .performRequest:
                if let taken { await perform(taken) }
                event = .requestPerformed
            case .wait:
                try await start.readIfStale(context(try access()))
                try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
                event = .waited
            case .exit: return
            }
            action = course.take(event)
        }
    }

    private func observe() throws -> WorkerCourse.Event {
        if stop.isRequested { return .stopRequested }
        let record = try migration.record()
        return .observed(
            .init(
                isEnded: record.phase == .ended,
                needsRoles: record.legs.contains { $0.endedAt == nil || $0.retiredAt == nil }
                    || Side.allCases.contains { record.mayFinishForeignKeys(of: $0) },
                resumes: record.resumeCount))
    }

    /// Returns the options with the databases as the forms name them now; the passwords are those of the
    /// worker's start.
    private func access() throws -> RunOptions {
        let record = try migration.record()
        var current = options
        if record.sourceIsKnown {
            current.source = options.source?.moved(to: record.forms.source)
        }
        if record.targetIsKnown {
            current.target = options.target?.moved(to: record.forms.target)
        }
        return current
    }

    /// Whether an error ended the roles; logs it.
    private func hasFailed(_ roles: RunningRoles) async -> Bool {
        do {
            try await roles.task.value
            return false
        } catch {
            if isStop(error) { return false }
            context(options).log(.error, "worker", "\(error)")
            print("\(error)")
            return true
        }
    }

    // MARK: Requests

    /// A request that was taken from the journal.
    private struct TakenRequest {
        let id: Int64
        let request: Request
    }

    /// Takes the oldest request that waits. A request to stop the worker is answered here: nothing else is to
    /// be done for it.
    private func takeRequest() throws -> TakenRequest? {
        guard let stored = try migration.journal.takeRequest() else { return nil }
        let request = try JSONDecoder().decode(Request.self, from: Data(stored.requestJSON.utf8))
        if request.workerKind == .stopWorker {
            // The console that was asked may be gone before the next one opens: it must not start a worker.
            try migration.update { $0.isWorkerStopped = true }
            try end(stored.id, .done, "the worker ends")
        }
        return TakenRequest(id: stored.id, request: request)
    }

    private func end(_ id: Int64, _ state: RequestRecord.State, _ answer: String) throws {
        try migration.journal.endRequest(
            id, state: state.rawValue, answer: answer, findingsJSON: nil, at: secondsNow())
    }

    /// Performs a request. Its failure is in its record, where the operator reads it; the worker continues.
    private func perform(_ taken: TakenRequest) async {
        do {
            if let refusal = MigrationMachine(try migration.record()).refusal(of: taken.request) {
                return try end(taken.id, .refused, refusal)
            }
            try await RequestWork(context: context(try access()), line: { print($0) }).perform(
                taken.id, taken.request)
        } catch {
            print("\(taken.request.title): \(error)")
        }
    }

    /// Queues the requests again that the last worker had begun when it died. They are changed so that what
    /// was done already does not disturb them.
    private func requeueInterrupted() throws {
        for stored in try migration.journal.runningRequests() {
            var request = try JSONDecoder().decode(Request.self, from: Data(stored.requestJSON.utf8))
            switch request {
            case .exportSchema: request = .exportSchema(startClean: true)
            case .importSchema(var options):
                options.ignoreExist = true
                request = .importSchema(options)
            case .checkDatabases, .mendChecks, .analyzeSchema, .decideFindings, .fixFindings, .chooseTables,
                .startLiveMigration, .pause, .resume, .setApplyMode,
                .setDiskLimits, .initiateCutover, .approveRelease, .abortCutover, .setErrorPolicy,
                .retryTable, .excludeTable, .acceptDifferences, .acknowledge, .setVerification, .endSession,
                .endMigration,
                .stopWorker:
                break
            }
            try migration.journal.requeue(
                stored.id, json: String(decoding: try JSONEncoder().encode(request), as: UTF8.self))
        }
    }
}

/// The roles of a worker, as they run.
private struct RunningRoles {
    let task: Task<Void, any Error>
    let stop: StopSignal
    private let hasEnded = StopSignal()

    init(_ context: RoleContext) {
        stop = context.stop
        let hasEnded = hasEnded
        task = Task {
            defer { hasEnded.request() }
            try await RoleRunner(context: context, takesLocks: false).run()
        }
    }

    var haveEnded: Bool { hasEnded.isRequested }

    /// Stops the roles and waits for their end, also if they end with an error.
    func end() async {
        stop.request()
        _ = await task.result
    }
}

extension Request {
    /// The kind of the request for the worker's course.
    fileprivate var workerKind: WorkerCourse.RequestKind {
        switch self {
        case .endMigration: .endMigration
        case .stopWorker: .stopWorker
        case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .decideFindings, .fixFindings,
            .importSchema, .chooseTables, .startLiveMigration, .pause,
            .resume, .setApplyMode, .setDiskLimits, .initiateCutover, .approveRelease, .abortCutover,
            .setErrorPolicy, .retryTable, .excludeTable, .acceptDifferences, .acknowledge,
            .setVerification, .endSession:
            .other
        }
    }
}
