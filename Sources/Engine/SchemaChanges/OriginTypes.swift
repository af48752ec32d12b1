import Journal
import Records

/// The names of the origin's own types by their numbers, as the stream tells them.
enum OriginTypes {
    static func key(_ leg: Leg) -> String { "types_\(leg.number)" }

    static func names(_ journal: Journal, leg: Leg) throws -> [UInt32: String] {
        try journal.document([UInt32: String].self, key: key(leg)) ?? [:]
    }

    /// The types of the origin's columns when the migration began, by table and column.
    static func atStart(_ journal: Journal) throws -> [QualifiedName: [Identifier: String]] {
        Dictionary(
            try journal.tables().map { stored in
                (
                    stored.table.name,
                    Dictionary(
                        stored.table.sentColumns.map { ($0.name, $0.typeName) },
                        uniquingKeysWith: { first, _ in first })
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}
