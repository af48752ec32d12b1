import Records

/// The position of apply in the log: the source transaction that is read, and the batch that it joins.
struct OpenTransaction {
    /// Everything up to here is applied.
    var watermark: LogPosition
    var isOpen = false
    private(set) var isDuplicate = false
    private(set) var finalLSN = LogPosition.zero
    private(set) var commitMicroseconds: Int64 = 0
    /// The last whole transaction in the batch.
    var batchLSN = LogPosition.zero
    /// Time at which the first whole transaction joined the batch; nil without one.
    var batchStartedAt: Double?
    var isBarrier = false
    /// Changes of the open transaction that were read.
    var changes = 0
    /// The file that is being read.
    var segment = 0
    /// The file in which the batch, or the open transaction, began.
    private var batchSegment = 0

    init(watermark: LogPosition) { self.watermark = watermark }

    /// Begins the transaction that commits at `finalLSN`.
    mutating func begin(at finalLSN: LogPosition, committedMicroseconds: Int64) {
        if !hasBatch { batchSegment = segment }
        isOpen = true
        changes = 0
        self.finalLSN = finalLSN
        commitMicroseconds = committedMicroseconds
        isDuplicate = finalLSN <= reached
        isBarrier = false
    }

    /// Whether a whole transaction waits to be sent.
    var hasBatch: Bool { batchStartedAt != nil }

    /// Everything up to here is applied, sent, or waits to be sent.
    var reached: LogPosition { max(watermark, batchLSN) }

    /// The first file with something that is not sent yet.
    var segmentNeeded: Int { isOpen || hasBatch ? batchSegment : segment }
}

/// Returns a time of the protocol, in microseconds since 2000-01-01, as seconds since 1970.
func secondsOf(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 + 946_684_800 }
