import Foundation
import Journal
import Postgres
import Records

/// Does one role's steps of a cutover, and undoes them when it is taken back.
///
/// It has a thread and a connection of its own, so that a long step never holds the stream. What it needs of the other
/// role it reads in the journal, and every step may be done again after a crash.
actor CutoverRunner {
    private nonisolated let thread: SessionThread
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Sound: the actor holds its executor.
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

    /// Watches for cutovers of this leg until the leg has ended or a stop is asked for.
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
                // Somebody takes the cutover back and has said why.
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

    /// Says in the log, and in the step, why the step is done again.
    private func noteRetry(of cutover: Cutover, after error: any Error) throws {
        context.log(.warning, "cutover", "\(error); the step is done again")
        guard !cutover.isAborting, let step = cutover.nextStep?.step else { return }
        do { try open.note(step, "done again after: \(error)") } catch is CancelledStep {
            // The next round takes it back.
        }
    }

    // MARK: The way through a cutover

    /// Does the next step where it is this role's; true when it did.
    private func doNext(_ cutover: Cutover) throws -> Bool {
        guard let next = cutover.nextStep, next.step.owner == role else { return false }
        if let refusal = try context.record().tablesRefusal { throw RequestRefused(refusal) }
        if next.state == .pending {
            try open.change { $0.set(next.step, .running, now: secondsNow()) }
            context.log(.info, "cutover", next.step.title(leg.direction))
            if next.step == .readFacts { try warnOfReshaped(cutover) }
        }
        if let detail = try perform(next.step, cutover, startedAt: next.startedAt ?? secondsNow()) {
            try open.change { $0.set(next.step, .done, detail: detail, now: secondsNow()) }
            return true
        }
        return false
    }

    /// What nobody compares may differ: said before the first step, while nothing is done that would have to be undone.
    private func warnOfReshaped(_ cutover: Cutover) throws {
        let record = try context.record()
        let tables = (record.reshapedTables ?? []).filter { !record.isExcluded($0) }
        guard !cutover.options.verify, !tables.isEmpty else { return }
        let words =
            "\(tables.listed) changed while streamed; what that did to the rows that were there was not sent, "
            + "and this cutover compares no tables (--verify does)"
        context.log(.warning, "cutover", words)
        context.announce(words)
    }

    /// Performs a step; its result in words when it is done, nil while it waits.
    private func perform(_ step: CutoverStep, _ cutover: Cutover, startedAt: Double) throws -> String? {
        switch step {
        case .readFacts: return try gates.readOrigin(cutover)
        case .gates: return try gates.judge(cutover)
        case .fence: return try putUpFence(cutover, startedAt: startedAt)
        case .quiesce: return try quietOrigin.quiesce(startedAt: startedAt)
        case .barrier:
            return try BarrierPassage(context: context, leg: leg).pass(
                "first", of: cutover, startedAt: startedAt)
        case .drain:
            return try Drain(context: context, side: side, leg: leg, open: open).pass(
                cutover, startedAt: startedAt)
        case .readSequences:
            try ComparedTables.refuseUnstreamedParts(context, side, try context.connect(side, as: "cutover"))
            return try sequences.read()
        case .setSequences: return try sequences.set(cutover)
        case .checksumOrigin: return try comparedTables.readOrigin()
        case .checksumDestination: return try comparedTables.compareDestination(cutover)
        case .fallBackSlot: return try fallBack.make(startedAt: startedAt)
        case .prepareOrigin: return try fallBack.prepareOrigin()
        case .quietProof: return try quietOrigin.prove(cutover, startedAt: startedAt)
        case .openDestination:
            try takeDownFence()
            return "\(side.rawValue) takes writes"
        case .approval:
            return try context.record().openCutover?.isApproved == true ? "approved" : nil
        case .release:
            try release(cutover)
            return nil
        }
    }

    private var gates: GateKeeper { GateKeeper(context: context, side: side, open: open) }
    private var quietOrigin: QuietOrigin { QuietOrigin(context: context, leg: leg, open: open) }
    private var sequences: SequenceTransfer { SequenceTransfer(context: context, side: side, open: open) }
    private var comparedTables: ComparedTables { ComparedTables(context: context, side: side, open: open) }
    private var fallBack: FallBackPreparation { FallBackPreparation(context: context, side: side, leg: leg, open: open) }

    /// Nil while a table that is to be fenced is locked.
    private func putUpFence(_ cutover: Cutover, startedAt: Double) throws -> String? {
        let connection = try context.connectAlone(side, step: Fence.step)
        let detail: String
        do {
            detail = try Fence.putUp(cutover.options.fence, on: connection, side, context)
        } catch let error as PostgresError where error.sqlState == "55P03" {
            // A trigger waits for just those who write to its table.
            if cutover.options.disconnectSessions, cutover.options.fence == .tables {
                _ = try connection.endWriters(of: try ComparedTables.all(context).map(\.name))
            }
            try open.noteLock(
                .fence, error, startedAt: startedAt, secondsMax: context.options.limits.quiesceSeconds)
            return nil
        }
        // The server's clock decides which sessions began before.
        let now = try connection.query(
            "select extract(epoch from clock_timestamp())::text", doing: "read the clock")
        let fencedAt = now.scalar.flatMap { Double($0) } ?? secondsNow()
        try open.change { $0.fencedAt = fencedAt }
        guard cutover.options.disconnectSessions else { return detail }
        if cutover.options.fence == .tables {
            let ended = try connection.endWriters(of: try ComparedTables.all(context).map(\.name))
            return detail + "; \(counted(ended, "session")) disconnected"
        }
        let sessions = try connection.disconnectSessions(before: fencedAt)
        guard sessions.unseen == 0 else {
            let user = quoteIdentifier(connection.user)
            throw RequestRefused(
                "\(counted(sessions.unseen, "session")) of other roles on the \(side.rawValue) cannot be seen, nor ended: grant "
                    + "pg_read_all_stats, pg_signal_backend to \(user), or end them and do without --disconnect-sessions"
            )
        }
        return detail + "; \(counted(sessions.ended, "session")) disconnected"
    }

    private func takeDownFence() throws {
        let connection = try context.connectAlone(side, step: Fence.step)
        try Fence.takeDown(on: connection, side, context)
    }

    private func release(_ cutover: Cutover) throws {
        if cutover.isDone(.fallBackSlot) { try fallBack.checkSlot() }
        guard try context.update({ try $0.release(leg, at: secondsNow()) }) else {
            context.log(
                .info, "cutover",
                "\(leg.direction.origin.rawValue) was proved quiet too long ago; it is proved again")
            return
        }
        context.log(
            .info, "cutover",
            "cutover to \(cutover.options.to.rawValue) completed; the application is released")
        context.announce("cutover to \(cutover.options.to.rawValue) completed")
    }

    // MARK: The way back out of a cutover

    private func undoNext(_ cutover: Cutover) throws -> Bool {
        guard let last = cutover.nextUndo else {
            try open.takenBack(cutover)
            return true
        }
        guard last.step.owner == role else { return false }
        switch last.step {
        case .fence: try takeDownFence()
        case .fallBackSlot: try fallBack.undo()
        case .openDestination:
            let connection = try context.connectAlone(side, step: Fence.step)
            try Fence.putUpAgain(on: connection, side, context)
        case .readFacts, .gates, .quiesce, .barrier, .drain, .readSequences, .setSequences, .checksumOrigin,
            .checksumDestination, .prepareOrigin, .quietProof, .approval, .release:
            // They read, or wrote what the next cutover writes again.
            break
        }
        try open.undone(last.step)
        return true
    }
}

extension Cutover {
    /// Grows whenever a step ends, forwards or back: milliseconds since 1970.
    fileprivate var progress: UInt64 {
        UInt64(max(0, (steps.compactMap(\.endedAt).max() ?? requestedAt) * 1000))
    }
}
