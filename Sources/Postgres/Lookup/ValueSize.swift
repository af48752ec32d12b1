/// How large the values of a column are, as far as the catalog tells: what it costs to compare them, and how far they tell rows
/// apart.
package struct ValueSize: Sendable, Equatable {
    /// What ANALYZE has found.
    package struct Statistics: Sendable, Equatable {
        package let averageWidth: Int
        /// The number of different values; where it is negative, their share of the rows (`pg_stats.n_distinct`).
        package let distinct: Double
        /// All values are wider than a kilobyte, and their average width is that of a pointer to them.
        package let isTooWide: Bool

        package init(averageWidth: Int, distinct: Double, isTooWide: Bool = false) {
            self.averageWidth = averageWidth
            self.distinct = distinct
            self.isTooWide = isTooWide
        }
    }

    /// Bytes to expect of a value. One that may be large counts as such until statistics say otherwise.
    package let width: Int
    private let distinct: Double?

    /// What may be stored in a TOAST table is expected to be as wide as what has to be.
    static let largeWidth = 2048
    /// A value of variable length that is not large: a number, an address, a short text.
    static let smallWidth = 16

    package init(fixedLength: Int, mayBeLarge: Bool, statistics: Statistics? = nil) {
        distinct = statistics?.distinct
        width =
            if fixedLength > 0 { fixedLength } else if let statistics {
                statistics.isTooWide ? Self.largeWidth : statistics.averageWidth
            } else { mayBeLarge ? Self.largeWidth : Self.smallWidth }
    }

    package static func fixed(_ length: Int) -> ValueSize {
        ValueSize(fixedLength: length, mayBeLarge: false)
    }

    /// How many different values there are among so many rows; nil where that is not known.
    package func distinctValues(among rows: Double) -> Double? {
        guard let distinct, distinct != 0 else { return nil }
        return distinct < 0 ? -distinct * rows : distinct
    }
}
