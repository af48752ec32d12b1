/// A channel as the destination has it: a row with a watermark, which moves in the transactions that carry
/// its changes.
package struct Channel: Sendable, Equatable {
    package let number: Int
    /// The commit LSN of the last transaction whose part in this channel is applied; zero before the first
    /// one.
    package let appliedLSN: LSN
    package let counts: ChangeCounts

    package init(number: Int, appliedLSN: LSN, counts: ChangeCounts) {
        self.number = number
        self.appliedLSN = appliedLSN
        self.counts = counts
    }
}

/// A channel's watermark as a writer expects it.
package struct ChannelPosition: Sendable, Equatable {
    package let number: Int
    package var lsn: LSN

    package init(number: Int, lsn: LSN) {
        self.number = number
        self.lsn = lsn
    }
}
