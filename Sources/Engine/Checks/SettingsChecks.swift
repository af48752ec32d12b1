import Postgres
import Records

/// Whether the databases agree in the parameters that constraints of the tables may read. No dump of a schema carries what
/// `ALTER DATABASE … SET` says, and a row that the source took may be refused on the target.
enum SettingsChecks {
    /// The dependents that the message names.
    private static let namesMax = 3

    /// - Parameters:
    ///   - dependents: what depends on settings, on either side
    ///   - source: the database's own values by parameter
    ///   - target: the same of the other database, whose name is `database`
    static func run(
        dependents: [String], source: [String: String], target: [String: String], database: String
    ) -> [CheckResult] {
        guard let first = dependents.first else { return [] }
        let different = source.keys.sorted().filter { name in
            target[name] != nil && target[name] != source[name]
        }
        guard !different.isEmpty else { return [] }
        let named = dependents.count == 1 ? first : dependents.prefix(namesMax).joined(separator: ", ")
        return [
            CheckResult(
                side: .target, name: "settings that constraints read", state: .warning,
                found: different.map { "\($0) \(quoteLiteral(target[$0] ?? ""))" }.joined(separator: ", "),
                wanted: "the source's values, for these depend on settings: \(named)",
                remedy: different.map { statement($0, source[$0] ?? "", database) }.joined(separator: "; "))
        ]
    }

    private static func statement(_ parameter: String, _ value: String, _ database: String) -> String {
        // A search path is a list of names: one literal of all would be one name.
        let written = parameter == "search_path" && !value.isEmpty ? value : quoteLiteral(value)
        return "alter database \(quoteIdentifier(database)) set \(parameter) = \(written)"
    }
}

extension DatabaseChecks {
    /// Empty where this process has no way to the source.
    static func settings(_ target: borrowing PostgresConnection, _ schemas: [String], _ context: RoleContext)
        throws
        -> [CheckResult]
    {
        guard context.has(.source) else { return [] }
        let source: PostgresConnection
        // The check of the source says why it cannot be reached.
        do { source = try context.connect(.source, as: "check") } catch { return [] }
        let dependents = try Set(
            target.settingDependents(inSchemas: schemas) + source.settingDependents(inSchemas: schemas))
        guard !dependents.isEmpty else { return [] }
        return SettingsChecks.run(
            dependents: dependents.sorted(), source: try ownSettings(.source, context),
            target: try ownSettings(.target, context),
            database: try context.access(.target).parameters.database)
    }

    private static func ownSettings(_ side: Side, _ context: RoleContext) throws -> [String: String] {
        let connection = try context.connectWriter(side, as: "check", like: .writingUnderOwnSettings)
        return try connection.settingsReadByConstraints()
    }
}
