import Journal
import Records

/// The counts by table of legs that have ended, so that reports need neither database nor log.
enum LegCounts {
    static func key(leg: Int, exported: Bool) -> String {
        "counts.leg\(leg).\(exported ? "exported" : "imported")"
    }

    static func keep(_ counts: [String: ChangeCounts], leg: Int, exported: Bool, journal: Journal) throws {
        try journal.update([String: ChangeCounts].self, key: key(leg: leg, exported: exported), initial: [:])
        {
            $0 = counts
        }
    }

    static func read(leg: Int, exported: Bool, journal: Journal) throws -> [String: ChangeCounts]? {
        try journal.document([String: ChangeCounts].self, key: key(leg: leg, exported: exported))
    }
}
