/// A window that is committed.
package struct AppliedWindow: Sendable {
    package let lsn: LogPosition
    package let counts: [QualifiedName: ChangeCounts]

    package init(lsn: LogPosition, counts: [QualifiedName: ChangeCounts]) {
        self.lsn = lsn
        self.counts = counts
    }
}
