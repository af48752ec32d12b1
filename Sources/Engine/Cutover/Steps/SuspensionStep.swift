import Records

/// The steps that turn triggers and foreign keys off, and back as they were, for a role whose sessions they
/// fire for; and what undoes these steps.
struct SuspensionStep {
    let context: RoleContext
    let side: Side
    let database: any CutoverDatabase
    let open: OpenCutover

    /// Turns them off on the origin, which the next leg writes. Returns nil while a table is locked.
    func suspend(startedAt: Double) throws -> String? {
        try finish(database.suspendEffects(on: tables()), .suspendOrigin, startedAt: startedAt)
    }

    /// Brings them back on the destination, before the application writes there. Returns nil while a table is
    /// locked.
    func restore(startedAt: Double) throws -> String? {
        try finish(database.restoreEffects(), .restoreDestination, startedAt: startedAt)
    }

    func undoSuspension() throws { try demand(database.restoreEffects()) }

    func undoRestoration() throws { try demand(database.suspendEffects(on: tables())) }

    private func finish(_ attempt: StepAttempt, _ step: CutoverStep, startedAt: Double) throws -> String? {
        switch attempt {
        case .done(let detail): return detail
        case .waits(let error):
            try open.noteLock(
                step, error, startedAt: startedAt, secondsMax: context.options.limits.quiesceSeconds)
            return nil
        }
    }

    /// Throws the error of a lock, after which the undo is tried again.
    private func demand(_ attempt: StepAttempt) throws {
        if case .waits(let error) = attempt { throw error }
    }

    private func tables() throws -> [QualifiedName] { try ComparedTables.all(context).map(\.name) }
}

extension MigrationRecord {
    /// Whether triggers and foreign keys of a side may be turned off now: a leg writes there, or the next one
    /// will, and no cutover has begun to bring them back for the application.
    package func allowsSuspension(of side: Side) -> Bool {
        func hasBegun(_ cutover: Cutover, _ step: CutoverStep) -> Bool {
            cutover.steps.contains { $0.step == step && ($0.state == .running || $0.state == .done) }
        }
        if let cutover = openCutover, !cutover.isAborting {
            return cutover.options.to == side
                ? !hasBegun(cutover, .restoreDestination) : hasBegun(cutover, .suspendOrigin)
        }
        guard let leg = currentLeg, leg.endedAt == nil else { return false }
        return leg.direction.destination == side
    }

    /// Whether foreign keys of a side wait to be validated, and may be: the application has the side again.
    package func mayFinishForeignKeys(of side: Side) -> Bool {
        openCutover == nil && phase != .ended && !allowsSuspension(of: side)
            && changes.contains { $0.side == side && $0.undoneAt == nil && $0.kind.isUnfinishedForeignKey }
    }
}

/// Triggers and foreign keys may not be turned off now, because a cutover brings them back. The work that
/// needs them off waits for the end of that cutover.
package struct SuspensionNotAllowed: DatabaseError {
    package let side: Side

    package init(side: Side) { self.side = side }

    package var condition: ErrorCondition { .conflict }
    package var refusesStatement: Bool { false }
    package var refusesLogin: Bool { false }
    package var streamFault: StreamFault? { nil }
    package var reason: String { description }

    package var description: String {
        "triggers and foreign keys of the \(side.rawValue) are the application's again; this waits for the "
            + "end of the cutover"
    }
}
