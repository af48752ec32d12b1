/// A window that is committed.
package struct AppliedWindow: Sendable {
    package let lsn: LSN
    package let counts: [QualifiedName: ChangeCounts]

    package init(lsn: LSN, counts: [QualifiedName: ChangeCounts]) {
        self.lsn = lsn
        self.counts = counts
    }
}
