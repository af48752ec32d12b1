import Records

/// Where apply is in the log: the source transaction that is read, and the batch it joins.
struct OpenTransaction {
    /// At or below it everything is applied.
    var watermark: LSN
    var isOpen = false
    var isDuplicate = false
    var finalLSN = LSN.zero
    var commitMicroseconds: Int64 = 0
    /// The last whole transaction in the batch, and when the batch began.
    var batchLSN = LSN.zero
    var batchStartedAt: Double?
    var isBarrier = false
    /// Changes read so far.
    var changes = 0
    /// The file that is being read, and the one in which the batch or the open transaction began.
    var segment = 0
    var batchSegment = 0

    init(watermark: LSN) { self.watermark = watermark }

    /// When the origin committed it, by the origin's clock.
    var committedAt: Double { secondsOf(commitMicroseconds) }
}

/// A time of the protocol, which counts microseconds from 2000-01-01, in seconds from 1970 on.
func secondsOf(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 + 946_684_800 }
