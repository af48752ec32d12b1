import Engine
import Postgres
import Records

extension RoleContext {
    /// Connects for writing rows of the migrated tables.
    ///
    /// If a constraint or a trigger of the tables depends on settings, the session has the database's own
    /// settings, as the application has: under ours it would refuse rows that the origin accepted. This is
    /// checked at each start, because somebody may have added one.
    ///
    /// - Parameter known: the settings of a session that writes the same tables; nil to find them out
    func connectWriter(_ side: Side, as name: String, like known: SessionSettings? = nil) throws
        -> PostgresConnection
    {
        if let known {
            let connection = try connect(side, as: name, settings: known)
            if known == .writingUnderOwnSettings { try connection.takeSettingsOfDatabase() }
            return connection
        }
        let pinned = try connect(side, as: name, settings: .writing)
        let dependents = try pinned.settingDependents(inSchemas: try record().schemas)
        guard !dependents.isEmpty else { return pinned }
        let own = try connect(side, as: name, settings: .writingUnderOwnSettings)
        try own.takeSettingsOfDatabase()
        if settingsNotice.isFirst(of: side) {
            log(
                .info, name,
                "rows are written to the \(side.rawValue) under the database's own settings, TimeZone and "
                    + "search_path among them, because these depend on settings: "
                    + "\(dependents.listed(max: SettingsNotice.namesMax))")
        }
        return own
    }
}
