import Journal
import Records

/// The open cutover in the record, as one role's steps change it. A change is durable when the call returns.
/// While the cutover is being aborted, its steps cannot change it.
final class OpenCutover {
    private let context: RoleContext
    private var noted = ""

    init(_ context: RoleContext) { self.context = context }

    /// Changes the open cutover, and writes events in the same transaction.
    ///
    /// - Throws: `CancelledStep` if the cutover is being aborted: nobody would undo what a step does now.
    func change(_ body: (inout Cutover, JournalTransaction) throws -> Void) throws {
        try context.update { record, transaction in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                !record.cutovers[index].isAborting
            else { throw CancelledStep() }
            try body(&record.cutovers[index], transaction)
        }
    }

    /// Changes the open cutover; throws `CancelledStep` if it is being aborted.
    func change(_ body: (inout Cutover) throws -> Void) throws {
        try change { cutover, _ in try body(&cutover) }
    }

    /// Notes in the record what a step waits for.
    func note(_ step: CutoverStep, _ detail: String) throws {
        guard detail != noted else { return }
        noted = detail
        try change { $0.set(step, .running, detail: detail, now: secondsNow()) }
    }

    /// Notes whose lock a step waits for; throws after `secondsMax`.
    func noteLock(_ step: CutoverStep, _ error: any DatabaseError, startedAt: Double, secondsMax: Double)
        throws
    {
        guard secondsNow() - startedAt < secondsMax else {
            throw RequestRefused("\(error); end that session, then initiate the cutover again")
        }
        try note(step, "waiting for a lock on a table: \(error.reason)")
    }

    /// Throws if a long step is to end: the cutover is being aborted, or a stop was requested.
    func checkAbort() throws {
        try context.stop.check()
        let isAborting = try context.record().openCutover?.isAborting ?? true
        if isAborting { throw CancelledStep() }
    }

    // MARK: Abort

    /// Asks the roles to undo their steps. The first of several reasons is kept, and it alone is told: the
    /// other role may have met the same, or has released the application meanwhile.
    func abort(_ reason: String) throws {
        let isNews = try context.update { record, transaction in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isOpen,
                record.cutovers[index].abortReason == nil
            else { return false }
            record.cutovers[index].abortReason = reason
            if let step = record.cutovers[index].nextStep?.step {
                record.cutovers[index].set(step, .failed, detail: reason, now: secondsNow())
            }
            try transaction.log(.error, "cutover", "the cutover failed and is being aborted: \(reason)")
            return true
        }
        guard isNews else { return }
        context.announce("the cutover failed and is being aborted; no data is lost: \(reason)")
    }

    func undone(_ step: CutoverStep) throws {
        try context.update { record in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isAborting else { return }
            record.cutovers[index].set(step, .undone, now: secondsNow())
        }
    }

    /// Ends the abort, when all steps are undone: the migration returns to the phase before the cutover.
    func aborted(_ cutover: Cutover) throws {
        try context.update { record, transaction in
            guard let index = record.cutovers.indices.last, record.cutovers[index].isAborting else { return }
            let now = secondsNow()
            try record.take(.aborted(to: cutover.options.to), at: now)
            record.cutovers[index].abortedAt = now
            try transaction.log(
                .warning, "cutover",
                "the cutover is aborted, and streaming continues: \(cutover.abortReason ?? "")")
        }
    }
}

/// A long step was left because the cutover is being aborted.
struct CancelledStep: Error, CustomStringConvertible {
    var description: String { "the step was left because the cutover is being aborted" }
}
