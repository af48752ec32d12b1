import Postgres

extension PostgresConnection {
    /// A session of a test: it prints values in one form, no fence holds for it, and names mean what the database's search path
    /// says.
    package init(_ access: DatabaseAccess, applicationName: String) throws(PostgresError) {
        try self.init(access, applicationName: applicationName, settings: .schemaImport)
    }
}
