import Foundation
import Support

/// How large the large things are: small ones in every run, the full ones where `SWITCHBACK_LARGE=full` asks for them
/// (`make soak`).
enum LargeSizes {
    static let isFull = ProcessInfo.processInfo.environment["SWITCHBACK_LARGE"] == "full"

    /// `SWITCHBACK_PROGRAM` where it is set, as `make soak` sets it to the release build.
    static let program = ProcessInfo.processInfo.environment["SWITCHBACK_PROGRAM"] ?? Program.path

    static let rowsOfOneTransaction = isFull ? 10_000_000 : 24_000
    static let valueBytes = (isFull ? 200 : 5) << 20
    static let tables = isFull ? 5000 : 120
    /// Rows of about 1 kB in the longer of two backlogs, which is four times the shorter one. The shorter one, too, is
    /// more than the largest window (16 MiB): below that the memory has to grow with the backlog.
    static let backlogRows = isFull ? 400_000 : 96_000
    /// PostgreSQL's limit (manual appendix "PostgreSQL Limits").
    static let columns = 1600

    /// How often a large value may stand in a role's memory at once; see the test for where.
    static let copiesOfValueMax = 5
    /// How much more a role may take for a backlog four times as long. How full the fullest window gets is chance: it may be
    /// small in the one and at its bound of 16 MiB in the other, in a block that grew by doubling, with its statements
    /// beside it. What the longer backlog has more is half as much again at least.
    static let growthBytesMax = 48 << 20

    /// What one wait may take, with the program as the tests have it.
    static let waitSeconds = isFull ? 3600.0 : 120.0
}

/// The memory a role may take, whatever the number of rows, tables or changes.
let peakBytesMax = 150 << 20
