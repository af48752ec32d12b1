import Records

/// Where apply is in the log: the source transaction that is read, and the batch it joins.
struct OpenTransaction {
    /// At or below it everything is applied.
    var watermark: LSN
    var isOpen = false
    private(set) var isDuplicate = false
    private(set) var finalLSN = LSN.zero
    private(set) var commitMicroseconds: Int64 = 0
    /// The last whole transaction in the batch, and when the batch began.
    var batchLSN = LSN.zero
    var batchStartedAt: Double?
    var isBarrier = false
    /// Changes read so far.
    var changes = 0
    /// The file that is being read, and the one in which the batch or the open transaction began.
    var segment = 0
    private var batchSegment = 0

    init(watermark: LSN) { self.watermark = watermark }

    /// The transaction begins that commits at `finalLSN`.
    mutating func begin(at finalLSN: LSN, committedMicroseconds: Int64) {
        if !hasBatch { batchSegment = segment }
        isOpen = true
        changes = 0
        self.finalLSN = finalLSN
        commitMicroseconds = committedMicroseconds
        isDuplicate = finalLSN <= reached
        isBarrier = false
    }

    /// A whole transaction waits to be sent.
    var hasBatch: Bool { batchStartedAt != nil }

    /// Everything up to here is applied, sent, or waits to be sent.
    var reached: LSN { max(watermark, batchLSN) }

    /// The first file of which something is not sent yet.
    var segmentNeeded: Int { isOpen || hasBatch ? batchSegment : segment }
}

/// A time of the protocol, which counts microseconds from 2000-01-01, in seconds from 1970 on.
func secondsOf(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 + 946_684_800 }
