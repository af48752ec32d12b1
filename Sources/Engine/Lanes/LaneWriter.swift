import Glibc
import Postgres
import Records

/// Writes in several lanes at once, each with a connection and a watermark of its own. One thread serves them all: it fills
/// the lanes' windows and sends them, and the servers' answers are looked for when there is something to wait for.
///
/// A window is committed in each lane by itself, so the lanes are level only where `settle` has waited for all of them:
/// then each has its watermark at the last commit that was sent. What is returned as applied is never further than the
/// slowest lane.
final class LaneWriter: TransactionWriter {
    private let lanes: [Lane]
    private let plan: LanePlan
    private let router: LaneRouter
    private let destinations: [QualifiedName: DestinationTable]
    private var relations: [UInt32: RelationMessage] = [:]
    /// The last commit that was sent in any lane; the others have nothing up to it.
    private var sent: LSN
    private var caughtUpAt: Double
    private(set) var pendingChanges = 0
    private(set) var pendingBytes = 0

    /// A lane that had nothing to do follows the others within as long, and sooner when the log is at its end.
    private static let lagSecondsMax = 1.0
    private static let idleLagSeconds = 0.2
    private static let waitMicrosecondsMax: UInt32 = 1000
    /// One lane waits for another only where an index has come that the plan does not know of, and that other may wait
    /// for us. A deadlock of which the server sees one half only ends here.
    static let lockSeconds = 10

    private final class Lane {
        let applier: WindowApplier
        /// What it is known to have committed.
        var settled: LSN

        init(_ applier: WindowApplier) {
            self.applier = applier
            settled = applier.position
        }

        var hasWork: Bool { !applier.window.isEmpty || applier.isOpen }
    }

    /// One applier a lane of the plan, in its order, all at the same place.
    init(_ appliers: [WindowApplier], plan: LanePlan, destinations: [QualifiedName: DestinationTable]) {
        precondition(appliers.count == plan.channels.count, "each lane has an applier")
        lanes = appliers.map(Lane.init)
        self.plan = plan
        router = LaneRouter(plan)
        self.destinations = destinations
        sent = appliers[0].position
        caughtUpAt = secondsNow()
    }

    var awaited: [(socket: Int32, events: Int16)] { lanes.compactMap(\.applier.awaited) }

    var isSettled: Bool { lanes.allSatisfy { !$0.applier.isUnderWay } }

    // MARK: Taking

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        let known = relations[relation.id]
        if known == relation { return }
        let route = plan.route(of: relation)
        router.announce(relation)
        // A held table.
        if route.firstSlot >= lanes.count { return }
        let table = try WindowTable(relation, destinations)
        if let known, plan.route(of: known).isSpread != route.isSpread, !isLevel {
            // From here on its rows go to other lanes, which must not overtake those they went to.
            throw GoRowByRow(
                through: lsn, reason: "the key of \(relation.name) has changed", isUnfoldable: false,
                table: nil)
        }
        // Rows of the table as it was are written as it was.
        if known != nil, pendingChanges > 0 { try writePart(of: lsn) }
        for lane in lanes { try lane.applier.register(relation.id, table) }
        relations[relation.id] = relation
    }

    func take(_ message: RawSpan, in lsn: LSN) throws {
        var taken = ChangeWindow.Taken.folded
        switch try router.place(message) {
        case .slot(let slot):
            guard slot < lanes.count else { return }
            taken = try lanes[slot].applier.window.take(message)
        case .move(let from, let to):
            guard to < lanes.count else { return }
            guard try !lanes[to].applier.window.hasOwnColumns(message) else {
                taken = .mustGoRowByRow
                break
            }
            taken = try lanes[to].applier.window.takeArrival(message)
            if taken == .folded { taken = try lanes[from].applier.window.takeDeparture(message) }
        case .unknown: taken = .mustGoRowByRow
        case .tables:
            guard case .truncate(let tables, _) = try ChangeMessage.decode(message) else { return }
            if tables.allSatisfy({ (router.route($0)?.firstSlot ?? 0) >= lanes.count }) { return }
            taken = .mustGoRowByRow
        }
        guard taken == .folded else {
            throw GoRowByRow(through: lsn, reason: "it does not fold", isUnfoldable: true, table: nil)
        }
        pendingChanges += 1
        pendingBytes += message.byteCount
    }

    // MARK: Writing

    func writePart(of lsn: LSN) throws {
        try guarded {
            // A transaction may be long open. What its lane had passed over before must not wait for its end.
            try catchUp()
            for lane in lanes where !lane.applier.window.isEmpty { try lane.applier.sendPart(of: lsn) }
            forgetPending()
            try finish(leaving: 0)
        }
    }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        try guarded {
            for lane in lanes where lane.hasWork { try lane.applier.send(through: lsn) }
            sent = lsn
            forgetPending()
            if hasPassed(Self.lagSecondsMax, since: caughtUpAt, at: secondsNow()) { try catchUp() }
            try finish(leaving: WindowApplier.underWayMax - 1)
        }
        return takeApplied()
    }

    func settle(wait: Bool) throws -> [AppliedWindow] {
        try guarded {
            if wait {
                try catchUp()
                try finish(leaving: 0)
            } else {
                try look()
                if isSettled, isLagging,
                    hasPassed(Self.idleLagSeconds, since: caughtUpAt, at: secondsNow())
                {
                    try catchUp()
                }
            }
        }
        return takeApplied()
    }

    private func forgetPending() {
        pendingChanges = 0
        pendingBytes = 0
    }

    /// Nothing of any lane is under way, open or waiting in a window.
    private var isLevel: Bool { isSettled && !isLagging && !lanes.contains { $0.hasWork } }

    private var isLagging: Bool { lanes.contains { $0.applier.position < sent } }

    /// Moves the lanes that had nothing up to the last commit. Windows hold only what comes after it.
    private func catchUp() throws {
        caughtUpAt = secondsNow()
        for lane in lanes where !lane.applier.isOpen && lane.applier.position < sent {
            try lane.applier.sendWatermark(through: sent)
        }
    }

    // MARK: Answers

    private var applied: [QualifiedName: ChangeCounts] = [:]
    private var hasNews = false

    /// Takes the answers that are there.
    private func look() throws {
        for lane in lanes {
            for window in try lane.applier.settle(leaving: .max) {
                lane.settled = window.lsn
                hasNews = true
                for (table, change) in window.counts { applied[table, default: .zero] += change }
            }
        }
    }

    /// Waits until no lane has more than `count` windows under way, serving all of them meanwhile.
    private func finish(leaving count: Int) throws {
        var microseconds: UInt32 = 50
        while true {
            try look()
            guard lanes.contains(where: { $0.applier.underWayCount > count }) else { return }
            usleep(microseconds)
            microseconds = min(microseconds * 2, Self.waitMicrosecondsMax)
        }
    }

    private func takeApplied() -> [AppliedWindow] {
        guard hasNews else { return [] }
        defer {
            applied = [:]
            hasNews = false
        }
        let lowest = lanes.map(\.settled).min() ?? .zero
        return [AppliedWindow(lsn: lowest, counts: applied)]
    }

    private func guarded(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as WindowFailure { throw GoRowByRow(failure) } catch let error
            as PostgresError where ["40P01", "55P03"].contains(error.sqlState)
        {
            // One lane waited for another.
            throw GoRowByRow(
                through: lanes.map(\.applier.position).max() ?? sent, reason: "\(error)", isUnfoldable: false,
                table: nil)
        }
    }
}
