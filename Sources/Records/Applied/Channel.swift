/// A channel as the destination has it: a row with a watermark, which moves in the transactions that carry
/// its changes.
package struct Channel: Sendable, Equatable {
    package let number: Int
    /// The commit LSN of the last transaction whose part in this channel is applied; zero before the first
    /// one.
    package let appliedLSN: LogPosition
    package let counts: ChangeCounts

    package init(number: Int, appliedLSN: LogPosition, counts: ChangeCounts) {
        self.number = number
        self.appliedLSN = appliedLSN
        self.counts = counts
    }
}

/// A channel's watermark as a writer expects it.
package struct ChannelPosition: Sendable, Equatable {
    package let number: Int
    package var lsn: LogPosition

    package init(number: Int, lsn: LogPosition) {
        self.number = number
        self.lsn = lsn
    }
}
