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

    /// The passwords that the operator typed.
    private struct Passwords: Equatable {
        var source: String?
        var target: String?
    }

    /// A request that waits for a worker.
    private struct Pending {
        var request: Request
        /// Deadline for the old worker's end, if a worker with other passwords is to serve the request.
        var oldWorkerEndsBy: Double?
    }

    /// Longest wait for a worker that was asked to stop.
    private static let stopSecondsMax = 30.0

    /// `runOnOtherThread` runs what may take seconds; a test runs it at once.
    package init(
        control: any MigrationControl, options: ConsoleOptions,
        runOnOtherThread: @escaping (@escaping @Sendable () -> Void) -> Void = { Thread.detachNewThread($0) }
    ) {
        self.control = control
        self.options = options
        self.runOnOtherThread = runOnOtherThread
    }

    /// Leaves a request. Starts a worker first if the request needs one and none runs.
    package func leave(_ request: Request, _ data: inout ConsoleData, _ state: inout ViewState) {
        guard !options.readOnly else {
            state.refused(request, "This console is read-only.")
            return
        }
        do {
            if let refusal = try control.refusal(of: request) { throw RequestRefused(refusal) }
            if control.workerIsAlive() {
                guard request.isWork, hasNewPasswords(state) else { return submit(request, &data, &state) }
                _ = try control.leave(.stopWorker, by: options.operatorName)
                pending = Pending(request: request, oldWorkerEndsBy: data.now + RequestSender.stopSecondsMax)
                state.asking(request, now: data.now)
                state.notice = Alert(.info, "The worker restarts with the new passwords.")
                return
            }
            if request == .stopWorker {
                throw RequestRefused("no worker is running, so there is nothing to stop")
            }
            guard request.isWork, !rolesAreTaken(data) else { return submit(request, &data, &state) }
            pending = Pending(request: request)
            state.asking(request, now: data.now)
            beginStart(state)
            settle(&data, &state)
        } catch {
            state.refused(request, "\(error)")
        }
    }

    /// Stores the connection forms in the journal.
    package func keep(_ forms: DatabaseForms, _ data: inout ConsoleData, _ state: inout ViewState) {
        guard !options.readOnly else { return }
        do {
            try control.keep(forms)
            data.forms = forms
        } catch {
            state.notice = Alert(.error, "The answers could not be stored: \(error)")
        }
    }

    /// Starts a worker because the operator asked for it; all attempts count again.
    package func startWorker(_ data: inout ConsoleData, _ state: inout ViewState) {
        guard !options.readOnly else { return }
        if control.workerIsAlive() {
            state.notice = Alert(.info, "The worker is running already.")
            return
        }
        data.monitor.startOver()
        beginStart(state)
        state.notice = Alert(.info, "Starting the worker.")
    }

    /// Takes the results of starts that have ended. Restarts a worker that is gone although there is work for
    /// it.
    package func superviseWorker(_ data: inout ConsoleData, _ state: inout ViewState) {
        settle(&data, &state)
        guard !options.readOnly, start == nil, pending == nil else { return }
        let records = Array(data.newest.values) + (data.record.map { [$0] } ?? [])
        let hasOpenRequest = records.contains { $0.state == .waiting || $0.state == .running }
        let phase = data.status?.phase ?? .ended
        let isWanted = phase.wantsWorker || (hasOpenRequest && phase != .ended)
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

    private func settle(_ data: inout ConsoleData, _ state: inout ViewState) {
        if let result = start?.result {
            start = nil
            switch result {
            case .success(let process):
                data.monitor.started(process, now: data.now)
                if let request = pending?.request {
                    pending = nil
                    submit(request, &data, &state)
                }
            case .failure(let error):
                data.monitor.failed(error.description)
                if let request = pending?.request { state.refused(request, error.description) }
                pending = nil
            }
        }
        guard let end = pending?.oldWorkerEndsBy, let request = pending?.request else { return }
        if !control.workerIsAlive(), !rolesAreTaken(data) {
            pending?.oldWorkerEndsBy = nil
            beginStart(state)
            settle(&data, &state)
        } else if data.now > end {
            pending = nil
            state.refused(
                request,
                "The worker did not stop within \(Int(Self.stopSecondsMax)) s, so it still has the old "
                    + "passwords."
            )
        }
    }

    private func submit(_ request: Request, _ data: inout ConsoleData, _ state: inout ViewState) {
        do {
            let id = try control.leave(request, by: options.operatorName)
            if request == .stopWorker { data.monitor.isStoppedByOperator = true }
            state.left(request, id: id, now: data.now)
        } catch {
            state.refused(request, "\(error)")
        }
    }

    /// Whether verbs in other terminals run the roles; a worker could not get them.
    private func rolesAreTaken(_ data: ConsoleData) -> Bool {
        data.status?.processIDs[.capture] != nil || data.status?.processIDs[.apply] != nil
    }

    private func beginStart(_ state: ViewState) {
        guard start == nil else { return }
        let passwords = passwords(state)
        given = passwords
        let (start, control) = (WorkerStart(), control)
        self.start = start
        runOnOtherThread {
            start.run(control, sourcePassword: passwords.source, targetPassword: passwords.target)
        }
    }

    private func passwords(_ state: ViewState) -> Passwords {
        let typed = state.passwords
        return Passwords(
            source: typed.source ?? options.sourcePassword, target: typed.target ?? options.targetPassword)
    }

    /// Whether the operator typed a password that the worker does not have.
    private func hasNewPasswords(_ state: ViewState) -> Bool {
        let typed = state.passwords
        return (typed.source != nil || typed.target != nil) && passwords(state) != given
    }
}

extension Request {
    /// Whether a worker must perform it. Other requests change the record at once, and the process that runs
    /// the roles reads them there.
    fileprivate var isWork: Bool {
        switch self {
        case .checkDatabases, .exportSchema, .analyzeSchema, .importSchema, .startLiveMigration,
            .initiateCutover,
            .endMigration:
            true
        case .pause, .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover, .setErrorPolicy,
            .retryTable,
            .excludeTable, .acceptDifferences, .acknowledge, .endSession, .stopWorker:
            false
        }
    }
}
