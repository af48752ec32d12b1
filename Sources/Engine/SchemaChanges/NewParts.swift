import Journal
import Records

/// What would make the partitions that came to be on the origin, by their root.
enum NewParts {
    static func key(_ leg: Leg) -> String { "new_parts_\(leg.number)" }

    /// The statements for one root; nil where it has none.
    static func statements(_ journal: Journal, leg: Leg, root: QualifiedName) throws -> [String]? {
        try journal.document([String: [String]].self, key: key(leg))?[root.description]
    }
}
