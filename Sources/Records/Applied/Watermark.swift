/// The applied position, from the destination's tables in schema `ybvoyager_metadata`.
package struct Watermark: Sendable, Equatable {
    /// Everything up to here is applied in every channel; zero before the first transaction.
    package let appliedLSN: LogPosition
    package let counts: ChangeCounts

    package init(appliedLSN: LogPosition, counts: ChangeCounts) {
        self.appliedLSN = appliedLSN
        self.counts = counts
    }
}
