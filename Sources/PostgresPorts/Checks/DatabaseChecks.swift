import Engine
import Journal
import Postgres
import Records

/// The checks of a database before the start. Each names what is wrong and the SQL that mends it.
///
/// Facts are read first. Values without a connection judge them: `SourceChecks`, `TargetChecks` and so on.
enum DatabaseChecks {
    /// Runs all checks of one side; a connection that fails is a check that fails.
    static func run(_ side: Side, _ context: RoleContext, forFallBack: Bool) throws -> [CheckResult] {
        let record = try context.record()
        let connection: PostgresConnection
        do { connection = try context.connect(side, as: "check") } catch {
            return [
                CheckResult(
                    side: side, name: "connection", state: .failure, found: "\(error)",
                    wanted: "a connection",
                    remedy: "mend host, port, database, user or password and check again")
            ]
        }
        var results = [
            CheckResult(
                side: side, name: "connection", state: .ok,
                found: "\(connection.place), server \(versionText(connection))")
        ]
        // Only the origin of a stream needs to stream. The target is one after the cutover.
        let isStreamed = side == .source || forFallBack
        // Rows are written to the target first, and to the source in the fall-back.
        let isWritten = side == .target || forFallBack
        results.append(
            version(
                side, yugabyte: try connection.yugabyteVersion(), number: connection.serverVersion,
                text: versionText(connection), isStreamed: isStreamed))
        results += encoding(side, connection, context, forFallBack: forFallBack)
        if isStreamed { results += ReplicationChecks.run(side, try ReplicationFacts(connection)) }
        switch side {
        case .source:
            results += SourceChecks.run(
                try SourceFacts(connection, record, forFallBack: forFallBack),
                judgesLists: record.legs.isEmpty)
        case .target:
            let facts = try TargetFacts(
                connection, record, migrated: try migrated(context, record, asksSource: forFallBack),
                forFallBack: forFallBack)
            results += TargetChecks.run(
                facts, excluded: record.excludedTableGlobs, forFallBack: forFallBack,
                hasBegun: !record.legs.isEmpty)
            results += try settings(connection, record.schemas, context)
        }
        if isWritten {
            results += try lookups(side, connection, record, origin: origin(of: side, context))
            results += WriteChecks.run(side, try WriteFacts(connection, record))
        }
        return results
    }

    /// Returns the tables that are or will be migrated; empty if that is unknown.
    private static func migrated(_ context: RoleContext, _ record: MigrationRecord, asksSource: Bool) throws
        -> [QualifiedName]
    {
        let known = try context.journal.tables().map(\.table.name)
        guard known.isEmpty, asksSource, context.has(.source) else { return known }
        // The source's own check reports that it cannot be reached.
        let source: PostgresConnection
        do { source = try context.connect(.source, as: "check") } catch { return [] }
        return try ChoiceChecks.chosen(source, record).map(\.name)
    }

    /// Returns the tables of the other side, if they are known: those of the source, once the export has
    /// begun.
    static func origin(of side: Side, _ context: RoleContext) throws -> [Table] {
        switch side {
        case .source: []
        case .target: try context.journal.tables().map(\.table)
        }
    }

    private static func versionText(_ connection: borrowing PostgresConnection) -> String {
        connection.parameterStatus("server_version") ?? String(connection.serverVersion)
    }

    /// The first server version with logical replication, as libpq numbers it.
    private static let serverVersionMin = 100_000

    static func version(
        _ side: Side, yugabyte: YugabyteVersion?, number: Int, text: String, isStreamed: Bool
    ) -> CheckResult {
        if let yugabyte { return YugabyteChecks.version(side, yugabyte, isStreamed: isStreamed) }
        let isEnough = number >= serverVersionMin
        return CheckResult(
            side: side, name: "server version", state: isEnough ? .ok : .failure, found: text,
            wanted: "10 or later",
            remedy: isEnough ? "" : "upgrade the server; logical replication begins with version 10")
    }
}
