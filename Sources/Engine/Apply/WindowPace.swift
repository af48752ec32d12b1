import Records

/// When a window that has whole transactions goes out though the log has no more for now. A value without I/O.
///
/// A stream that lags is worked off for throughput: while the log grows the window is filled until it is worth its
/// statements, and goes out when the server is through with the one before. Each window may be larger than the last, up to
/// a bound: the larger, the closer its rows lie together, and the longer one of the two sides waits for the other where
/// the backlog begins and ends. One that does not lag is worked off for latency: what is there goes
/// out as soon as the server is through with the window before.
struct WindowPace {
    /// When the log was last seen to grow.
    private var grewAt = 0.0
    private var sentAt = 0.0
    private var sentChanges = 0

    /// A transaction that was committed on the origin longer ago than this lags.
    private static let lagSeconds = 1.0
    /// A log that has not grown for as long has nothing under way that would be worth waiting for.
    private static let quietSeconds = 0.02
    /// A window of as much is worth its statements: the first of a backlog, and the largest.
    private static let worthChanges = 16_000...64_000
    private static let worthBytes = 4 << 20
    /// Windows of so many changes and more are sent no faster than this, or a stream of many small transactions would fold
    /// nothing and keep the server busy with windows.
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

    /// Whether a window goes out, the server being through with the one before, though it is not worthwhile.
    ///
    /// - Parameter committedAt: when the origin committed the window's last transaction, by the origin's clock
    func isDue(at now: Double, committedAt: Double) -> Bool {
        // A clock that is set back must not hold a window: what it says of the past is believed for so long only.
        if now - committedAt > Self.lagSeconds { return !(0...Self.quietSeconds).contains(now - grewAt) }
        return sentChanges < Self.busyChanges || !(0..<Self.busySeconds).contains(now - sentAt)
    }
}
