import Postgres
import Records

/// Tables of which row-level security hides rows from the role: copied, updated and compared would be the others only.
struct FilteredTables {
    let names: [QualifiedName]
    let user: String

    init(_ connection: borrowing PostgresConnection, _ tables: [Table]) throws {
        names = try connection.filteredTables(among: tables)
        user = connection.user
    }

    var remedy: String {
        "alter role \(quoteIdentifier(user)) bypassrls, or migrate as a role that the policies do not bind"
    }

    /// Nil where all rows are to be seen.
    func error(on side: Side) -> RequestRefused? {
        guard !names.isEmpty else { return nil }
        return RequestRefused(
            "row-level security on the \(side.rawValue) hides rows of \(names.listed(max: 5)) from role \(user): \(remedy)"
        )
    }
}
