/// The time until the slot of the leg under way, or the disk of the export directory, is in danger, if what
/// they need grows as in the last minutes. What is not known is nil, never 0.
package struct DangerClock: Sendable, Equatable {
    /// The two places that fill.
    package enum Place: String, Sendable, Codable {
        /// The WAL that the origin keeps for the slot: once its limit is used up, the slot may be lost.
        case slot
        /// The disk of the export directory: below the least free space the export pauses.
        case disk
    }

    /// What fills at one place.
    package struct Hand: Sendable, Equatable {
        /// Bytes in use: the WAL that is kept, or the log of the export directory.
        package var usedBytes: Int64?
        /// The limit of these bytes (`max_slot_wal_keep_size`); nil for the disk, and without a limit.
        package var limitBytes: Int64?
        /// Bytes until the danger; nil if there is no limit, or it is not known.
        package var leftBytes: Int64?
        /// Bytes by which `leftBytes` shrinks in a second; negative if it grows.
        package var perSecond: Double?
        /// Time at which these numbers were read, in seconds since 1970.
        package var readAt: Double

        /// Seconds until the danger, from the reading on: 0 if it is there, nil if it does not come closer or
        /// that is not known.
        package var secondsLeft: Double? {
            guard let leftBytes else { return nil }
            if leftBytes <= 0 { return 0 }
            return perSecond.flatMap { $0 > 0 ? Double(leftBytes) / $0 : nil }
        }
    }

    /// Nil if the slot was not read lately.
    package var slot: Hand?
    /// Nil if the free space was not read lately.
    package var disk: Hand?

    /// The place that is in danger first; nil if neither comes closer to it.
    package var first: Place? {
        switch (slot?.secondsLeft, disk?.secondsLeft) {
        case (nil, nil): nil
        case (_?, nil): .slot
        case (nil, _?): .disk
        case (let slot?, let disk?): slot <= disk ? .slot : .disk
        }
    }

    /// The hand of that place.
    package var firstHand: Hand? {
        switch first {
        case .slot: slot
        case .disk: disk
        case nil: nil
        }
    }

    /// Seconds until the first danger.
    package var secondsLeft: Double? { firstHand?.secondsLeft }
}

extension MigrationStatus {
    /// The danger clock of the leg under way; nil if the capture has published nothing lately.
    package var dangerClock: DangerClock? {
        guard phase.direction != nil, let capture, isRecent(capture) else { return nil }
        var clock = DangerClock()
        if let retained = capture.retainedWALBytes, let readAt = capture.originReadAt {
            clock.slot = DangerClock.Hand(
                usedBytes: retained, limitBytes: capture.safeWALBytes.map { max(0, $0) + max(0, retained) },
                leftBytes: capture.safeWALBytes, perSecond: capture.retainedWALPerSecond, readAt: readAt)
        }
        if let free = capture.diskFreeBytes {
            clock.disk = DangerClock.Hand(
                usedBytes: capture.queueBytes, leftBytes: free - diskLimits.freeBytesMin,
                perSecond: capture.diskFreePerSecond.map { -$0 }, readAt: capture.publishedAt)
        }
        return clock.slot == nil && clock.disk == nil ? nil : clock
    }
}
