extension PostgresConnection {
    /// The constraints, triggers and other expressions that a written row of the tables evaluates and that may read parameters of
    /// the session, each in a few words; see the query.
    package func settingDependents(inSchemas schemas: [String]) throws(PostgresError) -> [String] {
        try query(
            file: PackageResources.list_setting_dependents_sql, [Self.textArray(schemas)],
            doing: "look for constraints that depend on settings"
        ).rows.compactMap { $0[0] }
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
