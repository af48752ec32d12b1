import Foundation
import Records

/// The receiver of one connection's stream: takes the server's messages into the log, makes them durable, and
/// confirms them.
///
/// Order and durability: it confirms only `CaptureLog.durableThrough`. A barrier is durable before the record
/// has it.
final class StreamReceiver {
    private let context: RoleContext
    private let stream: any OriginStream
    private let log: CaptureLog
    private let streamed: StreamedTransactions
    private let published: CaptureStatusWriter
    private var pace: StreamPace
    private var wakeBytes: Int32 = 1
    /// Whether commits on the origin wait for our confirmation.
    var isAwaited = false
    /// The leg's last barrier, while the session waits for it.
    var lastBarrier: LastBarrier?

    /// - Parameter stream: a started stream
    init(
        _ stream: any OriginStream, into log: CaptureLog, streamed: StreamedTransactions,
        context: RoleContext, published: CaptureStatusWriter
    ) {
        self.context = context
        self.stream = stream
        self.log = log
        self.streamed = streamed
        self.published = published
        pace = StreamPace(connectedAt: secondsNow(), way: stream.way)
    }

    var claimSeconds: Double? { stream.claimSeconds }

    /// Takes the messages that have come, or waits briefly for the next one.
    func receive() throws -> StreamEvent {
        if streamed.isReadingBack {
            try act(on: try streamed.readBackPiece())
            return .change
        }
        var left = StreamPace.receiveMessagesMax
        while left > 0 {
            var event = try next(waitMilliseconds: 0, messages: &left)
            while case .nothing = event, pace.readsAll, left > 0 {
                let before = left
                let hasBytes = try stream.takeIn()
                event = try next(waitMilliseconds: 0, messages: &left)
                if !hasBytes, left == before { break }
            }
            switch event {
            case .change, .ended: return event
            case .keepalive(_, let reply): if reply { return event }
            case .nothing:
                // Received messages are flushed before the wait for more.
                let pause = pace.pauseMicroseconds(emptyAt: secondsNow(), committedAt: log.committedAt)
                let isFlushed = try flush(isBusy: pause != nil)
                if let pause { usleep(pause) }
                setWakeBytes()
                return try next(
                    waitMilliseconds: StreamPace.waitMilliseconds(isFlushed: isFlushed), messages: &left)
            }
        }
        return .change
    }

    /// Takes the messages that have come, about `messages` at most, and subtracts those it took.
    private func next(waitMilliseconds: Int, messages: inout Int) throws -> StreamEvent {
        var left = messages
        defer { messages = left }
        let event = try stream.next(waitMilliseconds: waitMilliseconds) { message in
            left -= StreamPace.weight(ofBytes: message.byteCount)
            try take(message)
            return left > 0 && !streamed.isReadingBack
        }
        if case .keepalive(let end?, _) = event { log.keepalive(logEnd: end) }
        return event
    }

    private func setWakeBytes() {
        let bytes = StreamPace.wakeBytes(isInTransaction: log.isInTransaction)
        guard bytes != wakeBytes else { return }
        stream.wake(atBytes: bytes)
        wakeBytes = bytes
    }

    /// Flushes appended messages to the reader of the log, if that is due. Returns whether it was.
    private func flush(isBusy: Bool) throws -> Bool {
        let now = secondsNow()
        guard pace.isFlushDue(isBusy: isBusy, isInTransaction: log.isInTransaction, at: now) else {
            return false
        }
        try log.flush()
        pace.flushed(at: now)
        return true
    }

    private func take(_ message: RawSpan) throws {
        pace.received(bytes: message.byteCount)
        try act(on: try streamed.take(message))
    }

    private func act(on outcome: CaptureLog.Outcome) throws {
        switch outcome {
        case .taken: break
        case .barrier(let content, let lsn):
            try log.sync()
            lastBarrier?.take(content)
            context.recordBarrier(content, at: lsn, transactions: log.counter.transactions)
        }
    }

    /// Syncs received messages and confirms durable ones, if that is due.
    ///
    /// - Parameter event: the result of `receive`
    func settle(after event: StreamEvent, at now: Double) throws {
        var isDurable = try log.finishSync(wait: StreamPace.waitsForSync(unsyncedBytes: log.unsyncedBytes))
        if log.unsyncedBytes > 0 {
            if !log.isSyncing,
                pace.isSyncDue(unsyncedBytes: log.unsyncedBytes, isAwaited: isAwaited, at: now)
            {
                try log.startSync()
                pace.syncStarted(at: now)
            }
        } else if case .nothing = event, !log.isSyncing {
            // Nothing waits for the disk: received messages that are not logged need no sync.
            try log.sync()
            isDurable = log.durableThrough > published.status.confirmedLSN
        }
        if isDurable || pace.isConfirmDue(isReadingBack: streamed.isReadingBack, at: now) {
            try confirm(at: now)
            pace.confirmed(at: now)
        }
        if case .keepalive(_, true) = event { try confirm(at: now) }
    }

    /// Makes everything received durable, and confirms it.
    func syncAndConfirm(at now: Double) throws {
        try log.sync()
        try confirm(at: now)
    }

    private func confirm(at now: Double) throws {
        try stream.confirm(log.durableThrough, at: now)
        published.status.confirmedLSN = log.durableThrough
    }
}
