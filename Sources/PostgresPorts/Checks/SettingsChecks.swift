import Engine
import Postgres
import Records

/// The check that the databases have the same values of the parameters that constraints may read. No dump of
/// a schema carries `ALTER DATABASE … SET`. The target may therefore refuse a row that the source took.
enum SettingsChecks {
    /// The most dependents that the message names.
    private static let namesMax = 3

    /// - Parameters:
    ///   - dependents: the objects that depend on settings, on either side
    ///   - source: the source's own values by parameter
    ///   - target: those of the target, whose name is `database`
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
                wanted: "the source's values, because these depend on settings: \(named)",
                remedy: different.map { statement($0, source[$0] ?? "", database) }.joined(separator: "; "))
        ]
    }

    private static func statement(_ parameter: String, _ value: String, _ database: String) -> String {
        // A search path is a list of names; one literal would be one name.
        let written = parameter == "search_path" && !value.isEmpty ? value : quoteLiteral(value)
        return "alter database \(quoteIdentifier(database)) set \(parameter) = \(written)"
    }
}

extension DatabaseChecks {
    /// Compares the settings of both databases; returns nothing if this process cannot reach the source.
    static func settings(_ target: borrowing PostgresConnection, _ schemas: [String], _ context: RoleContext)
        throws
        -> [CheckResult]
    {
        guard context.has(.source) else { return [] }
        let source: PostgresConnection
        // The source's own check says why it cannot be reached.
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
