import Records

/// An estimate of when the import has caught up with the export.
package enum CatchUp: Sendable, Equatable {
    case unknown
    case caughtUp
    case seconds(Double)
    /// The import is no faster than the export, and has not been for a while.
    case notCatchingUp
    /// The origin is not read now. `known` changes wait; nobody knows how many more there are.
    case originUnread(known: Int64)
}

extension MigrationStatus {
    /// A backlog that takes less time is normal for a stream that keeps pace.
    package static let paceSecondsMax = 2.0
    /// A backlog of fewer changes is normal, however slowly they are applied.
    package static let paceEventsMax: Int64 = 100
    /// Difference of the rates from which on the import is faster.
    private static let netRateMin = 0.5
    /// Age from which what a role has published is too old.
    package static let publishedSecondsMax = 10.0

    /// The direction in which changes stream, or did last.
    package var direction: Direction { phase.direction ?? capture?.direction ?? .forward }

    /// The health of the server of a side.
    package func server(_ side: Side) -> ServerHealth { servers[side] ?? ServerHealth() }

    /// Whether a role has published its status lately.
    package func isRecent(_ status: some RoleStatus) -> Bool {
        abs(readAt - status.publishedAt) <= Self.publishedSecondsMax
    }

    /// Whether the export reads the origin now, so that its counts are all there is.
    package var isOriginRead: Bool {
        guard let capture, !server(capture.direction.origin).isAway else { return false }
        switch capture.state.word {
        case .done: return true
        case .streaming, .snapshot: return isRecent(capture)
        case .starting, .paused, .retrying, .waiting, .stopped, .ended: return false
        }
    }

    /// Changes exported and not yet imported in the current direction, as far as the origin was read; nil
    /// while either count is unknown.
    package var knownRemainingEvents: Int64? {
        guard let capture, let apply, capture.isOfSameLeg(as: apply) else { return nil }
        var stashed = incidents(capture.direction).stashed
        for table in tables where table.note?.word == .excluded {
            stashed += max(0, table.remaining(capture.direction))
        }
        return max(0, capture.totalEvents.total - apply.totalEvents.total - stashed)
    }

    /// Changes committed on the origin and not yet imported. Nil while that is not known: either count is
    /// unknown, or the origin is not read.
    package var remainingEvents: Int64? { isOriginRead ? knownRemainingEvents : nil }

    /// Estimate of the time until the remaining changes are applied, at the net rate of the last minute.
    package var timeToCatchUp: CatchUp {
        guard let remaining = knownRemainingEvents, let capture, let apply else { return .unknown }
        guard isOriginRead else { return .originUnread(known: remaining) }
        if remaining == 0 { return .caughtUp }
        if apply.eventsPerSecondLastMinute <= 0 { return .unknown }
        // A stream that keeps pace has no backlog: both rates are equal, and their difference means nothing.
        let drained = Double(remaining) / apply.eventsPerSecondLastMinute
        if drained <= Self.paceSecondsMax || remaining <= Self.paceEventsMax { return .seconds(drained) }
        // A short peak of the export is no trend.
        let net = max(
            apply.eventsPerSecondLastMinute - capture.eventsPerSecondLastMinute,
            apply.eventsPerSecondLast3Minutes - capture.eventsPerSecondLast3Minutes)
        return net > Self.netRateMin ? .seconds(Double(remaining) / net) : .notCatchingUp
    }
}
