import Records

/// A row that differs between the origin and the destination, and not because changes are in flight.
package struct RowDifference: Sendable, Codable, Equatable {
    /// The kind of a difference. The raw value is shown.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// The destination lacks the row.
        case missing
        /// Only the destination has the row.
        case extra
        /// Values differ.
        case different
        /// Both sides have the row, which no key tells apart, in another number.
        case number
    }

    package let table: QualifiedName
    package let kind: Kind
    /// The key's values; the row's digest if no key tells the rows apart.
    package let key: RowKey
    /// The names of the columns whose values differ.
    package var columns: [String] = []
    package let originRows: Int64
    package let destinationRows: Int64
    /// The values on both sides, in the order of `VerifiedTable.valueNames`; nil if the row is not there.
    package var originValues: [String?]?
    package var destinationValues: [String?]?
    /// The statements that mend the destination's row; empty without the values.
    package var repair: [String] = []

    package init(table: QualifiedName, key: RowKey, origin: ReadRow?, destination: ReadRow?) {
        self.table = table
        self.key = key
        originRows = origin?.digest.rows ?? 0
        destinationRows = destination?.digest.rows ?? 0
        kind =
            switch (origin, destination) {
            case (_, nil): .missing
            case (nil, _): .extra
            case (.some(let left), .some(let right)):
                left.digest.rows == right.digest.rows ? .different : .number
            }
    }

    /// Takes the values of both sides, and the names of those that differ.
    package mutating func take(origin: [String?]?, destination: [String?]?, names: [String]) {
        originValues = origin
        destinationValues = destination
        guard let origin, let destination else { return }
        columns = zip(names, zip(origin, destination)).filter { !Self.isSame($1.0, $1.1) }.map(\.0)
    }

    /// The difference without the values of the row, which are in no journal.
    package var withoutValues: RowDifference {
        var bare = self
        (bare.originValues, bare.destinationValues, bare.repair) = (nil, nil, [])
        return bare
    }

    /// Size of the values and the statements.
    var valueBytes: Int {
        ((originValues ?? []) + (destinationValues ?? [])).reduce(0) { $0 + ($1?.utf8.count ?? 0) }
            + repair.reduce(0) { $0 + $1.utf8.count }
    }

    private static func isSame(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.utf8.elementsEqual(right.utf8)
    }
}

/// The rows of some keys, before they are blamed: what four readings of a row say about it.
///
/// The readings are made in this order: the destination, the origin, the destination after everything that
/// the origin's reading can contain is applied, and the origin again. Changes are in flight meanwhile, so two
/// readings that differ prove nothing by themselves. Between the last two readings, the transactions that
/// were committing on the origin have to end: their changes may be on the destination before they can be
/// seen on the origin.
package struct RowReadings: Sendable, Equatable {
    package var destinationBefore: ReadRow?
    package var origin: ReadRow?
    package var destination: ReadRow?
    package var originAfter: ReadRow?
    /// Whether the last reading shows everything that the destination's may contain.
    package var isOriginSeen = true

    /// What the readings prove.
    package enum Verdict: Sendable, Equatable {
        case equal
        case differs
        /// The row was written meanwhile.
        case undecided
    }

    package init(
        destinationBefore: ReadRow?, origin: ReadRow?, destination: ReadRow?, originAfter: ReadRow?,
        isOriginSeen: Bool = true
    ) {
        self.isOriginSeen = isOriginSeen
        self.destinationBefore = destinationBefore
        self.origin = origin
        self.destination = destination
        self.originAfter = originAfter
    }

    package var verdict: Verdict {
        if origin?.digest == destination?.digest { return .equal }
        guard isOriginSeen else { return .undecided }
        guard let origin else {
            // The destination has one version of the row from before the origin's reading until after it was
            // applied. At the origin's position the row should not have been there.
            let isSame = destinationBefore?.version == destination?.version
            return isSame && originAfter == nil ? .differs : .undecided
        }
        // Nobody wrote the origin's row from the first reading to the second one. Whatever of its log is
        // applied between them, the destination should have had this row.
        return origin.version == originAfter?.version ? .differs : .undecided
    }
}
