import Records

/// The status of the capture role, published a few times a second in `metainfo/status.capture.json`.
package struct CaptureStatus: RoleStatus, Sendable, Codable, Equatable {
    package var direction: Direction
    /// Number of the leg; nil in files of earlier versions.
    package var leg: Int?
    /// What the leg started from; nil in files of earlier versions.
    package var start: LegStart?
    package var state: RoleState
    /// Changes exported in this direction, over all runs.
    package var totalEvents: ChangeCounts
    package var eventsThisRun: Int64
    package var runStartedAt: Double
    package var eventsPerSecondLastMinute: Double
    package var eventsPerSecondLast3Minutes: Double
    package var eventsPerSecondLast10Minutes: Double
    /// The history of the rate on this leg; nil in files of earlier versions.
    package var rates: RateHistory?
    package var slotName: String
    /// The last commit in the log.
    package var loggedLSN: LogPosition
    /// The position confirmed to the server.
    package var confirmedLSN: LogPosition
    /// Everything below this position was received, and below the other one is durable in the log; nil before
    /// the first.
    package var receivedLSN: LogPosition?
    package var durableLSN: LogPosition?
    /// Bytes in the log that are received and not durable yet.
    package var unsyncedBytes: Int64?
    /// Seconds from the last received commit on the origin to its arrival, by the origin's clock.
    package var arrivalLagSeconds: Double?
    /// Time at which that commit arrived.
    package var arrivedAt: Double?
    /// The end of the origin's log; nil if the origin does not tell it.
    package var originLogEnd: LogPosition?
    /// Bytes of the origin's log that it has not sent; nil if it does not tell that.
    package var unsentBytes: Int64?
    /// Time at which the origin's log was last read.
    package var originReadAt: Double?
    /// When the slot was last read; nil before the first time, and in files of earlier versions.
    package var slotReadAt: Double?
    package var retainedWALBytes: Int64?
    /// `reserved`, `extended`, `unreserved` or `lost` (`pg_replication_slots.wal_status`).
    package var walStatus: String?
    /// WAL that can still be written before the slot may be lost (`safe_wal_size`); nil if there is no limit.
    package var safeWALBytes: Int64?
    /// Bytes by which that WAL grew in a second, over the last minutes; nil until it was read for a while.
    package var retainedWALPerSecond: Double?
    /// Why the server has invalidated the slot.
    package var slotInvalidation: String?
    /// Since when nobody reads from the slot; nil while somebody does, and if the server does not report it.
    package var slotInactiveSince: Double?
    /// Size of the log.
    package var queueBytes: Int64
    /// Size of the part of the log that is not applied yet.
    package var unappliedBytes: Int64?
    package var diskFreeBytes: Int64?
    /// Bytes by which the free space grew in a second, over the last minutes; nil until it was read for a
    /// while.
    package var diskFreePerSecond: Double?
    package var retries = Retries()
    /// The contact with the origin; nil in files of earlier versions.
    package var server: ServerContact?
    package var publishedAt: Double

    package init(direction: Direction, slotName: String, now: Double) {
        self.direction = direction
        self.state = RoleState(word: .starting, since: now)
        self.totalEvents = .zero
        self.eventsThisRun = 0
        self.runStartedAt = now
        self.eventsPerSecondLastMinute = 0
        self.eventsPerSecondLast3Minutes = 0
        self.eventsPerSecondLast10Minutes = 0
        self.slotName = slotName
        self.loggedLSN = .zero
        self.confirmedLSN = .zero
        self.retainedWALBytes = nil
        self.walStatus = nil
        self.queueBytes = 0
        self.diskFreeBytes = nil
        self.publishedAt = now
    }

    init(of leg: Leg, now: Double) {
        self.init(direction: leg.direction, slotName: leg.slotName, now: now)
        self.leg = leg.number
        start = leg.start
    }
}
