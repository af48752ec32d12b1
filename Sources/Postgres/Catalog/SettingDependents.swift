extension PostgresConnection {
    /// Lists the constraints, triggers and other expressions that are evaluated for a written row and may
    /// read session parameters, each in a few words; see the query.
    package func settingDependents(inSchemas schemas: [String]) throws(PostgresError) -> [String] {
        try query(
            file: PackageResources.list_setting_dependents_sql, [Self.textArray(schemas)],
            doing: "search for constraints that depend on settings"
        ).rows.compactMap { $0[0] }
    }

    /// Reads this session's values of the parameters that constraints may read and that the server has.
    package func settingsReadByConstraints() throws(PostgresError) -> [String: String] {
        let found = try query(
            "select n.name, pg_catalog.current_setting(n.name, true) from "
                + "pg_catalog.unnest($1::pg_catalog.text[]) n(name)",
            [Self.textArray(SessionSettings.readByConstraints)], doing: "read the settings of the database")
        var values: [String: String] = [:]
        for row in found.rows { if let name = row[0], let value = row[1] { values[name] = value } }
        return values
    }

    /// Sets the parameters that constraints may read to the values of `ALTER DATABASE … SET`. Without this,
    /// settings of the migration's own role would take precedence.
    package func takeSettingsOfDatabase() throws(PostgresError) {
        try query(
            file: PackageResources.take_settings_of_database_sql,
            [Self.textArray(SessionSettings.readByConstraints.map { $0.lowercased() })],
            doing: "take the settings of the database")
    }
}
