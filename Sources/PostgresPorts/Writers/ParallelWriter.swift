import Engine
import Glibc
import Postgres
import Records

/// The writer of windows in several channels at once, each with a connection and a watermark of its own. One
/// thread serves them all: it fills the channels' windows, sends them, and reads answers when there is
/// something to wait for.
///
/// Each channel commits its windows by itself. So the channels are level only after `settle` has waited for
/// all of them: then every watermark is at the last commit that was sent. What is returned as applied never
/// exceeds the slowest channel.
final class ParallelWriter: TransactionWriter {
    private let channels: [OpenChannel]
    private let plan: ChannelPlan
    private let router: ChannelRouter
    private let destinations: [QualifiedName: DestinationTable]
    private var relations: [UInt32: RelationMessage] = [:]
    /// The last commit that was sent; channels that are behind it have no changes up to it.
    private var sent: LSN
    private var caughtUpAt: Double
    private(set) var pendingChanges = 0
    private(set) var pendingBytes = 0

    /// A channel without changes follows the others after this long, and sooner at the end of the log.
    private static let lagSecondsMax = 1.0
    private static let idleLagSeconds = 0.2
    private static let waitMicrosecondsMax: UInt32 = 1000
    /// Lock timeout of the channels. One channel waits for another only because of a new index that the plan
    /// does not have yet, and the other may wait for this writer. The server sees only one half of such a
    /// deadlock.
    static let lockSeconds = 10

    /// A channel with its connection.
    private final class OpenChannel {
        let applier: WindowApplier
        /// Everything of the channel up to here is known to be committed.
        var settled: LSN

        init(_ applier: WindowApplier) {
            self.applier = applier
            settled = applier.position
        }

        var hasWork: Bool { !applier.window.isEmpty || applier.isOpen }
    }

    /// - Parameter appliers: one for each channel of the plan, in its order, all with the same watermark
    init(_ appliers: [WindowApplier], plan: ChannelPlan, destinations: [QualifiedName: DestinationTable]) {
        precondition(appliers.count == plan.channels.count, "each channel has an applier")
        channels = appliers.map(OpenChannel.init)
        self.plan = plan
        router = ChannelRouter(plan)
        self.destinations = destinations
        sent = appliers[0].position
        caughtUpAt = secondsNow()
    }

    var awaited: [(socket: Int32, events: Int16)] { channels.compactMap(\.applier.awaited) }

    var isSettled: Bool { channels.allSatisfy { !$0.applier.isUnderWay } }

    // MARK: Taking

    func announce(_ relation: RelationMessage, in lsn: LSN) throws {
        let known = relations[relation.id]
        if known == relation { return }
        let route = plan.route(of: relation)
        router.announce(relation)
        // The table is set aside.
        if route.firstIndex >= channels.count { return }
        let table = try WindowTable(relation, destinations)
        if let known, plan.route(of: known).isSpread != route.isSpread, !isLevel {
            // The key has changed. From here on its rows go to other channels, which must not overtake the
            // earlier ones.
            throw ApplyInterruption.windowRefused(through: lsn, table: nil)
        }
        // The changes of the table as it was are written with the columns of then.
        if known != nil, pendingChanges > 0 { try writePart(of: lsn) }
        for channel in channels { try channel.applier.register(relation.id, table) }
        relations[relation.id] = relation
    }

    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws {
        var taken = ChangeWindow.Taken.folded
        switch try router.place(message) {
        case .channel(let index):
            guard index < channels.count else { return }
            taken = try channels[index].applier.window.take(message)
        case .move(let from, let to):
            guard to < channels.count else { return }
            guard try !channels[to].applier.window.hasOwnColumns(message) else {
                taken = .mustGoRowByRow
                break
            }
            taken = try channels[to].applier.window.takeArrival(message)
            if taken == .folded { taken = try channels[from].applier.window.takeDeparture(message) }
        case .unknown: taken = .mustGoRowByRow
        case .tables:
            guard case .truncate(let tables, _) = try ChangeMessage.decode(message) else { return }
            if tables.allSatisfy({ (router.route($0)?.firstIndex ?? 0) >= channels.count }) { return }
            taken = .mustGoRowByRow
        }
        guard taken == .folded else {
            throw ApplyInterruption.unfoldable(through: lsn)
        }
        pendingChanges += 1
        pendingBytes += message.byteCount
    }

    // MARK: Writing

    func writePart(of lsn: LSN) throws {
        try guarded {
            // A transaction may be open for long. Channels without changes of it must not wait for its end.
            try catchUp()
            for channel in channels where !channel.applier.window.isEmpty {
                try channel.applier.sendPart(of: lsn)
            }
            forgetPending()
            try finish(leaving: 0)
        }
    }

    func commit(through lsn: LSN) throws -> [AppliedWindow] {
        try guarded {
            for channel in channels where channel.hasWork { try channel.applier.send(through: lsn) }
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
                try readAnswers()
                if isSettled, isLagging,
                    hasPassed(Self.idleLagSeconds, since: caughtUpAt, at: secondsNow())
                {
                    try catchUp()
                }
            }
        }
        return takeApplied()
    }

    var foldableChanges: Int? { nil }

    private func forgetPending() {
        pendingChanges = 0
        pendingBytes = 0
    }

    /// Whether nothing of any channel is under way, open or waiting in a window.
    private var isLevel: Bool { isSettled && !isLagging && !channels.contains { $0.hasWork } }

    private var isLagging: Bool { channels.contains { $0.applier.position < sent } }

    /// Moves the watermarks of channels without changes to the last commit. Windows contain only later
    /// changes.
    private func catchUp() throws {
        caughtUpAt = secondsNow()
        for channel in channels where !channel.applier.isOpen && channel.applier.position < sent {
            try channel.applier.sendWatermark(through: sent)
        }
    }

    // MARK: Answers

    private var applied: [QualifiedName: ChangeCounts] = [:]
    private var hasNews = false

    /// Reads the answers that have arrived.
    private func readAnswers() throws {
        for channel in channels {
            for window in try channel.applier.settle(leaving: .max) {
                channel.settled = window.lsn
                hasNews = true
                for (table, change) in window.counts { applied[table, default: .zero] += change }
            }
        }
    }

    /// Waits until no channel has more than `count` windows under way; serves all channels meanwhile.
    private func finish(leaving count: Int) throws {
        var microseconds: UInt32 = 50
        while true {
            try readAnswers()
            guard channels.contains(where: { $0.applier.underWayCount > count }) else { return }
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
        let lowest = channels.map(\.settled).min() ?? .zero
        return [AppliedWindow(lsn: lowest, counts: applied)]
    }

    private func guarded(_ body: () throws -> Void) throws {
        do { try body() } catch let failure as WindowFailure {
            throw ApplyInterruption(failure)
        } catch let error as PostgresError where ["40P01", "55P03"].contains(error.sqlState) {
            // One channel waited for another.
            throw ApplyInterruption.windowRefused(
                through: channels.map(\.applier.position).max() ?? sent, table: nil)
        }
    }
}
