import Journal
import Records

/// The names of the types that are the origin's own.
enum OriginTypes {
    /// The key in the journal of the names by OID, as the stream announced them.
    static func key(_ leg: Leg) -> String { "types_\(leg.number)" }

    /// Returns the names by OID.
    static func names(_ journal: Journal, leg: Leg) throws -> [UInt32: String] {
        try journal.document([UInt32: String].self, key: key(leg)) ?? [:]
    }

    /// Returns the types of the source's columns when the migration began, by table and column.
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
