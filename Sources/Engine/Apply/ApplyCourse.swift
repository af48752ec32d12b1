import Records

/// The decisions of the apply over one connection: whether it reads on, sends a part, commits, or begins
/// again. A value without I/O.
struct ApplyCourse {
    private let stage: ApplyStage
    private var pace = WindowPace()
    /// The last reading of the clock.
    private var now: Double
    private var messagesSinceClock = 0
    private var bytesSinceClock = 0
    /// Time since which the log has been at its end.
    private var idleSince: Double?
    private var recordAt = 0.0

    private static let recordSeconds = 0.2
    /// Messages, or bytes of them, between two readings of the clock and of the batch's size.
    private static let messagesPerClock = 64
    private static let bytesPerClock = 1 << 20

    init(_ stage: ApplyStage, at now: Double) {
        self.stage = stage
        self.now = now
    }

    /// An event from the log or the destination.
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
        /// The writer's answer: whether nothing that was sent waits for an answer of the server.
        case writer(isSettled: Bool)
    }

    /// The changes that were taken and not yet sent for commit.
    struct Batch {
        /// The last message was not the end of its transaction.
        var isInTransaction = false
        /// Time at which its first whole transaction was read; nil without one.
        var startedAt: Double?
        /// The last whole transaction.
        var lastLSN = LogPosition.zero
        /// Commit time of the transaction that was read last, as the protocol counts.
        var committedMicroseconds: Int64 = 0
        var changes = 0
        var bytes = 0
    }

    /// The next step of the apply.
    enum Action: Equatable {
        case readOn
        /// Send what was taken of the open transaction.
        case writePart
        case commit
        /// Commit, and wait until it is done: a reader that waits for a barrier must see everything before
        /// it.
        case commitAndWait
        /// Read the clock and ask the writer; `.writer` decides what follows.
        case askWriter
        /// Read the answers that have arrived, and ask the writer.
        case settleAndAskWriter
        /// Read the answers that have arrived, ask the writer, and wait for the log to grow.
        case awaitLog
        /// Wait until everything sent is committed, and note the files that are no longer needed.
        case beginSegment(Int)
        /// The open transaction is void, and the batch with it: begin again at the watermark.
        case beginAgain
        /// Commit all, and wait for the leg to end.
        case endLeg
    }

    // MARK: The clock

    /// A message was read.
    mutating func read(bytes: Int) {
        messagesSinceClock += 1
        bytesSinceClock += bytes
    }

    /// Whether it is time to read the clock. To read it for each message would cost as much as the message.
    var isClockDue: Bool {
        messagesSinceClock >= Self.messagesPerClock || bytesSinceClock >= Self.bytesPerClock
    }

    mutating func readClock(at now: Double) {
        self.now = now
        messagesSinceClock = 0
        bytesSinceClock = 0
    }

    /// Takes a reading of the clock that is not one of the regular ones.
    mutating func tick(at now: Double) { self.now = now }

    mutating func logGrew(at now: Double) { pace.logGrew(at: now) }

    /// Whether it is time to read the record of the migration; true once each time.
    mutating func isRecordDue() -> Bool {
        guard hasPassed(Self.recordSeconds, since: recordAt, at: now) else { return false }
        recordAt = now
        return true
    }

    // MARK: Decisions

    /// Returns the action that follows an event.
    mutating func next(_ event: Event, _ batch: Batch) -> Action {
        switch event {
        case .header(let segment, let isOfLeg, let continuesTransaction):
            // The next leg begins; the log of this one is at its end.
            guard isOfLeg else { return .endLeg }
            // The capture died inside a transaction. The server sends it again whole. The rest of our
            // destination transaction is rolled back with it, and applied again from the watermark.
            return batch.isInTransaction && !continuesTransaction ? .beginAgain : .beginSegment(segment)
        case .message(let isBarrier, let isDrained):
            idleSince = nil
            let isFull = batch.changes >= stage.changesMax || batch.bytes >= stage.bytesMax
            if batch.isInTransaction { return isFull ? .writePart : .readOn }
            if isBarrier { return .commitAndWait }
            if stage.endsWindow(at: batch.lastLSN) { return .commit }
            guard let startedAt = batch.startedAt else { return .readOn }
            // The batch may have begun after the last reading of the clock, and the clock may have been set
            // back. In both cases it goes out when the log is drained.
            if isFull || now - startedAt > stage.batchSeconds { return .commit }
            // The batch goes out before the log is read again.
            if isDrained { return .askWriter }
            let isClockFresh = messagesSinceClock == 0
            return isClockFresh && pace.isWorthwhile(changes: batch.changes, bytes: batch.bytes)
                ? .settleAndAskWriter : .readOn
        case .end:
            idleSince = idleSince ?? now
            return .awaitLog
        case .writer(let isSettled):
            // While the server applies one window the next one fills. It goes out when the server has
            // finished.
            guard !batch.isInTransaction, batch.startedAt != nil, isSettled,
                pace.isWorthwhile(changes: batch.changes, bytes: batch.bytes)
                    || pace.isDue(at: now, committedAt: secondsOf(batch.committedMicroseconds))
            else { return .readOn }
            pace.sent(changes: batch.changes, at: now)
            return .commit
        }
    }

    /// Whether the stage is over when everything up to `lsn` is applied or in the batch.
    ///
    /// - Parameter foldableChanges: changes since the last one that does not fold, if rows may stay a little
    ///   longer
    func isStageOver(at lsn: LogPosition, foldableChanges: Int?) -> Bool {
        guard let foldableChanges else { return stage.isOver(at: lsn, nil) }
        let idleSeconds = idleSince.map { now - $0 } ?? 0
        return stage.isOver(
            at: lsn, ApplyStage.RowsSoFar(foldableChanges: foldableChanges, idleSeconds: idleSeconds))
    }
}
