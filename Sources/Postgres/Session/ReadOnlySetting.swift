import Records

/// The setting `default_transaction_read_only` of a database.
package struct ReadOnlySetting: Sendable, Equatable {
    package let database: String
    /// Whether the role may change it.
    package let mayAlter: Bool
    /// The database's own value; nil if it has none.
    package let value: String?
}

extension PostgresConnection {
    /// Reads the setting of the session's database; nil if the catalog has no such database.
    package func readOnlySetting() throws(PostgresError) -> ReadOnlySetting? {
        let found = try query(
            file: PackageResources.read_read_only_setting_sql, doing: "read the database's settings")
        guard let row = found.rows.first, let name = row[0] else { return nil }
        return ReadOnlySetting(database: name, mayAlter: row[1] == "t", value: row[2])
    }
}
