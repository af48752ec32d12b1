import Records

/// The outcome of one pass over the tables.
package struct VerifyReport: Sendable, Codable, Equatable {
    /// What a pass proved about one table.
    package struct Entry: Sendable, Codable, Equatable {
        package let table: QualifiedName
        /// Rows of the origin that were read.
        package var rows: Int64 = 0
        /// Everything that was committed on the origin before this position is proved, unless it was written
        /// again since. Nil before the first range is read.
        package var position: LogPosition?
        /// Number of its changes that had been exported by then, or fewer; nil if it is not known.
        package var changesBefore: Int64?
        /// Time at which its last range was proved, in seconds since 1970.
        package var endedAt: Double = 0
        package var differences: Int64 = 0
        /// Rows that were written so often that nothing was proved about them.
        package var unsettledRows: Int64 = 0
        /// Parts whose digests differed each time, and whose rows were not read because there are too many of
        /// them. Changes in flight may be the reason.
        package var partsLeft: Int64 = 0
        /// Why the table could not be verified; nil if it was.
        package var reason: String?

        package init(table: QualifiedName) { self.table = table }

        /// Whether every row is proved equal.
        package var isProved: Bool {
            reason == nil && differences == 0 && unsettledRows == 0 && partsLeft == 0
        }
    }

    package var direction: Direction
    package var startedAt: Double
    package var endedAt: Double = 0
    package var tables: [Entry] = []
    /// The first differences; `Entry.differences` counts all.
    package var differences: [RowDifference] = []
    /// The sequences of the origin that are behind; nil in reports of earlier versions.
    package var sequences: [SequenceDifference]?
    /// The statements that mend these differences on the destination.
    package var repairs: [String] { differences.flatMap(\.repair) }

    package init(direction: Direction, startedAt: Double) {
        self.direction = direction
        self.startedAt = startedAt
    }

    /// What a pass says as a whole.
    package enum Outcome: String, Sendable, Codable {
        case equal
        case differs
        /// Something could not be proved, and no difference was found.
        case unproved
    }

    package var outcome: Outcome {
        if tables.contains(where: { $0.differences > 0 }) || sequences?.isEmpty == false { return .differs }
        return tables.allSatisfy(\.isProved) ? .equal : .unproved
    }

    package var rows: Int64 { tables.map(\.rows).reduce(0, +) }

    /// The report without the values of rows.
    var withoutValues: VerifyReport {
        var bare = self
        bare.differences = differences.map(\.withoutValues)
        return bare
    }
}
