extension PostgresConnection {
    /// The constraints, triggers and other expressions that a written row of the tables evaluates and that may read parameters of
    /// the session, each in a few words; see the query.
    package func settingDependents(inSchemas schemas: [String]) throws(PostgresError) -> [String] {
        try query(
            file: PackageResources.list_setting_dependents_sql, [Self.textArray(schemas)],
            doing: "look for constraints that depend on settings"
        ).rows.compactMap { $0[0] }
    }

    /// The values in this session of the parameters that constraints may read, where the server has them.
    package func settingsReadByConstraints() throws(PostgresError) -> [String: String] {
        let found = try query(
            "select n.name, pg_catalog.current_setting(n.name, true) from pg_catalog.unnest($1::pg_catalog.text[]) n(name)",
            [Self.textArray(SessionSettings.readByConstraints)], doing: "read the settings of the database")
        var values: [String: String] = [:]
        for row in found.rows { if let name = row[0], let value = row[1] { values[name] = value } }
        return values
    }

    /// Sets what `ALTER DATABASE … SET` says of the parameters that constraints may read: settings of the migration's own role
    /// would stand before it.
    package func takeSettingsOfDatabase() throws(PostgresError) {
        try query(
            file: PackageResources.take_settings_of_database_sql,
            [Self.textArray(SessionSettings.readByConstraints.map { $0.lowercased() })],
            doing: "take the settings of the database")
    }
}
