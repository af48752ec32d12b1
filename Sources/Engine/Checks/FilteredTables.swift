import Postgres
import Records

/// The tables of which row-level security hides rows from the role. Hidden rows would not be copied, updated
/// or compared.
struct FilteredTables: Equatable {
    let names: [QualifiedName]
    let user: String

    var remedy: String {
        "alter role \(quoteIdentifier(user)) bypassrls, or migrate as a role that the policies do not bind"
    }

    /// Returns the refusal; nil if the role sees all rows.
    func error(on side: Side) -> RequestRefused? {
        guard !names.isEmpty else { return nil }
        return RequestRefused(
            "row-level security on the \(side.rawValue) hides rows of \(names.listed(max: 5)) from role "
                + "\(user): \(remedy)"
        )
    }
}

extension FilteredTables {
    init(_ connection: borrowing PostgresConnection, _ tables: [Table]) throws {
        self.init(names: try connection.filteredTables(among: tables), user: connection.user)
    }
}
