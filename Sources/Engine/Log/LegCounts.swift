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

    private static func baselineKey(_ leg: Int) -> String { "counts.leg\(leg).baseline" }

    /// Keeps what a leg's destination has counted before the leg: the counts of the earlier legs of its
    /// direction. So they are known even if the end of an earlier leg was not kept.
    static func keepBaseline(
        _ counted: [QualifiedName: ChangeCounts], of leg: Leg, _ legs: [Leg], _ journal: Journal
    ) throws {
        // Whoever applied the last leg may have died before it kept its counts.
        let last = legs.last { $0.direction == leg.direction && $0.number < leg.number }
        if let last { try keepEnded(last, legs, counted: counted, journal) }
        try journal.update(
            [QualifiedName: ChangeCounts].self, key: baselineKey(leg.number), initial: [:]
        ) { $0 = counted }
    }

    /// Returns what was kept by `keepBaseline`. For a leg of an earlier version, which has none, it is the
    /// sum of what the earlier legs have kept at their end.
    static func baseline(of leg: Leg, _ legs: [Leg], _ journal: Journal) throws -> [QualifiedName:
        ChangeCounts]
    {
        try journal.document([QualifiedName: ChangeCounts].self, key: baselineKey(leg.number))
            ?? earlier(than: leg, legs, journal)
    }

    /// Keeps what a leg that has ended has applied, if its apply did not.
    ///
    /// - Parameter counted: what the destination has counted; nothing of a later leg is applied there
    static func keepEnded(
        _ leg: Leg, _ legs: [Leg], counted: [QualifiedName: ChangeCounts], _ journal: Journal
    ) throws {
        guard try read(leg: leg.number, exported: false, journal: journal) == nil else { return }
        let before = try baseline(of: leg, legs, journal)
        try keep(counted.without(before), leg: leg.number, exported: false, journal: journal)
    }

    /// Sums what the earlier legs of a leg's direction have applied.
    private static func earlier(than leg: Leg, _ legs: [Leg], _ journal: Journal) throws -> [QualifiedName:
        ChangeCounts]
    {
        var sums: [QualifiedName: ChangeCounts] = [:]
        for other in legs where other.direction == leg.direction && other.number < leg.number {
            let counts = try read(leg: other.number, exported: false, journal: journal) ?? [:]
            sums.merge(counts, uniquingKeysWith: +)
        }
        return sums
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

extension ChangeCounts {
    /// The counts without others that are contained in them.
    func without(_ others: ChangeCounts) -> ChangeCounts {
        var rest = self
        rest.inserts = max(0, inserts - others.inserts)
        rest.updates = max(0, updates - others.updates)
        rest.deletes = max(0, deletes - others.deletes)
        return rest
    }
}

extension [QualifiedName: ChangeCounts] {
    func without(_ others: [QualifiedName: ChangeCounts]) -> [QualifiedName: ChangeCounts] {
        guard !others.isEmpty else { return self }
        return Dictionary(
            uniqueKeysWithValues: map { ($0.key, $0.value.without(others[$0.key] ?? .zero)) })
    }
}
