import Journal
import Records

/// A pass over the tables as far as it has come. The journal has it after each batch of ranges, so that a
/// process that follows a killed one continues with the next range. What it counts as proved stays true: the
/// position says since when a row has to be written to be unproved.
struct VerificationCourse: Codable, Equatable {
    /// The table that is being read.
    struct Reading: Codable, Equatable {
        let table: QualifiedName
        /// The columns that were compared so far.
        let columns: [Column]
        /// The storage of the table on both sides before the first row was read, and the number of times that
        /// the table was set aside. Where they are others now, the rows that were read prove nothing.
        let storage: [Side: String]
        let lapses: Int
        /// The rows whose keys are not greater are read.
        let after: RowKey
        /// The keys of the rows of these ranges about which nothing is proved.
        let openKeys: OpenKeys
    }

    let leg: Int
    let pass: Int
    /// The report so far. Its differences have no values.
    var report: VerifyReport
    /// Nil between two tables.
    var reading: Reading?

    private static let key = "verification_course"

    static func read(leg: Leg, _ journal: Journal) throws -> VerificationCourse? {
        try journal.document(VerificationCourse.self, key: key).flatMap { $0.leg == leg.number ? $0 : nil }
    }

    func keep(_ journal: Journal) throws {
        try journal.update(VerificationCourse.self, key: Self.key, initial: self) { $0 = self }
    }
}

/// The keys of a table's rows that a pass has read and not proved: those that differ, and those that were
/// written too often. Beyond a bound they are not told one by one.
struct OpenKeys: Codable, Equatable {
    /// Greatest number of keys of a table that are remembered.
    static let keysMax = 10_000

    private(set) var keys: [RowKey] = []
    /// Whether there are more than are remembered, or rows that no key tells.
    private(set) var isIncomplete = false

    /// Takes what the check of a range has left open.
    mutating func take(_ check: RangeCheck, of table: VerifiedTable) {
        let found = check.differences.map(\.key) + check.unsettled
        let isTold = check.bucketsLeft == 0 && (found.isEmpty || !table.keyColumns.isEmpty)
        guard isTold, !isIncomplete, keys.count + found.count <= Self.keysMax else {
            isIncomplete = true
            keys = []
            return
        }
        keys += found
    }
}
