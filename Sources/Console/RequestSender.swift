import Engine
import Foundation

/// Carries out what the operator asked of the engine: leaves requests, keeps answers, and sees to it that a worker is
/// there to serve them.
package final class RequestSender {
    private let control: any MigrationControl
    private let options: ConsoleOptions
    private let beside: (@escaping @Sendable () -> Void) -> Void
    /// The passwords the worker was started with by this console.
    private var given: Passwords?
    private var pending: Pending?
    private var start: WorkerStart?

    private struct Passwords: Equatable {
        var source: String?
        var target: String?
    }

    /// A request that waits for a worker.
    private struct Pending {
        var request: Request
        /// Until when the old worker must have ended, where one with other passwords is to serve the request.
        var oldWorkerEndsBy: Double?
    }

    /// A worker asked to end in good order does so within this time.
    private static let stopSecondsMax = 30.0

    /// `beside` runs what may take seconds; a test runs it at once.
    package init(
        control: any MigrationControl, options: ConsoleOptions,
        beside: @escaping (@escaping @Sendable () -> Void) -> Void = { Thread.detachNewThread($0) }
    ) {
        self.control = control
        self.options = options
        self.beside = beside
    }

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
                state.notice = Alert(.info, "The worker is started again with the new passwords.")
                return
            }
            if request == .stopWorker {
                throw RequestRefused("no worker is running, so there is none to stop")
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

    package func keep(_ forms: DatabaseForms, _ data: inout ConsoleData, _ state: inout ViewState) {
        guard !options.readOnly else { return }
        do {
            try control.keep(forms)
            data.forms = forms
        } catch {
            state.notice = Alert(.error, "The answers are not kept: \(error)")
        }
    }

    package func startWorker(_ data: inout ConsoleData, _ state: inout ViewState) {
        guard !options.readOnly else { return }
        if control.workerIsAlive() {
            state.notice = Alert(.info, "The worker is running.")
            return
        }
        data.monitor.startOver()
        beginStart(state)
        state.notice = Alert(.info, "Starting the worker.")
    }

    /// Takes note of starts that have ended, and starts a worker again that is gone though there is work for it.
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
            state.refused(request, "The worker did not end in good order, so it still has the old passwords.")
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

    /// The verbs run in other terminals hold the roles; a worker would only stand in their way.
    private func rolesAreTaken(_ data: ConsoleData) -> Bool {
        data.status?.processIDs[.capture] != nil || data.status?.processIDs[.apply] != nil
    }

    private func beginStart(_ state: ViewState) {
        guard start == nil else { return }
        let passwords = passwords(state)
        given = passwords
        let (start, control) = (WorkerStart(), control)
        self.start = start
        beside { start.run(control, sourcePassword: passwords.source, targetPassword: passwords.target) }
    }

    private func passwords(_ state: ViewState) -> Passwords {
        let typed = state.passwords
        return Passwords(
            source: typed.source ?? options.sourcePassword, target: typed.target ?? options.targetPassword)
    }

    /// Whether the operator typed a password the worker was not started with.
    private func hasNewPasswords(_ state: ViewState) -> Bool {
        let typed = state.passwords
        return (typed.source != nil || typed.target != nil) && passwords(state) != given
    }
}

extension Request {
    /// Whether a worker must be there to do it; the others are noted at once and heeded by whoever runs the roles.
    fileprivate var isWork: Bool {
        switch self {
        case .checkDatabases, .exportSchema, .analyzeSchema, .importSchema, .startLiveMigration,
            .initiateCutover,
            .endMigration:
            true
        case .pause, .resume, .setApplyMode, .setDiskLimits, .approveRelease, .abortCutover, .setErrorPolicy,
            .retryTable,
            .excludeTable, .stopWorker:
            false
        }
    }
}
