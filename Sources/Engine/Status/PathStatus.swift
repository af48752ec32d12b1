import Records

/// How far the changes of the leg under way have come, hop by hop, and how much waits at each. What is not
/// known is nil, never 0.
package struct PathStatus: Sendable, Equatable {
    /// One hop on the way of a change.
    package struct Hop: Sendable, Equatable {
        /// The position that changes have reached here.
        package var position: LogPosition?
        /// What has passed the hop before, and not this one.
        package var bytes: Int64?
        package var events: Int64?
        /// Seconds from a commit on the origin to here, for the last transaction that came here.
        package var seconds: Double?
        /// Time at which these numbers were read, in seconds since 1970; nil if they never were.
        package var readAt: Double?

        package init(
            position: LogPosition? = nil, bytes: Int64? = nil, events: Int64? = nil, seconds: Double? = nil,
            readAt: Double? = nil
        ) {
            self.position = position
            self.bytes = bytes
            self.events = events
            self.seconds = seconds
            self.readAt = readAt
        }

        /// The age of the numbers; nil if there are none.
        package func age(at now: Double) -> Double? { readAt.map { max(0, now - $0) } }
    }

    /// The end of the origin's log.
    package var committed = Hop()
    /// What the export has received. Its bytes are those of the origin's log, of other databases, too.
    package var received = Hop()
    /// What is on the disk of the export directory.
    package var durable = Hop()
    /// What is in the segments. Its bytes and events are those that are not applied.
    package var queued = Hop()
    /// What is committed on the destination. Its events are all that are committed on the origin and not
    /// here.
    package var applied = Hop()

    package init() {}
}

extension MigrationStatus {
    /// The way of the changes; nil if no leg is under way, or no role has published anything about it.
    package var path: PathStatus? {
        guard phase.direction != nil, capture != nil || apply != nil else { return nil }
        var path = PathStatus()
        if let capture {
            let readAt = capture.publishedAt
            path.committed = PathStatus.Hop(position: capture.originLogEnd, readAt: capture.originReadAt)
            path.received = PathStatus.Hop(
                position: capture.receivedLSN, bytes: capture.unsentBytes,
                seconds: lag(capture.arrivalLagSeconds, at: capture.arrivedAt), readAt: readAt)
            path.durable = PathStatus.Hop(
                position: capture.durableLSN, bytes: capture.unsyncedBytes, readAt: readAt)
            path.queued = PathStatus.Hop(
                position: capture.loggedLSN == .zero ? nil : capture.loggedLSN, bytes: capture.unappliedBytes,
                events: knownRemainingEvents, seconds: queuedSeconds, readAt: readAt)
        }
        if let apply {
            path.applied = PathStatus.Hop(
                position: apply.appliedLSN == .zero ? nil : apply.appliedLSN, events: remainingEvents,
                seconds: commitLagSeconds, readAt: apply.publishedAt)
        }
        return path
    }

    /// Seconds that the last applied transaction was in the queue.
    private var queuedSeconds: Double? {
        guard let whole = commitLagSeconds, let capture,
            let arrival = lag(capture.arrivalLagSeconds, at: capture.arrivedAt)
        else { return nil }
        return max(0, whole - arrival)
    }

    /// A lag that was measured lately, or after which nothing came.
    private func lag(_ seconds: Double?, at measuredAt: Double?) -> Double? {
        guard let seconds, let measuredAt else { return nil }
        let isLast = isOriginRead && capture?.unsentBytes == 0
        return isLast || readAt - measuredAt <= Self.lagFreshSeconds ? seconds : nil
    }
}
