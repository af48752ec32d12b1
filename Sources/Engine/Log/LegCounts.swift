import Journal
import Records

/// Counts by table of legs that have ended, stored in the journal, so that reports need neither database nor
/// log.
enum LegCounts {
    /// - Parameter exported: whether these are the counts of the capture, and not of apply
    static func key(leg: Int, exported: Bool) -> String {
        "counts.leg\(leg).\(exported ? "exported" : "imported")"
    }

    static func keep(_ counts: [QualifiedName: ChangeCounts], leg: Int, exported: Bool, journal: Journal)
        throws
    {
        try journal.update(
            [QualifiedName: ChangeCounts].self, key: key(leg: leg, exported: exported), initial: [:]
        ) {
            $0 = counts
        }
    }

    static func read(leg: Int, exported: Bool, journal: Journal) throws -> [QualifiedName: ChangeCounts]? {
        try journal.document([QualifiedName: ChangeCounts].self, key: key(leg: leg, exported: exported))
    }

    /// Sums the counts of legs by direction.
    ///
    /// A direction has no sum if the counts of one of its legs are unknown.
    static func byDirection(_ legs: [(leg: Leg, counts: [QualifiedName: ChangeCounts]?)]) -> [Direction:
        [QualifiedName: ChangeCounts]]
    {
        Dictionary(grouping: legs, by: \.leg.direction).compactMapValues { legs in
            var sums: [QualifiedName: ChangeCounts] = [:]
            for (_, counts) in legs {
                guard let counts else { return nil }
                sums.merge(counts, uniquingKeysWith: +)
            }
            return sums
        }
    }
}
