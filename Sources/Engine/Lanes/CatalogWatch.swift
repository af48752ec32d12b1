import Postgres
import Records

/// Looks now and then whether the destination's unique indexes are still those a plan was made for.
///
/// An index that comes does no harm by itself: lanes that meet in it are refused, and what was refused is applied in
/// order. But from then on its table is better off in one lane.
final class CatalogWatch {
    private let connection: PostgresConnection
    private let schemas: [String]
    private let tablesOfOneKey: Set<QualifiedName>
    private var lookedAt: Double

    private static let lookSeconds = 5.0

    init(_ connection: consuming PostgresConnection, schemas: [String], _ tablesOfOneKey: Set<QualifiedName>)
    {
        self.connection = connection
        self.schemas = schemas
        self.tablesOfOneKey = tablesOfOneKey
        lookedAt = secondsNow()
    }

    /// Looks where it is time to.
    func seesChange() throws -> Bool {
        guard secondsNow() - lookedAt > Self.lookSeconds else { return false }
        lookedAt = secondsNow()
        return try connection.tablesOfOneKey(inSchemas: schemas) != tablesOfOneKey
    }
}
