import Postgres

/// A database's catalog as lines: objects of the shop, and everything that a migration added.
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

    /// Returns what was added and what is missing, each as a sentence about `place`.
    func changes(since before: CatalogDescription, at place: String) -> [String] {
        let (then, now) = (Set(before.lines), Set(lines))
        return now.subtracting(then).sorted().map { "left behind at the \(place): \($0)" }
            + then.subtracting(now).sorted().map { "missing at the \(place): \($0)" }
    }
}

/// Returns the server's text form of an array of texts.
func arrayLiteral(_ texts: [String]) -> String {
    let quoted = texts.map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
    return "{" + quoted.joined(separator: ",") + "}"
}
