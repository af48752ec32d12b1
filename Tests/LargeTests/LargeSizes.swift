import Foundation
import Support

/// The sizes of the large tests: small in every run, full with `SWITCHBACK_LARGE=full` (`make soak`).
enum LargeSizes {
    static let isFull = ProcessInfo.processInfo.environment["SWITCHBACK_LARGE"] == "full"

    /// The program: `SWITCHBACK_PROGRAM` if it is set, as `make soak` does for the release build.
    static let program = ProcessInfo.processInfo.environment["SWITCHBACK_PROGRAM"] ?? Program.path

    static let rowsOfOneTransaction = isFull ? 10_000_000 : 24_000
    static let valueBytes = (isFull ? 200 : 5) << 20
    static let tables = isFull ? 5000 : 120
    /// Rows of about 1 kB in the longer of two backlogs, which is four times the shorter one. The shorter one
    /// is also larger than the largest window (16 MiB): below that size the memory must grow with the
    /// backlog.
    static let backlogRows = isFull ? 400_000 : 96_000
    /// PostgreSQL's limit (manual appendix "PostgreSQL Limits").
    static let columns = 1600

    /// Maximum of copies of a large value in a role's memory at once; the test says where they are.
    static let copiesOfValueMax = 5
    /// Additional memory that a role may use for a backlog four times as long. The size of the fullest window
    /// is random: it may be small in one run and at its bound of 16 MiB in the other, in a block that grew by
    /// doubling, with its statements. The additional part of the longer backlog is at least one and a half
    /// times that.
    static let growthBytesMax = 48 << 20

    /// The bound of one wait, with the tests' build of the program.
    static let waitSeconds = isFull ? 3600.0 : 120.0
}

/// The memory that a role may use, whatever the number of rows, tables or changes.
let peakBytesMax = 150 << 20
