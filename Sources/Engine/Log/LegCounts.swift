import Journal
import Records

/// The counts by table of legs that have ended, so that reports need neither database nor log.
enum LegCounts {
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
