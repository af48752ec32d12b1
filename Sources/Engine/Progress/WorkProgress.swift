import Records

/// How far a long piece of work is: n of m, at which rate, and how long the rest takes at that rate.
package struct WorkProgress: Sendable, Codable, Equatable {
    /// The kinds of work that tell how far they are.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case schemaImport
        case indexBuild
        /// The copy as it is read from the source, and as it is written to the target.
        case snapshotExport
        case snapshotImport
        /// Foreign keys that are checked after the release.
        case constraintValidation
        /// The checksums of the tables on one side.
        case verification
    }

    /// What is counted.
    package enum Unit: String, Sendable, Codable {
        case objects
        case blocks
        case rows
        case constraints
    }

    package var kind: Kind
    /// The side on which the work is done.
    package var side: Side
    package var unit: Unit
    package var done: Int64
    /// Nil if it is not known; an estimate for rows.
    package var total: Int64?
    /// What had been done before `startedAt`.
    package var doneBefore: Int64
    /// The object at work, in words; empty if there is none.
    package var detail: String
    /// Seconds since 1970.
    package var startedAt: Double
    package var updatedAt: Double

    package init(
        _ kind: Kind, on side: Side, _ unit: Unit, done: Int64 = 0, of total: Int64?, doneBefore: Int64 = 0,
        detail: String = "", startedAt: Double, updatedAt: Double
    ) {
        self.kind = kind
        self.side = side
        self.unit = unit
        self.done = done
        self.total = total
        self.doneBefore = doneBefore
        self.detail = detail
        self.startedAt = startedAt
        self.updatedAt = updatedAt
    }

    /// Shortest time after which there is a rate.
    private static let rateSecondsMin = 1.0

    /// The done share, from 0 to 1; nil if the total is unknown.
    package var share: Double? {
        guard let total else { return nil }
        return total <= 0 ? 1 : min(1, max(0, Double(done) / Double(total)))
    }

    /// Units per second since the start, until the last of them was done; nil until some are.
    package var perSecond: Double? {
        let seconds = updatedAt - startedAt
        guard done > doneBefore, seconds >= Self.rateSecondsMin else { return nil }
        return Double(done - doneBefore) / seconds
    }

    /// Seconds until the rest is done, at that rate; nil if that is not known.
    package func secondsLeft(at now: Double) -> Double? {
        guard let total, let perSecond else { return nil }
        // What is done since the last count is not known, and shortens the rest.
        return max(0, Double(max(0, total - done)) / perSecond - max(0, now - updatedAt))
    }
}
