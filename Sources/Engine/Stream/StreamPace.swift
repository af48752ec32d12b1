import Postgres

/// When what was received of a stream is shown to the reader of the log, when it is brought to the disk, and when it is
/// confirmed to the server. A value without I/O, for one connection.
struct StreamPace {
    private var flushedAt = 0.0
    private var syncedAt: Double
    private var confirmedAt = 0.0

    /// Messages and their bytes since the buffer was found empty.
    private var messages = 0
    private var bytes = 0
    /// The same since the rate was measured last, and when that was.
    private var rateMessages = 0
    private var rateBytes = 0
    private var rateAt: Double
    /// By that rate: many small messages come, or many bytes.
    private var isDense = false
    private var isFast = false

    private let way: StreamWay
    /// Set while all that is there is read before the next pause, and not only as much as one read takes: while a stream that
    /// lags is left alone for long, and while large messages come fast.
    private(set) var readsAll = false

    /// A stream that brings so many messages at once is busy: a pause lets the server send more of them, which costs both sides
    /// far less than waking for each. (A sender that has to wake the reader spends 15 µs on it, several times what decoding
    /// a change takes.) An idle stream is answered at once.
    private static let busyMessages = 64
    /// Small ones of which as many come in a second are worth a pause however few are there: else a reader that wakes for each
    /// keeps the sender so slow that there are never more.
    private static let denseMessagesPerSecond = 20_000.0
    private static let smallMessageBytesMax = 256
    /// Large ones are worth a pause, too, where as many bytes come in a second: each is taken before the next is there, so
    /// that there are never many at once. All of them are read before it, however much that is.
    private static let fastBytesPerSecond = 8_000_000.0
    /// Both rates are measured over as long at least.
    private static let rateSeconds = 0.001
    /// Of small messages 16 KiB are read between two pauses (`StreamSocket`): reading all that is there keeps the window of
    /// the connection open, and then each message travels as a packet of its own, which was a quarter slower. A longer pause
    /// holds the sender up.
    private static let busyPauseMicroseconds: UInt32 = 150
    /// Where the receive buffer is narrow it is full soon after a pause has begun. From then on a message costs the sender a
    /// copy and no packet, until all of them travel in a few packets when the buffer is read. The longer the pause, the fewer
    /// travel alone; what a sender makes in so long has room on its side. A stream that does not lag is not to wait for it.
    private static let loopbackPauseMicroseconds: UInt32 = 20_000
    /// A Unix socket is full after about a millisecond, and then holds the sender up.
    private static let unixSocketPauseMicroseconds: UInt32 = 400
    /// A transaction that was committed on the origin longer ago than this lags. The clocks are the same where the origin is on
    /// this host; behind a tunnel, which looks the same, another clock costs a busy stream these pauses, or spares it them.
    private static let lagSeconds = 1.0
    /// Of a busy stream the reader of the log is told so often: each time wakes it.
    private static let busyFlushSeconds = 0.001
    /// And inside a transaction so often, for what came before it.
    private static let openFlushSeconds = 0.005
    /// So long a message is waited for, and only so long while the reader has not been told of all.
    private static let waitMilliseconds = 20
    private static let unflushedWaitMilliseconds = 1
    /// So many messages at most between two looks at the clock, the disk and the stop; about 8 MB of large ones.
    static let receiveMessagesMax = 4000
    private static let weightBytes = 2 << 10

    /// What was appended is on disk after as long, or as much, at the latest. Who writes to a file that is being synced may wait
    /// for it some milliseconds, and a commit that has just come with him: the fewer syncs, the fewer of these.
    private static let syncSeconds = 1.0
    private static let syncBytes = 8 << 20
    /// With as much beyond the sync that is under way, the stream waits for it.
    private static let unsyncedBytesMax = 64 << 20
    static let confirmSeconds = 5.0
    /// While a transaction is read back nothing is read of the stream, nor is a keepalive answered.
    private static let confirmSecondsReadingBack = 1.0

    init(connectedAt now: Double, way: StreamWay) {
        syncedAt = now
        rateAt = now
        self.way = way
    }

    // MARK: From the server

    /// A message has come.
    mutating func received(bytes count: Int) {
        messages += 1
        bytes += count
    }

    /// For how long the server is left to send more, where the stream is busy whose buffer is found empty now; nil where it
    /// is not.
    ///
    /// - Parameter committedAt: when the origin committed the last transaction that has come
    mutating func pauseMicroseconds(emptyAt now: Double, committedAt: Double) -> UInt32? {
        defer { (messages, bytes) = (0, 0) }
        let areSmall = bytes <= messages * Self.smallMessageBytesMax
        measureRate(at: now)
        let isBusy = messages >= Self.busyMessages || isDense
        let gathering = isBusy && now - committedAt > Self.lagSeconds ? gatheringPauseMicroseconds : nil
        readsAll = gathering != nil || isFast && !(isBusy && areSmall)
        return gathering ?? (isBusy || isFast ? Self.busyPauseMicroseconds : nil)
    }

    /// For how long a stream that lags is left alone; nil where nothing is won by that.
    private var gatheringPauseMicroseconds: UInt32? {
        switch way {
        case .network: nil
        case .loopback: Self.loopbackPauseMicroseconds
        case .unixSocket: Self.unixSocketPauseMicroseconds
        }
    }

    private mutating func measureRate(at now: Double) {
        rateMessages += messages
        rateBytes += bytes
        let seconds = now - rateAt
        guard !(0..<Self.rateSeconds).contains(seconds) else { return }
        isDense =
            seconds > 0 && Double(rateMessages) >= Self.denseMessagesPerSecond * seconds
            && rateBytes <= rateMessages * Self.smallMessageBytesMax
        isFast = seconds > 0 && Double(rateBytes) >= Self.fastBytesPerSecond * seconds
        (rateMessages, rateBytes, rateAt) = (0, 0, now)
    }

    /// No transaction with a change is smaller: begin, truncate of one table, and commit, in their envelopes. Between two
    /// transactions nobody need wake for less; the server spends as long on waking us as on a change, and has it to do for each
    /// message otherwise.
    private static let transactionBytesMin: Int32 = 140

    /// How many bytes are worth waking for. What is smaller (a keepalive, the commit of a transaction that was streamed before
    /// it) is found when the wait is over.
    static func wakeBytes(isInTransaction: Bool) -> Int32 { isInTransaction ? 1 : transactionBytesMin }

    static func waitMilliseconds(isFlushed: Bool) -> Int {
        isFlushed ? waitMilliseconds : unflushedWaitMilliseconds
    }

    /// As how many messages one counts: a large one as several.
    static func weight(ofBytes bytes: Int) -> Int { 1 + bytes / weightBytes }

    // MARK: For the reader of the log

    func isFlushDue(isBusy: Bool, isInTransaction: Bool, at now: Double) -> Bool {
        // Of a transaction that is open the rest is on its way.
        let seconds = isBusy ? Self.busyFlushSeconds : isInTransaction ? Self.openFlushSeconds : 0
        return hasPassed(seconds, since: flushedAt, at: now)
    }

    mutating func flushed(at now: Double) { flushedAt = now }

    // MARK: To the disk

    /// Whether the stream has to wait for the sync that is under way.
    static func waitsForSync(unsyncedBytes: Int) -> Bool { unsyncedBytes > unsyncedBytesMax }

    /// - Parameter isAwaited: whether who commits on the origin waits for it
    func isSyncDue(unsyncedBytes: Int, isAwaited: Bool, at now: Double) -> Bool {
        isAwaited || unsyncedBytes > Self.syncBytes || hasPassed(Self.syncSeconds, since: syncedAt, at: now)
    }

    mutating func syncStarted(at now: Double) { syncedAt = now }

    // MARK: To the server

    /// Whether it is to be told again where nothing has changed, so that it does not take the connection for dead.
    func isConfirmDue(isReadingBack: Bool, at now: Double) -> Bool {
        hasPassed(
            isReadingBack ? Self.confirmSecondsReadingBack : Self.confirmSeconds, since: confirmedAt, at: now)
    }

    mutating func confirmed(at now: Double) { confirmedAt = now }
}
