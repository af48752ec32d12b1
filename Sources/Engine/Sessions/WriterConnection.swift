import Postgres
import Records
import Synchronization

extension RoleContext {
    /// A session that writes rows of the migrated tables.
    ///
    /// A constraint or a trigger of the tables that depends on settings is evaluated under the database's own, as for the
    /// application; under ours it would refuse rows that the origin took. Looked at again for each new start: somebody may have added
    /// one.
    ///
    /// - Parameter known: the settings of a session that writes the same tables, whose look serves for this one
    func connectWriter(_ side: Side, as role: String, like known: SessionSettings? = nil) throws
        -> PostgresConnection
    {
        if let known {
            let connection = try connect(side, as: role, settings: known)
            if known == .writingUnderOwnSettings { try connection.takeSettingsOfDatabase() }
            return connection
        }
        let pinned = try connect(side, as: role, settings: .writing)
        let dependents = try pinned.settingDependents(inSchemas: try record().schemas)
        guard !dependents.isEmpty else { return pinned }
        let own = try connect(side, as: role, settings: .writingUnderOwnSettings)
        try own.takeSettingsOfDatabase()
        if settingsNotice.isFirst(of: side) {
            let named = dependents.prefix(SettingsNotice.namesMax).joined(separator: ", ")
            let further = dependents.count - SettingsNotice.namesMax
            log(
                .info, role,
                "rows are written to the \(side.rawValue) under the database's own settings, TimeZone and search_path among them, "
                    + "because these depend on settings: \(named)"
                    + (further > 0 ? " and \(further) more" : ""))
        }
        return own
    }
}

/// Whether this process has said that a database's own settings are used.
final class SettingsNotice: Sendable {
    /// The dependents that the message names.
    static let namesMax = 5
    private let said = Mutex<Set<Side>>([])

    func isFirst(of side: Side) -> Bool { said.withLock { $0.insert(side).inserted } }
}
