import Foundation
import Postgres
import Records

/// One connection's stream on its way into the log: takes what the server sends, makes it durable, and confirms it.
///
/// Order and durability: only what `CaptureLog.durableThrough` says is confirmed. A barrier is durable before it is noted in
/// the record.
final class StreamReceiver {
    private let context: RoleContext
    private let stream: ReplicationStream
    private let log: CaptureLog
    private let streamed: StreamedTransactions
    private let published: CaptureStatusWriter
    private let reportsWALEnd: Bool
    private var pace: StreamPace
    private var wakeBytes: Int32 = 1
    /// Whether who commits on the origin waits until it is confirmed.
    var isAwaited = false
    /// The leg's last barrier while it is waited for.
    var lastBarrier: LastBarrier?

    static var streamEnded: PostgresError {
        PostgresError(kind: .connection, message: "the server ended the stream", doing: "stream")
    }

    /// - Parameter stream: one that was started.
    init(
        _ stream: consuming ReplicationStream, into log: CaptureLog, streamed: StreamedTransactions,
        context: RoleContext, published: CaptureStatusWriter
    ) {
        self.context = context
        reportsWALEnd = stream.reportsWALEnd
        self.stream = stream
        self.log = log
        self.streamed = streamed
        self.published = published
        pace = StreamPace(connectedAt: secondsNow(), way: self.stream.narrowReceiveBuffer())
    }

    /// Takes what is there, or waits a little for the next message.
    func receive() throws -> StreamEvent {
        if streamed.isReadingBack {
            try act(on: try streamed.readBackPiece())
            return .change
        }
        // What waits in the buffer becomes visible before we wait for more.
        var left = StreamPace.receiveMessagesMax
        while left > 0 {
            var event = try next(waitMilliseconds: 0, messages: &left)
            while case .nothing = event, pace.readsAll, left > 0 {
                let before = left
                let hasCome = try stream.takeIn()
                event = try next(waitMilliseconds: 0, messages: &left)
                if !hasCome, left == before { break }
            }
            switch event {
            case .change, .ended: return event
            case .keepalive(_, let reply): if reply { return event }
            case .nothing:
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

    /// Takes the messages that are there, about `messages` at most, of which it takes off what it took.
    private func next(waitMilliseconds: Int, messages: inout Int) throws -> StreamEvent {
        var left = messages
        defer { messages = left }
        let event = try stream.next(waitMilliseconds: waitMilliseconds) { message in
            left -= StreamPace.weight(ofBytes: message.byteCount)
            try take(message)
            return left > 0 && !streamed.isReadingBack
        }
        if case .keepalive(let end, _) = event, reportsWALEnd { log.keepalive(walEnd: end) }
        return event
    }

    private func setWakeBytes() {
        let bytes = StreamPace.wakeBytes(isInTransaction: log.isInTransaction)
        guard bytes != wakeBytes else { return }
        stream.wake(atBytes: bytes)
        wakeBytes = bytes
    }

    /// Makes what was appended visible to the reader of the log, where that is due; false where not.
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
            lastBarrier?.came(content)
            context.recordBarrier(content, at: lsn, transactions: log.counter.transactions)
        }
    }

    /// Brings what was received to the disk, and tells the server what is there, where it is time to.
    ///
    /// - Parameter event: what `receive` has returned.
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
            // Nothing waits for the disk: what was received and not logged is as good as durable.
            try log.sync()
            isDurable = log.durableThrough > published.status.confirmedLSN
        }
        if isDurable || pace.isConfirmDue(isReadingBack: streamed.isReadingBack, at: now) {
            try confirm(at: now)
            pace.confirmed(at: now)
        }
        if case .keepalive(_, true) = event { try confirm(at: now) }
    }

    /// Makes all that was received durable, and confirms it.
    func syncAndConfirm(at now: Double) throws {
        try log.sync()
        try confirm(at: now)
    }

    private func confirm(at now: Double) throws {
        // Microseconds since 2000-01-01, as the protocol counts.
        try stream.confirm(log.durableThrough, nowMicroseconds: Int64((now - 946_684_800) * 1_000_000))
        published.status.confirmedLSN = log.durableThrough
    }
}
