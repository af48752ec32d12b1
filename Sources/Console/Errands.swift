import Engine
import Glibc

/// Carries out what the operator asked of the engine: leaves requests, keeps answers, and sees to it that a worker is
/// there to serve them.
package final class Errands {
    private let room: any ControlRoom
    private let options: ConsoleOptions
    /// The passwords the worker was started with by this console.
    private var given: Passwords?
    /// Waits for the old worker to end, so that one with the new passwords can serve it.
    private var postponed: (request: Request, until: Double)?

    private struct Passwords: Equatable {
        var source: String?
        var target: String?
    }

    /// A worker asked to end in good order does so within this time.
    private static let stopSecondsMax = 30.0

    package init(room: any ControlRoom, options: ConsoleOptions) {
        self.room = room
        self.options = options
    }

    package func leave(_ request: Request, _ picture: inout Picture, _ state: inout ViewState) {
        guard !options.readOnly else {
            state.refused(request, "This console is read-only.")
            return
        }
        do {
            if let refusal = try room.refusal(of: request) { throw RequestRefused(refusal) }
            if room.workerIsAlive() {
                if request != .stopWorker, hasNewPasswords(state) {
                    _ = try room.leave(.stopWorker, by: options.operatorName)
                    postponed = (request, picture.now + Errands.stopSecondsMax)
                    state.notice = Alert(.info, "The worker is started again with the new passwords.")
                    return
                }
            } else if request == .stopWorker {
                throw RequestRefused("no worker is running, so there is none to stop")
            } else if !picture.watch.isStarting(now: picture.now), !rolesAreTaken(picture) {
                try start(&picture, state)
            }
            let id = try room.leave(request, by: options.operatorName)
            if request == .stopWorker { picture.watch.isStoppedByOperator = true }
            state.left(request, id: id, now: picture.now)
        } catch {
            state.refused(request, "\(error)")
        }
    }

    package func keep(_ forms: DatabaseForms, _ picture: inout Picture, _ state: inout ViewState) {
        guard !options.readOnly else { return }
        do {
            try room.keep(forms)
            picture.forms = forms
        } catch {
            state.notice = Alert(.error, "The answers are not kept: \(error)")
        }
    }

    package func startWorker(_ picture: inout Picture, _ state: inout ViewState) {
        guard !options.readOnly, !room.workerIsAlive() else {
            state.notice = Alert(.info, "The worker is running.")
            return
        }
        picture.watch.startOver()
        tryStart(&picture, state)
    }

    /// Starts a worker again that is gone though the phase needs one.
    package func lookAfterWorker(_ picture: inout Picture, _ state: inout ViewState) {
        if let postponed {
            if !picture.workerIsAlive {
                self.postponed = nil
                leave(postponed.request, &picture, &state)
            } else if picture.now > postponed.until {
                self.postponed = nil
                state.refused(
                    postponed.request,
                    "The worker did not end in good order, so it still has the old passwords.")
            }
            return
        }
        guard !picture.readOnly else { return }
        let records = Array(picture.newest.values) + (picture.record.map { [$0] } ?? [])
        let hasOpenRequest = records.contains { $0.state == .waiting || $0.state == .running }
        let phase = picture.status?.phase ?? .ended
        let isWanted = phase.wantsWorker || (hasOpenRequest && phase != .ended)
        let decision = picture.watch.look(
            isAlive: picture.workerIsAlive, isWanted: isWanted && !rolesAreTaken(picture),
            process: picture.workerIsAlive
                ? picture.status?.captureProcessID ?? picture.status?.applyProcessID : nil,
            now: picture.now)
        switch decision {
        case .nothing: break
        case .start: tryStart(&picture, state)
        }
    }

    /// The verbs run in other terminals hold the roles; a worker would only stand in their way.
    private func rolesAreTaken(_ picture: Picture) -> Bool {
        picture.status?.captureProcessID != nil || picture.status?.applyProcessID != nil
    }

    private func tryStart(_ picture: inout Picture, _ state: ViewState) {
        do {
            try start(&picture, state)
        } catch {
            picture.watch.failed("\(error)")
        }
    }

    private func start(_ picture: inout Picture, _ state: ViewState) throws {
        let passwords = passwords(state)
        let process = try room.startWorker(sourcePassword: passwords.source, targetPassword: passwords.target)
        given = passwords
        picture.watch.started(process, now: picture.now)
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
