import Postgres

/// The objects that a database has now, by their kinds and names.
struct PresentObjects: Sendable {
    private var names: Set<String> = []

    init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
        let rows = try connection.query(
            file: PackageResources.list_present_sql, doing: "list what the target has"
        ).rows
        for row in rows {
            guard let kind = row[0], let name = row[1] else { continue }
            names.insert("\(kind) \(name)")
            // A file may name an object without its schema.
            if let dot = name.firstIndex(of: ".") {
                names.insert("\(kind) \(name[name.index(after: dot)...])")
            }
        }
    }

    /// Whether everything is there that the statement made or altered, as far as that can be said.
    func hasEffect(of statement: SQLStatement) -> Bool {
        StatementSubject.subjects(of: statement).allSatisfy {
            names.contains("\($0.kind.rawValue) \($0.name)")
        }
    }
}
