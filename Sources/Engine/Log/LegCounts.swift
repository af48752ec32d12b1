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
}
