import Records

/// The operator's choices for a verification.
package struct VerifyOptions: Sendable, Equatable {
    /// Tables to verify, as globs of `schema.table` or `table`; empty means all.
    package var tables: [String]
    /// Greatest number of rows that are read in a second on each side; nil for no bound.
    package var rowsPerSecondMax: Int?
    /// Greatest number of differences that are kept; others are counted.
    package var differencesMax = 10_000
    /// Greatest size of the values that are kept of them. Of further ones, key and columns are kept.
    package var valueBytesMax = 64 << 20
    /// Time that the destination may take to apply what the origin's rows contain.
    package var appliedSecondsMax = 120.0

    package init(tables: [String] = [], rowsPerSecondMax: Int? = nil) {
        self.tables = tables
        self.rowsPerSecondMax = rowsPerSecondMax
    }
}
