import Foundation
import Journal
import Records

/// Performs one role's steps of a cutover, and undoes them when the cutover is aborted.
///
/// It has a thread of its own, and each step its own connections, so that a long step never delays the
/// stream. It reads the other role's results in the journal. Every step may be performed again after a crash.
actor CutoverRunner {
    private nonisolated let thread: SessionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor keeps its executor alive.
        unsafe thread.asUnownedSerialExecutor()
    }

    private let context: RoleContext
    private let leg: Leg
    private let role: Role
    private let open: OpenCutover

    private static let pollMilliseconds = 50

    init(context: RoleContext, leg: Leg, role: Role) {
        thread = SessionThread(name: "cutover")
        self.context = context
        self.leg = leg
        self.role = role
        open = OpenCutover(context)
    }

    private var side: Side { role == .capture ? leg.direction.origin : leg.direction.destination }

    /// Performs the cutovers of this leg, until the leg has ended or a stop is requested.
    func run() async throws {
        var patience = Patience(attemptsMax: context.options.attemptsMax)
        while true {
            try context.stop.check()
            let record = try context.record()
            if record.hasEnded(leg) { return }
            guard let cutover = record.openCutover, cutover.options.ends == leg.direction else {
                try await Task.sleep(for: .milliseconds(Self.pollMilliseconds * 2))
                continue
            }
            do {
                let acted = cutover.isAborting ? try undoNext(cutover) : try doNext(cutover)
                patience.connected()
                if !acted { try await Task.sleep(for: .milliseconds(Self.pollMilliseconds)) }
            } catch  where isStop(error) {
                throw error
            } catch is CancelledStep {
                // The cutover is being aborted, and its reason is in the record.
            } catch {
                switch patience.judge(error, progress: cutover.progress) {
                case .again(let milliseconds, _):
                    try noteRetry(of: cutover, after: error)
                    try await Task.sleep(for: .milliseconds(milliseconds))
                case .over(let error):
                    if cutover.isAborting { throw error }
                    try open.abort("\(error)")
                }
            }
        }
    }

    /// Writes to the log, and to the step, why the step is performed again.
    private func noteRetry(of cutover: Cutover, after error: any Error) throws {
        context.log(.warning, "cutover", "\(error); the step is performed again")
        guard !cutover.isAborting, let step = cutover.nextStep?.step else { return }
        do { try open.note(step, "performed again after: \(error)") } catch is CancelledStep {
            // The next round undoes the step.
        }
    }

    // MARK: Forward

    /// Performs the next step if it is this role's. Returns whether it is done.
    private func doNext(_ cutover: Cutover) throws -> Bool {
        // Both roles see to it, because one of them may be within a long step.
        if let refusal = cutover.budgetRefusal(at: secondsNow()) { throw RequestRefused(refusal) }
        guard let next = cutover.nextStep, next.step.owner == role else { return false }
        if let refusal = try context.record().tablesRefusal { throw RequestRefused(refusal) }
        if next.state == .pending {
            try open.change { cutover, transaction in
                cutover.begin(
                    next.step, waitSecondsMax: context.options.limits.waitSecondsMax(of: next.step),
                    now: secondsNow())
                try transaction.log(.info, "cutover", next.step.title(leg.direction))
            }
            if next.step == .readFacts { try warnOfReshaped(cutover) }
        }
        if let detail = try perform(next.step, cutover, startedAt: next.startedAt ?? secondsNow()) {
            try open.change { $0.set(next.step, .done, detail: detail, now: secondsNow()) }
            return true
        }
        return false
    }

    /// Warns of rows that may differ, if this cutover compares no tables. It does so before the first step,
    /// when there is nothing to undo yet.
    private func warnOfReshaped(_ cutover: Cutover) throws {
        let record = try context.record()
        let tables = (record.reshapedTables ?? []).filter { !record.isExcluded($0) }
        guard !cutover.options.verify, !tables.isEmpty else { return }
        let words =
            "\(tables.listed) changed while streamed; the changes that this made to existing rows were not "
            + "sent, and this cutover compares no tables (--verify does)"
        context.log(.warning, "cutover", words)
        context.announce(words)
    }

    /// Performs a step. Returns its result in words; nil while it waits.
    private func perform(_ step: CutoverStep, _ cutover: Cutover, startedAt: Double) throws -> String? {
        switch step {
        case .readFacts: return try gates.readOrigin(cutover, origin)
        case .gates: return try gates.judge(cutover, destination)
        case .fence: return try fence.setUp(cutover, startedAt: startedAt)
        case .quiesce: return try quietOrigin.quiesce(startedAt: startedAt)
        case .barrier:
            return try BarrierWait(context: context, origin: origin).pass(
                .first, of: cutover, startedAt: startedAt)
        case .drain:
            return try Drain(context: context, side: side, leg: leg, open: open).pass(
                cutover, destination, startedAt: startedAt)
        case .readSequences:
            try ComparedTables.refuseUnstreamedParts(context, side, try context.side(side).tables())
            return try sequences.read(origin)
        case .setSequences:
            // The origin's role decides by the proofs which rows are compared, after this step.
            if cutover.options.verify { try RowProof.forgetChanged(on: side, leg: leg, context) }
            return try sequences.set(cutover, destination)
        case .checksumOrigin: return try comparedTables.readOrigin(cutover, context.side(side))
        case .checksumDestination:
            try sequences.check(cutover, destination)
            return try comparedTables.compareDestination(cutover, context.side(side))
        case .refreshViews:
            return try ViewRefresh(context: context, side: side, open: open).refresh(context.side(side))
        case .fallBackSlot: return try fallBack.createSlot(startedAt: startedAt)
        case .prepareOrigin: return try origin.prepareToBeWritten()
        case .suspendOrigin: return try suspension.suspend(startedAt: startedAt)
        case .restoreDestination: return try suspension.restore(startedAt: startedAt)
        case .quietProof: return try quietOrigin.prove(cutover, startedAt: startedAt)
        case .openDestination:
            try fence.remove()
            return "\(side.rawValue) takes writes"
        case .approval:
            return try context.record().openCutover?.isApproved == true ? "approved" : nil
        case .release:
            try release(cutover)
            return nil
        }
    }

    private var origin: any ReleasedOrigin { get throws { try context.origin(of: leg) } }
    private var destination: any Destination { get throws { try context.destination(of: leg) } }

    private var gates: GateCheck { GateCheck(context: context, side: side, leg: leg, open: open) }
    private var database: any CutoverDatabase {
        get throws { role == .capture ? try origin : try destination }
    }
    private var fence: FenceStep {
        get throws { FenceStep(context: context, side: side, database: try database, open: open) }
    }
    private var suspension: SuspensionStep {
        get throws { SuspensionStep(context: context, side: side, database: try database, open: open) }
    }
    private var quietOrigin: QuietOrigin {
        get throws { QuietOrigin(context: context, side: side, origin: try origin, open: open) }
    }
    private var sequences: SequenceTransfer { SequenceTransfer(context: context, side: side, open: open) }
    private var comparedTables: ComparedTables {
        ComparedTables(context: context, side: side, leg: leg, open: open)
    }
    private var fallBack: FallBackPreparation {
        FallBackPreparation(context: context, side: side, leg: leg, open: open)
    }

    private func release(_ cutover: Cutover) throws {
        if cutover.isDone(.fallBackSlot) { try fallBack.checkSlot() }
        let isReleased = try context.update { record, transaction in
            guard try record.release(at: secondsNow()) else {
                try transaction.log(
                    .info, "cutover",
                    "\(leg.direction.origin.rawValue) was proved quiet too long ago; it is proved again")
                return false
            }
            try transaction.log(
                .info, "cutover",
                "cutover to \(cutover.options.to.rawValue) completed; the application is released")
            return true
        }
        guard isReleased else { return }
        context.announce("cutover to \(cutover.options.to.rawValue) completed")
    }

    // MARK: Abort

    private func undoNext(_ cutover: Cutover) throws -> Bool {
        guard let last = cutover.nextUndo else {
            try open.aborted(cutover)
            return true
        }
        guard last.step.owner == role else { return false }
        switch last.step {
        case .fence: try fence.remove()
        case .fallBackSlot: try fallBack.undo()
        case .openDestination: try fence.setUpAgain()
        case .suspendOrigin: try suspension.undoSuspension()
        case .restoreDestination: try suspension.undoRestoration()
        case .readFacts, .gates, .quiesce, .barrier, .drain, .readSequences, .setSequences, .checksumOrigin,
            .checksumDestination, .refreshViews, .prepareOrigin, .quietProof, .approval, .release:
            // They only read, or wrote what the next cutover writes again.
            break
        }
        try open.undone(last.step)
        return true
    }
}

extension Cutover {
    /// Time at which the newest step ended or was undone, in milliseconds since 1970.
    fileprivate var progress: UInt64 {
        UInt64(max(0, (steps.compactMap { $0.undoneAt ?? $0.endedAt }.max() ?? requestedAt) * 1000))
    }
}
