import Postgres
import Records

/// The open cutover in the record, as one role's steps change it. What is changed is durable when the call returns, and
/// nothing of it is changed by a step while the cutover is being taken back.
final class OpenCutover {
    private let context: RoleContext
    private var noted = ""

    init(_ context: RoleContext) { self.context = context }

    /// Changes the open cutover; throws `CancelledStep` where it is being taken back meanwhile, so that no step goes on which
    /// nobody would undo.
    func change(_ body: (inout Cutover) throws -> Void) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                !record.cutovers[index].isAborting
            else { throw CancelledStep() }
            try body(&record.cutovers[index])
        }
    }

    /// Says what a step waits for.
    func note(_ step: CutoverStep, _ detail: String) throws {
        guard detail != noted else { return }
        noted = detail
        try change { $0.set(step, .running, detail: detail, now: secondsNow()) }
    }

    /// Says whose lock a step waits for; throws where that has been too long.
    func noteLock(_ step: CutoverStep, _ error: PostgresError, startedAt: Double, secondsMax: Double) throws {
        guard secondsNow() - startedAt < secondsMax else {
            throw RequestRefused("\(error); end that session, then initiate the cutover again")
        }
        try note(step, "waiting for a lock on a table: \(error.hint ?? error.message)")
    }

    /// Leaves a long step where the cutover is taken back, or a stop is asked for.
    func checkAbort() throws {
        try context.stop.check()
        let isAborting = try context.record().openCutover?.isAborting ?? true
        if isAborting { throw CancelledStep() }
    }

    // MARK: The way back out of it

    /// Asks the roles to take it back; the first reason stands.
    func abort(_ reason: String) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                record.cutovers[index].abortReason == nil
            else { return }
            record.cutovers[index].abortReason = reason
            if let step = record.cutovers[index].nextStep?.step {
                record.cutovers[index].set(step, .failed, detail: reason, now: secondsNow())
            }
        }
        context.log(.error, "cutover", "stopped, and taken back harmlessly: \(reason)")
        context.announce("the cutover was stopped, and is taken back harmlessly: \(reason)")
    }

    func undone(_ step: CutoverStep) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isAborting else { return }
            record.cutovers[index].set(step, .undone, now: secondsNow())
        }
    }

    /// All of its steps are undone: the phase is again the one before it.
    func takenBack(_ cutover: Cutover) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isAborting else { return }
            record.cutovers[index].abortedAt = secondsNow()
            record.phase = MigrationMachine.phase(abortedTo: cutover.options.to)
        }
        context.log(
            .warning, "cutover", "taken back; the changes stream on: \(cutover.abortReason ?? "")")
    }
}

/// A long step that was left because the cutover is taken back.
struct CancelledStep: Error, CustomStringConvertible {
    var description: String { "the step was left because the cutover is taken back" }
}
