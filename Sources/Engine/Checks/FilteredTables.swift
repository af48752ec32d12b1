import Records

/// The tables of which row-level security hides rows from the role. Hidden rows would not be copied, updated
/// or compared.
package struct FilteredTables: Sendable, Equatable {
    package let names: [QualifiedName]
    package let user: String

    package init(names: [QualifiedName], user: String) {
        self.names = names
        self.user = user
    }

    package var remedy: String {
        "alter role \(quoteIdentifier(user)) bypassrls, or migrate as a role that the policies do not bind"
    }

    /// Returns the refusal; nil if the role sees all rows.
    package func error(on side: Side) -> RequestRefused? {
        guard !names.isEmpty else { return nil }
        return RequestRefused(
            "row-level security on the \(side.rawValue) hides rows of \(names.listed(max: 5)) from role "
                + "\(user): \(remedy)"
        )
    }
}
