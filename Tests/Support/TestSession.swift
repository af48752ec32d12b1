import Postgres
import Records

extension PostgresConnection {
    /// A session of a test: values have one form, no fence applies to it, and names follow the database's
    /// search path.
    package init(_ access: DatabaseAccess, applicationName: String) throws(PostgresError) {
        try self.init(access, applicationName: applicationName, settings: .schemaImport)
    }
}
