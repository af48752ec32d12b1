import Records

/// The published status of the capture role, with the counts and rates of its log; written a few times a
/// second.
final class CaptureStatusWriter {
    var status: CaptureStatus
    private let publisher: StatusPublisher
    private var meter: RateMeter
    private var meteredEvents: Int64 = 0
    private var tableRates = TableRates()
    /// The last commit whose arrival was measured.
    private var arrivedLSN = LogPosition.zero
    private var retainedWAL = Trend()
    private var diskFree = Trend()

    private static let publishSeconds = 0.25

    init(_ exportDirectory: String, leg: Leg) {
        publisher = StatusPublisher(exportDirectory, role: .capture)
        let now = secondsNow()
        status = CaptureStatus(of: leg, now: now)
        let last = StatusFile.read(CaptureStatus.self, from: StatusFile.path(exportDirectory, .capture))
        let earlier = last.flatMap { $0.status.isOf(leg) ? $0.status.rates : nil }
        meter = RateMeter(startedAt: now, continuing: earlier)
    }

    func enter(_ word: RoleState.Word, reason: String = "") {
        status.state = RoleState(word: word, reason: reason, since: secondsNow())
    }

    /// Takes the state of the slot as it was read just now, nil if the server has no such slot.
    func note(_ slot: SlotState?, at now: Double) {
        status.note(slot, at: now)
        guard let retained = slot?.retainedBytes else { return }
        retainedWAL.take(retained, at: now)
        status.retainedWALPerSecond = retainedWAL.perSecond
    }

    /// Takes the free space of the disk as it was read just now; nil if it is unknown.
    func noteFree(_ bytes: Int64?, at now: Double) {
        status.diskFreeBytes = bytes
        if let bytes { diskFree.take(bytes, at: now) }
        status.diskFreePerSecond = bytes == nil ? nil : diskFree.perSecond
    }

    /// Measures how long the last commit took to arrive, if one came since the last call.
    private func noteArrival(_ log: CaptureLog, at now: Double) {
        guard log.counter.lastCommitLSN != arrivedLSN, log.eventsThisRun > 0 else { return }
        arrivedLSN = log.counter.lastCommitLSN
        status.arrivalLagSeconds = max(0, now - log.committedAt)
        status.arrivedAt = now
    }

    /// Publishes the status if that is due. With `force` it publishes now, and the status is written on
    /// return.
    func publish(_ log: CaptureLog, force: Bool) {
        let now = secondsNow()
        noteArrival(log, at: now)
        guard force || hasPassed(Self.publishSeconds, since: status.publishedAt, at: now) else { return }
        meter.add(log.eventsThisRun - meteredEvents, at: now)
        meteredEvents = log.eventsThisRun
        status.totalEvents = log.counter.total
        status.eventsThisRun = log.eventsThisRun
        status.loggedLSN = log.counter.lastCommitLSN
        status.receivedLSN = log.receivedThrough == .zero ? nil : log.receivedThrough
        status.durableLSN = log.durableThrough == .zero ? nil : log.durableThrough
        status.unsyncedBytes = Int64(log.unsyncedBytes)
        status.eventsPerSecondLastMinute = meter.rate(overSeconds: 60, at: now)
        status.eventsPerSecondLast3Minutes = meter.rate(overSeconds: 180, at: now)
        status.eventsPerSecondLast10Minutes = meter.rate(overSeconds: 600, at: now)
        status.rates = meter.history(at: now)
        status.publishedAt = now
        tableRates.read(log.counter.counts, at: now)
        publisher.publish(
            PublishedStatus(status: status, tables: log.counter.counts, rates: tableRates.now), wait: force)
    }
}
