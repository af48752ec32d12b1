import Records

/// The pace of windows: whether a window of whole transactions is sent although the log has no more for now.
/// A value without I/O.
///
/// A stream that lags is worked off for throughput. While the log grows, the window is filled until it is
/// worth its statements, and goes out when the server has finished the one before. Each window may be larger
/// than the last, up to a bound. In a larger window rows are closer together, but at the begin and end of a
/// backlog one side waits longer for the other. A stream that does not lag is worked off for latency: a
/// window goes out as soon as the server has finished the one before.
struct WindowPace {
    /// Time at which the log was last seen to grow.
    private var grewAt = 0.0
    private var sentAt = 0.0
    private var sentChanges = 0

    /// A transaction that the origin committed longer ago than this lags.
    private static let lagSeconds = 1.0
    /// A log that has not grown for this long is about to bring nothing worth waiting for.
    private static let quietSeconds = 0.02
    /// The size from which a window is worth its statements: for the first of a backlog, and the largest.
    private static let worthChanges = 16_000...64_000
    private static let worthBytes = 4 << 20
    /// Windows of at least this many changes are sent no faster than this. Otherwise a stream of many small
    /// transactions would fold nothing and keep the server busy with windows.
    private static let busyChanges = 20
    private static let busySeconds = 0.001

    mutating func logGrew(at now: Double) { grewAt = now }

    mutating func sent(changes: Int, at now: Double) {
        sentAt = now
        sentChanges = changes
    }

    /// Whether a window is worth its statements, however much more may come.
    func isWorthwhile(changes: Int, bytes: Int) -> Bool {
        let changesMin = min(max(2 * sentChanges, Self.worthChanges.lowerBound), Self.worthChanges.upperBound)
        return changes >= changesMin || bytes >= Self.worthBytes
    }

    /// Whether a window that is not worthwhile goes out, once the server has finished the one before.
    ///
    /// - Parameter committedAt: when the origin committed the window's last transaction, by the origin's
    ///   clock
    func isDue(at now: Double, committedAt: Double) -> Bool {
        // A clock that is set back must not delay a window: a reading is trusted for this long only.
        if now - committedAt > Self.lagSeconds { return !(0...Self.quietSeconds).contains(now - grewAt) }
        return sentChanges < Self.busyChanges || !(0..<Self.busySeconds).contains(now - sentAt)
    }
}
