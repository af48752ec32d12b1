/// The form in which a kind of origin makes one number of the two parts of a position. The order of the
/// numbers is the order of the commit positions, and of the ranks within one.
package struct PositionForm: Sendable {
    /// Bits of the number that are the rank; 0 if no two transactions commit at one position, as in
    /// PostgreSQL.
    package let rankBits: Int

    package init(rankBits: Int) {
        precondition((0..<32).contains(rankBits), "a rank has at most 31 bits")
        self.rankBits = rankBits
    }

    /// The greatest rank.
    package var rankMax: UInt64 { 1 << UInt64(rankBits) - 1 }
    /// The greatest commit position. The watermark on a database is a signed number.
    package var commitMax: UInt64 { UInt64(Int64.max) >> UInt64(rankBits) }

    /// Returns the position of a transaction; throws if a part has no room in the number. Nothing may be
    /// streamed then: positions would no longer be unique, or in order.
    package func position(commit: UInt64, rank: UInt64 = 0) throws(PositionOutOfRange) -> LogPosition {
        guard commit <= commitMax, rank <= rankMax else {
            throw PositionOutOfRange(commit: commit, rank: rank)
        }
        return LogPosition(number: commit << UInt64(rankBits) | rank)
    }

    package func commit(of position: LogPosition) -> UInt64 { position.number >> UInt64(rankBits) }

    package func rank(of position: LogPosition) -> UInt64 { position.number & rankMax }
}

/// The error for a commit position or a rank that has no room in a position.
package struct PositionOutOfRange: Error, Sendable, Equatable, CustomStringConvertible {
    package let commit: UInt64
    package let rank: UInt64

    package init(commit: UInt64, rank: UInt64) {
        self.commit = commit
        self.rank = rank
    }

    package var description: String {
        "the transaction at commit position \(commit), rank \(rank), cannot be streamed: its position has no "
            + "room in 63 bits"
    }
}
