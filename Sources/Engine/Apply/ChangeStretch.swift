import Records

/// The stretch of the log that is applied change by change. A value: failures come in, the end of the stretch
/// comes out.
struct ChangeStretch: Equatable {
    private(set) var through = LogPosition.zero
    /// The transaction whose constraints are checked at each change, because its commit was refused.
    private(set) var checkedAtOnce: LogPosition?
    private var window = LogPosition.zero
    private var failures = 0

    /// After this many failures within one window, the whole window is applied change by change. Each failure
    /// costs a new connection and what was applied row by row.
    static let failuresMax = 3

    /// Extends the stretch after a failure in the transaction that commits at `lsn`.
    ///
    /// - Parameters:
    ///   - isAtCommit: the commit was refused, and not a change: a deferred constraint is checked there
    ///   - window: the LSN through which changes are applied row by row
    mutating func extend(through lsn: LogPosition, isAtCommit: Bool = false, window: LogPosition) {
        if isAtCommit { checkedAtOnce = lsn }
        if window != self.window {
            self.window = window
            failures = 0
        }
        failures += 1
        through = max(through, failures >= Self.failuresMax ? max(lsn, window) : lsn)
    }
}
