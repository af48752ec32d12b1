/// The commit of a transaction that was streamed before its commit.
package struct StreamCommit: Sendable, Equatable {
    package let transaction: UInt32
    package let commitLSN: LSN
    package let endLSN: LSN
    package let commitMicroseconds: Int64

    package init(transaction: UInt32, commitLSN: LSN, endLSN: LSN, commitMicroseconds: Int64) {
        self.transaction = transaction
        self.commitLSN = commitLSN
        self.endLSN = endLSN
        self.commitMicroseconds = commitMicroseconds
    }
}
