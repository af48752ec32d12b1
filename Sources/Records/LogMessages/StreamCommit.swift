/// The commit of a transaction that was streamed before its commit.
package struct StreamCommit: Sendable, Equatable {
    package let transaction: UInt32
    package let commitLSN: LogPosition
    package let endLSN: LogPosition
    package let commitMicroseconds: Int64

    package init(transaction: UInt32, commitLSN: LogPosition, endLSN: LogPosition, commitMicroseconds: Int64)
    {
        self.transaction = transaction
        self.commitLSN = commitLSN
        self.endLSN = endLSN
        self.commitMicroseconds = commitMicroseconds
    }
}
