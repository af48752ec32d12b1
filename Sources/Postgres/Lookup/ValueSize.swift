/// The size of a column's values, as far as the catalog has it: what a comparison costs, and how well they
/// distinguish rows.
package struct ValueSize: Sendable, Equatable {
    /// The statistics of ANALYZE.
    package struct Statistics: Sendable, Equatable {
        package let averageWidth: Int
        /// The number of distinct values; if negative, their share of the rows (`pg_stats.n_distinct`).
        package let distinct: Double
        /// Whether all values are wider than a kilobyte; their average width is then that of a pointer to
        /// them.
        package let isTooWide: Bool

        package init(averageWidth: Int, distinct: Double, isTooWide: Bool = false) {
            self.averageWidth = averageWidth
            self.distinct = distinct
            self.isTooWide = isTooWide
        }
    }

    /// Expected bytes of a value. A type that may be large counts as large until statistics say otherwise.
    package let width: Int
    private let distinct: Double?

    /// Expected width of a value that may be stored in a TOAST table: the width from which it is.
    static let largeWidth = 2048
    /// Expected width of a value of variable length that is not large: a number, an address, a short text.
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

    /// Returns the number of distinct values among this many rows; nil if it is not known.
    package func distinctValues(among rows: Double) -> Double? {
        guard let distinct, distinct != 0 else { return nil }
        return distinct < 0 ? -distinct * rows : distinct
    }
}
