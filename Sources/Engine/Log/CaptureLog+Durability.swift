import Journal
import Records

extension CaptureLog {
    /// Counts of the log.
    var counter: LogCounter { segments.counter }

    var durableThrough: LogPosition { segments.durableThrough }

    /// The last commit in the log; nil if it is not durable yet.
    var durableCommit: LogPosition? {
        counter.lastCommitLSN <= durableThrough ? counter.lastCommitLSN : nil
    }

    var unsyncedBytes: Int { segments.unsyncedBytes }

    var isSyncing: Bool { segments.isSyncing }

    var segmentSize: SegmentSize? { segments.segmentSize }

    func storeSize() throws { try segments.storeSize() }

    func flush() throws { try segments.flush() }

    /// Starts to make durable what was received so far; `finishSync` reports when it is. Inside a transaction
    /// that is the whole transactions before it, which is what `receivedThrough` means.
    func startSync() throws { try segments.startSync(through: receivedThrough) }

    func finishSync(wait: Bool = false) throws -> Bool { try segments.finishSync(wait: wait) }

    /// Makes everything received durable; then `durableThrough` may be confirmed.
    func sync() throws { try segments.sync(through: receivedThrough) }
}
