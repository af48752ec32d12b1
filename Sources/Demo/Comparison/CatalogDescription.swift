import Postgres

/// What stands in a database's catalog, line by line: the shop's own, and whatever a migration has put there.
struct CatalogDescription: Sendable, Equatable {
    let lines: [String]

    /// Blocks for one query.
    init(_ access: DatabaseAccess, schemas: [String]) throws {
        let session = try PostgresConnection(
            access, applicationName: "switchback demo comparison", settings: .reading)
        let found = try session.query(
            Shop.text(PackageResources.describe_catalog_sql), [arrayLiteral(schemas)],
            doing: "describe the catalog")
        lines = found.rows.compactMap { $0[0] }
    }

    /// What is there now and was not before, and the other way round, each as a sentence about `place`.
    func changes(since before: CatalogDescription, at place: String) -> [String] {
        let (then, now) = (Set(before.lines), Set(lines))
        return now.subtracting(then).sorted().map { "left behind at the \(place): \($0)" }
            + then.subtracting(now).sorted().map { "missing at the \(place): \($0)" }
    }
}

/// The server's text form of an array of texts.
func arrayLiteral(_ texts: [String]) -> String {
    let quoted = texts.map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
    return "{" + quoted.joined(separator: ",") + "}"
}
