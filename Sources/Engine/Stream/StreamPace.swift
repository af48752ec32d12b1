import Records

/// The pace of one connection's stream: when to pause, and when to flush received messages to the reader of
/// the log, sync them and confirm them. A value without I/O.
struct StreamPace {
    private var flushedAt = 0.0
    private var syncedAt: Double
    private var confirmedAt = 0.0

    /// Messages and their bytes since the buffer was last empty.
    private var messages = 0
    private var bytes = 0
    /// Messages and their bytes since the rate was last measured, and the time of that.
    private var rateMessages = 0
    private var rateBytes = 0
    private var rateAt: Double
    /// Whether, by that rate, many small messages come, or many bytes.
    private var isDense = false
    private var isFast = false

    private let way: StreamWay
    /// Whether everything that has come is read before the next pause, and not only one read's worth. True if
    /// a lagging stream gets long pauses, and if large messages come fast.
    private(set) var readsAll = false

    /// Messages at once that make a stream busy. A pause lets the server send more of them, which costs both
    /// sides far less than waking for each. (Waking the reader takes the sender 15 µs, several times the
    /// decoding of a change.) A stream that is not busy gets no pause.
    private static let busyMessages = 64
    /// Rate of small messages at which a pause pays, however few are there. Otherwise a reader that wakes for
    /// each one keeps the sender so slow that there are never more.
    private static let denseMessagesPerSecond = 20_000.0
    private static let smallMessageBytesMax = 256
    /// Rate of bytes at which a pause pays for large messages. Each is taken before the next one is there, so
    /// that there are never many at once. All of them are read before the pause, however many bytes that is.
    private static let fastBytesPerSecond = 8_000_000.0
    /// Shortest time over which both rates are measured.
    private static let rateSeconds = 0.001
    /// Pause of a busy stream. Between two pauses 16 KiB of small messages are read (`StreamSocket`). Reading
    /// everything keeps the connection's window open; each message is then a packet of its own, which was a
    /// quarter slower. A longer pause delays the sender.
    private static let busyPauseMicroseconds: UInt32 = 150
    /// Pause of a lagging stream on the loopback, where the receive buffer is small and soon full. From then
    /// on a message costs the sender a copy and no packet, and all of them travel in a few packets once the
    /// buffer is read. The longer the pause, the fewer travel alone; the sender's buffer has room for what
    /// it writes in that time. A stream that does not lag need not wait.
    private static let loopbackPauseMicroseconds: UInt32 = 20_000
    /// Pause of a lagging stream on a Unix socket, which is full after about a millisecond and then delays
    /// the sender.
    private static let unixSocketPauseMicroseconds: UInt32 = 400
    /// Age of a commit above which the stream lags. An origin on this host has the same clock. An origin
    /// behind a tunnel appears to be on this host; if its clock differs, a busy stream gets these pauses
    /// without need, or does not get them.
    private static let lagSeconds = 1.0
    /// Shortest time between two flushes of a busy stream: each flush wakes the reader of the log.
    private static let busyFlushSeconds = 0.001
    /// Shortest time between two flushes inside a transaction, for what came before it.
    private static let openFlushSeconds = 0.005
    /// Poll timeout for a message; shorter while received messages are not flushed.
    private static let waitMilliseconds = 20
    private static let unflushedWaitMilliseconds = 1
    /// Most messages between two checks of the clock, the disk and the stop; about 8 MB of large ones.
    static let receiveMessagesMax = 4000
    /// Bytes for which a large message counts as a further one.
    private static let weightBytes = 2 << 10

    /// Longest time between two syncs, and bytes after which a sync starts earlier. A write to a file that is
    /// being synced may wait some milliseconds, and a commit that has just come waits with it: fewer syncs,
    /// fewer such waits.
    private static let syncSeconds = 1.0
    private static let syncBytes = 8 << 20
    /// Bytes not covered by the running sync above which the stream waits for it.
    private static let unsyncedBytesMax = 64 << 20
    /// Longest time between two confirmations.
    static let confirmSeconds = 5.0
    /// The same while a transaction is read back: then the stream is not read, and keepalives are not
    /// answered.
    private static let confirmSecondsReadingBack = 1.0

    init(connectedAt now: Double, way: StreamWay) {
        syncedAt = now
        rateAt = now
        self.way = way
    }

    // MARK: Reading

    /// Records a received message.
    mutating func received(bytes count: Int) {
        messages += 1
        bytes += count
    }

    /// Returns the pause that lets the server send more, called when the buffer is empty; nil if the stream
    /// is not busy.
    ///
    /// - Parameter committedAt: commit time of the last transaction that has begun to arrive
    mutating func pauseMicroseconds(emptyAt now: Double, committedAt: Double) -> UInt32? {
        defer { (messages, bytes) = (0, 0) }
        let areSmall = bytes <= messages * Self.smallMessageBytesMax
        measureRate(at: now)
        let isBusy = messages >= Self.busyMessages || isDense
        let gathering = isBusy && now - committedAt > Self.lagSeconds ? gatheringPauseMicroseconds : nil
        readsAll = gathering != nil || isFast && !(isBusy && areSmall)
        return gathering ?? (isBusy || isFast ? Self.busyPauseMicroseconds : nil)
    }

    /// The pause of a lagging stream; nil if a longer pause saves nothing.
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

    /// Size of the smallest transaction with a change: begin, truncate of one table and commit, in their
    /// envelopes. Between two transactions there is no need to wake for less. Waking us takes the server as
    /// long as a change, for each message.
    private static let transactionBytesMin: Int32 = 140

    /// Bytes that wake the reader. Less than that (a keepalive, the commit of a transaction that was streamed
    /// before it) is found when the wait is over.
    static func wakeBytes(isInTransaction: Bool) -> Int32 { isInTransaction ? 1 : transactionBytesMin }

    static func waitMilliseconds(isFlushed: Bool) -> Int {
        isFlushed ? waitMilliseconds : unflushedWaitMilliseconds
    }

    /// Number of messages that one counts as: a large one counts as several.
    static func weight(ofBytes bytes: Int) -> Int { 1 + bytes / weightBytes }

    // MARK: Flushing

    func isFlushDue(isBusy: Bool, isInTransaction: Bool, at now: Double) -> Bool {
        // The rest of an open transaction is on its way.
        let seconds = isBusy ? Self.busyFlushSeconds : isInTransaction ? Self.openFlushSeconds : 0
        return hasPassed(seconds, since: flushedAt, at: now)
    }

    mutating func flushed(at now: Double) { flushedAt = now }

    // MARK: Syncing

    /// Whether the stream has to wait for the running sync.
    static func waitsForSync(unsyncedBytes: Int) -> Bool { unsyncedBytes > unsyncedBytesMax }

    /// - Parameter isAwaited: whether commits on the origin wait for the confirmation
    func isSyncDue(unsyncedBytes: Int, isAwaited: Bool, at now: Double) -> Bool {
        isAwaited || unsyncedBytes > Self.syncBytes || hasPassed(Self.syncSeconds, since: syncedAt, at: now)
    }

    mutating func syncStarted(at now: Double) { syncedAt = now }

    // MARK: Confirming

    /// Whether a confirmation is due even if nothing has changed, so that the server does not take the
    /// connection for dead.
    func isConfirmDue(isReadingBack: Bool, at now: Double) -> Bool {
        hasPassed(
            isReadingBack ? Self.confirmSecondsReadingBack : Self.confirmSeconds, since: confirmedAt, at: now)
    }

    mutating func confirmed(at now: Double) { confirmedAt = now }
}
