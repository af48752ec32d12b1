import Engine
import Foundation

/// Sends the operator's requests to the engine, stores the operator's answers, and starts the worker that
/// serves them.
package final class RequestSender {
    private let control: any MigrationControl
    private let options: ConsoleOptions
    private let runOnOtherThread: (@escaping @Sendable () -> Void) -> Void
    /// The passwords that this console gave to the worker at its start.
    private var given: Passwords?
    private var pending: Pending?
    private var start: WorkerStart?
    /// The requests that no worker has ended yet.
    private var unfinished: Set<Int64> = []
    private var unfinishedReadAt = 0.0
    private var replies: [Reply] = []

    /// The passwords that the operator typed.
    private struct Passwords: Equatable {
        var source: String?
        var target: String?
    }

    /// A request that waits for a worker.
    private struct Pending {
        var request: Request
        var plan: PlanHash?
        /// Deadline for the old worker's end, if a worker with other passwords is to serve the request.
        var oldWorkerEndsBy: Double?
    }

    /// Longest wait for a worker that was asked to stop.
    private static let stopSecondsMax = 30.0
    /// Time between two readings of the requests that are not ended.
    private static let unfinishedEverySeconds = 1.0

    /// `runOnOtherThread` runs what may take seconds; a test runs it at once.
    package init(
        control: any MigrationControl, options: ConsoleOptions,
        runOnOtherThread: @escaping (@escaping @Sendable () -> Void) -> Void = { Thread.detachNewThread($0) }
    ) {
        self.control = control
        self.options = options
        self.runOnOtherThread = runOnOtherThread
    }

    /// Returns the answers that came since the last call.
    package func takeReplies() -> [Reply] {
        defer { replies = [] }
        return replies
    }

    /// Finds the requests of an earlier console that no worker has ended.
    package func findUnfinished() throws {
        unfinished = Set(try control.openRecords().filter(\.request.isWork).map(\.id))
    }

    /// Writes the SQL that mends the rows that differ; says where.
    package func writeRepairs() -> Notice {
        do {
            return Notice(.info, "The SQL is in \(try control.writeRepairs()); read it before you run it.")
        } catch {
            return Notice(.error, "The SQL could not be written: \(error)")
        }
    }

    /// Takes the wheel from the console that has it.
    package func takeWheel() -> Notice {
        do {
            try control.takeWheel()
            return Notice(.info, "This console has the wheel.")
        } catch {
            return Notice(.error, "\(error)")
        }
    }

    /// Asks whoever runs the roles to read the facts of the gates at once.
    package func readGatesAgain() -> Notice {
        do {
            try control.readGatesAgain()
            return Notice(.info, "The gates are being read again.")
        } catch {
            return Notice(.error, "The gates cannot be read again: \(error)")
        }
    }

    /// Leaves a request. Starts a worker first if the request needs one and none runs.
    ///
    /// - Parameter plan: the plan that the operator was shown; nil if none was
    package func leave(
        _ request: Request, seen plan: PlanHash?, _ data: inout ConsoleData, _ state: ConsoleState
    ) {
        guard !options.readOnly else {
            replies.append(.refused(request, reason: "This console is read-only."))
            return
        }
        do {
            if let refusal = try control.refusal(of: request) { throw RequestRefused(refusal) }
            if let waiting = pending?.request {
                throw RequestRefused(
                    "\(waiting.title) waits for a worker that is being started: ask again after it")
            }
            if control.workerIsAlive() {
                guard request.isWork, hasNewPasswords(state) else { return submit(request, plan, &data) }
                _ = try control.leave(.stopWorker, by: options.operatorName)
                pending = Pending(
                    request: request, plan: plan,
                    oldWorkerEndsBy: data.now + RequestSender.stopSecondsMax)
                replies.append(.waits(request))
                return
            }
            if request == .stopWorker {
                throw RequestRefused("no worker is running, so there is nothing to stop")
            }
            if let verb = request.verbWithoutWorker, rolesAreTaken(data) {
                throw RequestRefused(
                    "export and import run as verbs in other terminals, so no worker can do this: run "
                        + "`switchback \(verb)` in a terminal")
            }
            guard request.isWork, !rolesAreTaken(data) else { return submit(request, plan, &data) }
            pending = Pending(request: request, plan: plan)
            replies.append(.waits(request))
            beginStart(state)
            settle(&data, state)
        } catch {
            replies.append(.refused(request, reason: "\(error)"))
        }
    }

    /// Stores the connection forms in the journal. Returns why they could not be stored.
    package func keep(_ forms: DatabaseForms, _ data: inout ConsoleData) -> Notice? {
        guard !options.readOnly else { return nil }
        do {
            try control.keep(forms)
            data.forms = forms
            return nil
        } catch {
            return Notice(.error, "The answers could not be stored: \(error)")
        }
    }

    /// Starts a worker because the operator asked for it; all attempts count again.
    package func startWorker(_ data: inout ConsoleData, _ state: ConsoleState) -> Notice? {
        guard !options.readOnly else { return nil }
        if control.workerIsAlive() { return Notice(.info, "The worker is running already.") }
        data.monitor.startOver()
        beginStart(state)
        return Notice(.info, "Starting the worker.")
    }

    /// Takes the results of starts that have ended. Restarts a worker that is gone although there is work for
    /// it.
    package func superviseWorker(_ data: inout ConsoleData, _ state: ConsoleState) {
        settle(&data, state)
        // Only the console that has the wheel starts workers.
        guard !options.readOnly, start == nil, pending == nil, data.status?.wheel.refusal == nil else {
            return
        }
        if data.status?.workerIsStopped == true, !data.workerIsAlive {
            data.monitor.isStoppedByOperator = true
        }
        readUnfinished(data)
        let phase = data.status?.phase ?? .ended
        let isWanted = phase.wantsWorker || (!unfinished.isEmpty && phase != .ended)
        let decision = data.monitor.check(
            isAlive: data.workerIsAlive, isWanted: isWanted && !rolesAreTaken(data),
            process: data.workerIsAlive
                ? data.status?.processIDs[.capture] ?? data.status?.processIDs[.apply] : nil,
            now: data.now)
        switch decision {
        case .nothing: break
        case .start: beginStart(state)
        }
    }

    private func readUnfinished(_ data: ConsoleData) {
        guard !unfinished.isEmpty, abs(data.now - unfinishedReadAt) >= Self.unfinishedEverySeconds else {
            return
        }
        unfinishedReadAt = data.now
        unfinished = unfinished.filter { id in
            // A journal that cannot be read now is read again; the screen shows the reason.
            do { return try control.record(of: id)?.isOpen == true } catch { return true }
        }
    }

    private func settle(_ data: inout ConsoleData, _ state: ConsoleState) {
        if let result = start?.result {
            start = nil
            switch result {
            case .success(let process):
                data.monitor.started(process, now: data.now)
                serveWaiting(&data, state)
            case .failure(let error):
                data.monitor.failed(error.description)
                if let request = pending?.request {
                    replies.append(.refused(request, reason: error.description))
                }
                pending = nil
            }
        }
        guard let end = pending?.oldWorkerEndsBy, let request = pending?.request else { return }
        if !control.workerIsAlive(), !rolesAreTaken(data) {
            pending?.oldWorkerEndsBy = nil
            beginStart(state)
            settle(&data, state)
        } else if data.now > end {
            pending = nil
            replies.append(
                .refused(
                    request,
                    reason:
                        "The worker did not stop within \(Int(Self.stopSecondsMax)) s, so it still has the "
                        + "old passwords."))
        }
    }

    /// Leaves the request that waited for the worker. If passwords were typed while it started, another one
    /// takes its place first.
    private func serveWaiting(_ data: inout ConsoleData, _ state: ConsoleState) {
        guard let waiting = pending else { return }
        guard waiting.request.isWork, hasNewPasswords(state) else {
            pending = nil
            return submit(waiting.request, waiting.plan, &data)
        }
        do {
            _ = try control.leave(.stopWorker, by: options.operatorName)
            pending?.oldWorkerEndsBy = data.now + RequestSender.stopSecondsMax
        } catch {
            pending = nil
            replies.append(.refused(waiting.request, reason: "\(error)"))
        }
    }

    private func submit(_ request: Request, _ plan: PlanHash?, _ data: inout ConsoleData) {
        do {
            let id = try control.leave(request, by: options.operatorName, seen: plan)
            if request == .stopWorker { data.monitor.isStoppedByOperator = true }
            if request.isWork { unfinished.insert(id) }
            replies.append(.left(request, id: id))
        } catch {
            replies.append(.refused(request, reason: "\(error)"))
        }
    }

    /// Whether verbs in other terminals run the roles; a worker could not get them.
    private func rolesAreTaken(_ data: ConsoleData) -> Bool {
        data.status?.processIDs[.capture] != nil || data.status?.processIDs[.apply] != nil
    }

    private func beginStart(_ state: ConsoleState) {
        guard start == nil else { return }
        let passwords = passwords(state)
        given = passwords
        let (start, control) = (WorkerStart(), control)
        self.start = start
        runOnOtherThread {
            start.run(control, sourcePassword: passwords.source, targetPassword: passwords.target)
        }
    }

    private func passwords(_ state: ConsoleState) -> Passwords {
        let typed = state.passwords
        return Passwords(
            source: typed.source ?? options.sourcePassword, target: typed.target ?? options.targetPassword)
    }

    /// Whether the operator typed a password that the worker does not have.
    private func hasNewPasswords(_ state: ConsoleState) -> Bool {
        let typed = state.passwords
        return (typed.source != nil || typed.target != nil) && passwords(state) != given
    }
}

extension RequestRecord {
    /// Whether no worker has ended it yet.
    var isOpen: Bool {
        switch state {
        case .waiting, .running: true
        case .done, .refused, .failed: false
        }
    }
}

extension Request {
    /// The verb that does in a process of its own what only a worker does for a console; nil if the request
    /// changes the record alone, and the roles see to the rest, wherever they run.
    fileprivate var verbWithoutWorker: String? {
        switch self {
        case .checkDatabases: "check"
        case .mendChecks: "check --fix NAME"
        case .exportSchema: "export schema"
        case .analyzeSchema: "analyze-schema"
        case .fixFindings: "analyze-schema --fix RULE"
        case .importSchema(let options):
            options.postSnapshotImport ? "finalize-schema-post-data-import" : "import schema"
        case .endSession(let end): "end session \(end.processID)"
        case .endMigration: "end migration"
        case .chooseTables, .startLiveMigration, .pause, .resume, .setApplyMode, .setDiskLimits,
            .initiateCutover, .approveRelease, .abortCutover, .setErrorPolicy, .retryTable, .excludeTable,
            .acceptDifferences, .decideFindings, .acknowledge, .setVerification, .stopWorker:
            nil
        }
    }

    /// Whether the request is served by a worker. The others only change the record, and whoever runs
    /// the roles reads them there.
    fileprivate var isWork: Bool {
        switch self {
        case .checkDatabases, .mendChecks, .exportSchema, .analyzeSchema, .fixFindings, .importSchema,
            .startLiveMigration, .initiateCutover, .endSession, .endMigration:
            true
        case .chooseTables, .pause, .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover,
            .setErrorPolicy,
            .retryTable,
            .excludeTable, .acceptDifferences, .decideFindings, .acknowledge, .setVerification, .stopWorker:
            false
        }
    }
}
