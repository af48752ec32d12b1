import Foundation

/// How large the large things are: small ones in every run, the full ones where `SWITCHBACK_LARGE=full` asks for them
/// (`make soak`).
enum LargeSizes {
    static let isFull = ProcessInfo.processInfo.environment["SWITCHBACK_LARGE"] == "full"

    static let rowsOfOneTransaction = isFull ? 10_000_000 : 60_000
    static let valueBytes = (isFull ? 200 : 30) << 20
    static let tables = isFull ? 5000 : 300
    /// Rows of about 1 kB.
    static let backlogRows = isFull ? 1_000_000 : 30_000
    /// PostgreSQL's limit (manual appendix "PostgreSQL Limits").
    static let columns = 1600

    /// How often a large value may stand in a role's memory at once; see the test for where.
    static let copiesOfValueMax = 6
    /// How much more a role may take for a backlog four times as long: what the allocator leaves between pieces.
    static let growthBytesMax = 16 << 20

    /// What one wait may take, with the program as the tests have it.
    static let waitSeconds = isFull ? 3600.0 : 120.0
}

/// The memory a role may take, whatever the number of rows, tables or changes.
let peakBytesMax = 150 << 20
