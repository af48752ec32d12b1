import Records

/// The apply role's published status, written a few times a second: the counts and rates of what is
/// committed.
final class ApplyStatusWriter {
    var status: ApplyStatus
    /// Changes of this leg that are committed, by table.
    private(set) var tableCounts: [QualifiedName: ChangeCounts] = [:]
    private let publisher: StatusPublisher
    private var meter: RateMeter
    private var meteredEvents: Int64 = 0
    private var tableRates = TableRates()
    /// The commit times of what was sent; the lag is computed from them at its commit.
    private var commitTimes: [(lsn: LogPosition, microseconds: Int64)] = []

    private static let publishSeconds = 0.25

    init(_ exportDirectory: String, leg: Leg) {
        publisher = StatusPublisher(exportDirectory, role: .apply)
        let now = secondsNow()
        status = ApplyStatus(of: leg, now: now)
        let path = StatusFile.path(exportDirectory, .apply)
        let last = StatusFile.read(ApplyStatus.self, from: path).flatMap { $0.status.isOf(leg) ? $0 : nil }
        meter = RateMeter(startedAt: now, continuing: last?.status.rates)
        // Until the database is reached, its last known counts are shown: a zero would be taken for a count.
        if let last {
            status.totalEvents = last.status.totalEvents
            status.appliedLSN = last.status.appliedLSN
            tableCounts = last.tables
        }
    }

    func enter(_ word: RoleState.Word, reason: String = "") {
        status.state = RoleState(word: word, reason: reason, since: secondsNow())
    }

    /// Takes the counts of the destination once a connection is made; nothing is under way then.
    func begin(_ channels: OpenChannels, _ tableCounts: [QualifiedName: ChangeCounts]) {
        self.tableCounts = tableCounts
        tableRates.begin(tableCounts, at: secondsNow())
        commitTimes = []
        status.totalEvents = channels.counts
        status.appliedLSN = channels.lowest
        status.channels = channels.plan.channels.count
        status.answered(at: secondsNow())
    }

    /// Takes note that a batch is sent for commit.
    ///
    /// - Parameter microseconds: when the origin committed its last transaction, as the protocol counts
    func sent(through lsn: LogPosition, committedAt microseconds: Int64) {
        commitTimes.append((lsn, microseconds))
    }

    /// Takes note of what is committed now, in the order of the log.
    func note(_ applied: [AppliedWindow]) {
        guard let last = applied.last else { return }
        let now = secondsNow()
        for window in applied {
            for (table, change) in window.counts {
                tableCounts[table, default: .zero] += change
                status.totalEvents += change
                status.eventsThisRun += change.total
            }
        }
        status.appliedLSN = last.lsn
        status.answered(at: now)
        if let time = commitTimes.last(where: { $0.lsn <= last.lsn }) {
            status.commitLagSeconds = max(0, now - secondsOf(time.microseconds))
            status.commitLagAt = now
        }
        commitTimes.removeAll { $0.lsn <= last.lsn }
        publish(force: false)
    }

    /// Publishes when it is due; with `force` at once, and the file is written when the call returns.
    func publish(force: Bool) {
        let now = secondsNow()
        guard force || hasPassed(Self.publishSeconds, since: status.publishedAt, at: now) else { return }
        meter.add(status.eventsThisRun - meteredEvents, at: now)
        meteredEvents = status.eventsThisRun
        status.eventsPerSecondLastMinute = meter.rate(overSeconds: 60, at: now)
        status.eventsPerSecondLast3Minutes = meter.rate(overSeconds: 180, at: now)
        status.eventsPerSecondLast10Minutes = meter.rate(overSeconds: 600, at: now)
        status.rates = meter.history(at: now)
        status.publishedAt = now
        tableRates.read(tableCounts, at: now)
        publisher.publish(
            PublishedStatus(status: status, tables: tableCounts, rates: tableRates.now), wait: force)
    }
}
