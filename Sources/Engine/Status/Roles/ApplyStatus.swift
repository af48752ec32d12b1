import Records

/// The status of the apply role, published a few times a second in `metainfo/status.apply.json`.
package struct ApplyStatus: RoleStatus, Sendable, Codable, Equatable {
    package var direction: Direction
    /// Number of the leg; nil in files of earlier versions.
    package var leg: Int?
    /// What the leg started from; nil in files of earlier versions.
    package var start: LegStart?
    package var state: RoleState
    /// Changes applied in this direction, over all runs, as the metadata tables on the destination count
    /// them.
    package var totalEvents: ChangeCounts
    package var eventsThisRun: Int64
    package var runStartedAt: Double
    package var eventsPerSecondLastMinute: Double
    package var eventsPerSecondLast3Minutes: Double
    package var eventsPerSecondLast10Minutes: Double
    /// The history of the rate on this leg; nil in files of earlier versions.
    package var rates: RateHistory?
    package var appliedLSN: LogPosition
    /// The channels that are at work now; nil where that is not known.
    package var channels: Int?
    /// Seconds from the last applied commit on the origin to its commit here, by the origin's clock.
    package var commitLagSeconds: Double?
    /// Time at which that commit was measured.
    package var commitLagAt: Double?
    package var retries = Retries()
    /// The contact with the destination; nil in files of earlier versions.
    package var server: ServerContact?
    package var publishedAt: Double

    /// The keys of the file, which other versions read.
    private enum CodingKeys: String, CodingKey {
        case direction, leg, start, state, totalEvents, eventsThisRun, runStartedAt, eventsPerSecondLastMinute
        case eventsPerSecondLast3Minutes, eventsPerSecondLast10Minutes, appliedLSN
        case channels = "lanes"
        case commitLagSeconds, commitLagAt, retries, server, rates, publishedAt
    }

    package init(direction: Direction, now: Double) {
        self.direction = direction
        self.state = RoleState(word: .starting, since: now)
        self.totalEvents = .zero
        self.eventsThisRun = 0
        self.runStartedAt = now
        self.eventsPerSecondLastMinute = 0
        self.eventsPerSecondLast3Minutes = 0
        self.eventsPerSecondLast10Minutes = 0
        self.appliedLSN = .zero
        self.publishedAt = now
    }

    init(of leg: Leg, now: Double) {
        self.init(direction: leg.direction, now: now)
        self.leg = leg.number
        start = leg.start
    }
}
