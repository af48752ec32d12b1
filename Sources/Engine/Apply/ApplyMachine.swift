import Records

/// The apply role from one connection to the next. A value: how a connection ended goes in, what the role
/// does next comes out. It also keeps what one connection has shown for the ones after it.
///
/// A new connection is always safe, because it begins at the watermark. So an event that a state does not
/// expect leads to one.
struct ApplyMachine {
    /// The state of the role.
    enum State {
        /// The connection to the destination is being made.
        case connecting
        /// A connection applies the log.
        case applying
        /// The role waits before another attempt.
        case waiting
        /// The leg has ended.
        case ended
        /// The role has stopped with this error.
        case failed(any Error)
    }

    /// An event of the connection to the destination.
    enum Event {
        /// The connection is ready to apply.
        case connected
        /// The attempt to make a connection has failed.
        case notConnected(Ending)
        /// The connection applies no more. `voidLSN` is the transaction that the capture cut off, until it is
        /// committed.
        case over(Ending, voidLSN: LogPosition?)
        /// The wait before another attempt is over.
        case waited(legHasEnded: Bool)
    }

    /// The end of a connection, or of the attempt to make one.
    enum Ending {
        case legEnded
        /// The stage is over, another plan is wanted, or the open transaction is void.
        case beginAgain
        case interrupted(ApplyInterruption)
        /// `progress` is any number that only grows while the role advances.
        case failed(any Error, progress: UInt64)
    }

    /// The next step of the role.
    enum Action {
        /// Make a connection, after taking note of what the last one has shown.
        case connect(Finding?)
        /// Apply the log over the connection; `isFirst` is true once.
        case apply(isFirst: Bool)
        /// Wait before another attempt; `isFirst` is true for the first wait in a row.
        case wait(after: any Error, milliseconds: Int, isFirst: Bool)
        case end
        case fail(any Error)
    }

    /// A finding of a connection about a table.
    enum Finding {
        /// Unique values move between its rows: its updates are written as deletes and inserts from now on.
        case split(QualifiedName)
        /// Its changes cannot be applied: it is compared with the destination before the next connection
        /// applies.
        case mismatch(TableDoesNotFit)
    }

    private(set) var state = State.connecting
    private var patience: Patience
    private var hasApplied = false

    /// LSN up to which changes are applied row by row; after it, windows are used again.
    private(set) var rowsThrough = LogPosition.zero
    /// Whether a stage of rows lasts a little longer: more changes that cannot be folded are likely.
    private(set) var keepsRows = false
    /// Stretch in which changes are applied change by change, because one of them cannot be applied.
    private(set) var changeStretch = ChangeStretch()
    private(set) var splitTables: Set<QualifiedName> = []
    /// The transaction that was void when the last connection ended. What comes before it is committed by
    /// itself.
    private(set) var voidLSN: LogPosition?
    /// The transaction in which a table that does not fit was met last.
    private var mismatchLSN: LogPosition?

    init(attemptsMax: Int) { patience = Patience(attemptsMax: attemptsMax) }

    /// Takes note that the destination was reached: the next lost connection is retried after the shortest
    /// wait.
    mutating func reached() { patience.connected() }

    mutating func next(_ event: Event) -> Action {
        switch state {
        case .connecting:
            switch event {
            case .connected:
                state = .applying
                defer { hasApplied = true }
                return .apply(isFirst: !hasApplied)
            case .notConnected(let ending): return end(ending)
            case .over, .waited: return connect()
            }
        case .applying:
            switch event {
            case .over(let ending, let voidLSN):
                self.voidLSN = voidLSN
                return end(ending)
            case .connected, .notConnected, .waited: return connect()
            }
        case .waiting:
            switch event {
            case .waited(let legHasEnded):
                guard legHasEnded else { return connect() }
                state = .ended
                return .end
            // The wait itself has failed.
            case .notConnected(let ending): return end(ending)
            case .connected, .over: return connect()
            }
        case .ended: return .end
        case .failed(let error): return .fail(error)
        }
    }

    private mutating func connect(_ finding: Finding? = nil) -> Action {
        state = .connecting
        return .connect(finding)
    }

    private mutating func end(_ ending: Ending) -> Action {
        switch ending {
        case .legEnded:
            state = .ended
            return .end
        case .beginAgain: return connect()
        case .interrupted(let interruption): return connect(finding(in: interruption))
        case .failed(let error, let progress):
            switch patience.judge(error, progress: progress) {
            case .again(let milliseconds, let isFirst):
                state = .waiting
                return .wait(after: error, milliseconds: milliseconds, isFirst: isFirst)
            case .over(let error):
                state = .failed(error)
                return .fail(error)
            }
        }
    }

    /// Keeps what an interruption says about the next connections.
    private mutating func finding(in interruption: ApplyInterruption) -> Finding? {
        switch interruption {
        case .watermarkMoved: return nil
        case .unfoldable(let lsn):
            rowsThrough = max(rowsThrough, lsn)
            keepsRows = true
            return nil
        case .windowRefused(let lsn, let table):
            // A table that is met for the first time gets another attempt in windows, with its updates split.
            if let table, splitTables.insert(table).inserted { return .split(table) }
            rowsThrough = max(rowsThrough, lsn)
            keepsRows = false
            return nil
        case .changeRefused(let lsn):
            goChangeByChange(through: lsn, isAtCommit: false)
            return nil
        case .commitRefused(let lsn):
            goChangeByChange(through: lsn, isAtCommit: true)
            return nil
        case .tableDoesNotFit(let mismatch):
            // Earlier changes in the same window were made to the table as it was. They are committed before
            // the table is set aside: the first time, its transaction is taken for void.
            guard let lsn = mismatch.lsn, mismatchLSN != lsn else { return .mismatch(mismatch) }
            (mismatchLSN, voidLSN) = (lsn, lsn)
            return nil
        }
    }

    private mutating func goChangeByChange(through lsn: LogPosition, isAtCommit: Bool) {
        changeStretch.extend(through: lsn, isAtCommit: isAtCommit, window: rowsThrough)
        rowsThrough = max(rowsThrough, changeStretch.through)
    }
}
