import Records

/// The published status of the capture role, with the counts and rates of its log; written a few times a
/// second.
final class CaptureStatusWriter {
    var status: CaptureStatus
    private let publisher: StatusPublisher
    private var meter: RateMeter
    private var meteredEvents: Int64 = 0

    private static let publishSeconds = 0.25

    init(_ exportDirectory: String, leg: Leg) {
        publisher = StatusPublisher(exportDirectory, role: .capture)
        let now = secondsNow()
        status = CaptureStatus(of: leg, now: now)
        meter = RateMeter(startedAt: now)
    }

    func enter(_ word: RoleState.Word, reason: String = "") {
        status.state = RoleState(word: word, reason: reason, since: secondsNow())
    }

    /// Publishes the status if that is due. With `force` it publishes now, and the status is written on
    /// return.
    func publish(_ log: CaptureLog, force: Bool) {
        let now = secondsNow()
        guard force || hasPassed(Self.publishSeconds, since: status.publishedAt, at: now) else { return }
        meter.add(log.eventsThisRun - meteredEvents, at: now)
        meteredEvents = log.eventsThisRun
        status.totalEvents = log.counter.total
        status.eventsThisRun = log.eventsThisRun
        status.loggedLSN = log.counter.lastCommitLSN
        status.eventsPerSecondLastMinute = meter.rate(overSeconds: 60, at: now)
        status.eventsPerSecondLast3Minutes = meter.rate(overSeconds: 180, at: now)
        status.eventsPerSecondLast10Minutes = meter.rate(overSeconds: 600, at: now)
        status.rates = meter.history(at: now)
        status.publishedAt = now
        publisher.publish(PublishedStatus(status: status, tables: log.counter.counts), wait: force)
    }
}
