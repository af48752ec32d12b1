import Records

/// What the apply does with what it has read: whether it reads on, sends a part, commits, or begins again. A value without
/// I/O, for one connection.
struct ApplyCourse {
    private let stage: ApplyStage
    private var pace = WindowPace()
    /// The clock when it was last looked at.
    private var now: Double
    private var messagesSinceLook = 0
    private var bytesSinceLook = 0
    /// Since when the log has been at its end.
    private var idleSince: Double?
    private var recordAt = 0.0

    private static let recordSeconds = 0.2
    /// So many messages, or bytes of them, are taken between two looks at the clock and at the size of what is open.
    private static let messagesPerLook = 64
    private static let bytesPerLook = 1 << 20

    init(_ stage: ApplyStage, at now: Double) {
        self.stage = stage
        self.now = now
    }

    /// What has come of the log or of the destination.
    enum Event {
        /// A file begins.
        case header(segment: Int, isOfLeg: Bool, continuesTransaction: Bool)
        /// A message was taken.
        ///
        /// - Parameters:
        ///   - isBarrier: it has ended a transaction with a barrier
        ///   - isDrained: nothing is left of what was read of the log
        case message(isBarrier: Bool, isDrained: Bool)
        /// The log has no more for now.
        case end
        /// The writer was asked whether anything that was sent waits for its answer.
        case writer(isSettled: Bool)
    }

    /// What is taken and not yet sent for commit.
    struct Batch {
        /// The last message was not the end of its transaction.
        var isInTransaction = false
        /// When its first whole transaction was there; nil without one.
        var startedAt: Double?
        /// The last whole transaction.
        var lastLSN = LSN.zero
        /// When the origin committed the transaction that was read last, as the protocol counts.
        var committedMicroseconds: Int64 = 0
        var changes = 0
        var bytes = 0
    }

    enum Action: Equatable {
        case readOn
        /// Send what was taken of the transaction that goes on.
        case writePart
        case commit
        /// The same, and wait until it is committed: who waits for a barrier is to see all that comes before it.
        case commitAndWait
        /// Look at the clock, and ask the writer: `.writer` says what then.
        case askWriter
        /// Look for answers, and ask the writer.
        case settleAndAskWriter
        /// The same, and wait for the log to grow.
        case awaitLog
        /// Wait until what was sent is committed, and note the files that are done with.
        case beginSegment(Int)
        /// The open transaction is void, and the batch with it: begin again at the watermark.
        case beginAgain
        /// Commit all, and wait for the leg to end.
        case endLeg
    }

    // MARK: Looks at the clock

    /// A message was read.
    mutating func read(bytes: Int) {
        messagesSinceLook += 1
        bytesSinceLook += bytes
    }

    /// Whether it is time to look at the clock. A look a message would cost as much as the message.
    var isLookDue: Bool {
        messagesSinceLook >= Self.messagesPerLook || bytesSinceLook >= Self.bytesPerLook
    }

    mutating func look(at now: Double) {
        self.now = now
        messagesSinceLook = 0
        bytesSinceLook = 0
    }

    /// The clock was looked at between two looks.
    mutating func tick(at now: Double) { self.now = now }

    mutating func logGrew(at now: Double) { pace.logGrew(at: now) }

    /// Whether the record of the migration is to be looked at; true once each time.
    mutating func isRecordDue() -> Bool {
        guard hasPassed(Self.recordSeconds, since: recordAt, at: now) else { return false }
        recordAt = now
        return true
    }

    // MARK: Decisions

    /// What is to be done now; one action for each event.
    mutating func next(_ event: Event, _ batch: Batch) -> Action {
        switch event {
        case .header(let segment, let isOfLeg, let continuesTransaction):
            // The log goes on with the next leg; this one's is at its end.
            guard isOfLeg else { return .endLeg }
            // The capture died inside a transaction; the server sends it again whole. What else is in our destination
            // transaction goes with it and is applied again from the watermark.
            return batch.isInTransaction && !continuesTransaction ? .beginAgain : .beginSegment(segment)
        case .message(let isBarrier, let isDrained):
            idleSince = nil
            let isFull = batch.changes >= stage.changesMax || batch.bytes >= stage.bytesMax
            if batch.isInTransaction { return isFull ? .writePart : .readOn }
            if isBarrier { return .commitAndWait }
            if stage.endsWindow(at: batch.lastLSN) { return .commit }
            guard let startedAt = batch.startedAt else { return .readOn }
            // It may have begun after our last look at the clock. Where the clock was set back it goes out when the log is drained.
            if isFull || now - startedAt > stage.batchSeconds { return .commit }
            // What is there goes out before the log is looked at again.
            if isDrained { return .askWriter }
            let isLook = messagesSinceLook == 0
            return isLook && pace.isWorthwhile(changes: batch.changes, bytes: batch.bytes)
                ? .settleAndAskWriter : .readOn
        case .end:
            idleSince = idleSince ?? now
            return .awaitLog
        case .writer(let isSettled):
            // While the server is at one window the next one fills; it goes out when that one is through.
            guard !batch.isInTransaction, batch.startedAt != nil, isSettled,
                pace.isWorthwhile(changes: batch.changes, bytes: batch.bytes)
                    || pace.isDue(at: now, committedAt: secondsOf(batch.committedMicroseconds))
            else { return .readOn }
            pace.sent(changes: batch.changes, at: now)
            return .commit
        }
    }

    /// Whether the stage is over where everything up to `lsn` is applied or in the batch.
    ///
    /// - Parameter foldableChanges: those since the last one that does not fold, where rows may stay a little longer
    func isStageOver(at lsn: LSN, foldableChanges: Int?) -> Bool {
        guard let foldableChanges else { return stage.isOver(at: lsn, nil) }
        let idleSeconds = idleSince.map { now - $0 } ?? 0
        return stage.isOver(
            at: lsn, ApplyStage.RowsSoFar(foldableChanges: foldableChanges, idleSeconds: idleSeconds))
    }
}
