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
        let found: PostgresConnection
        do { found = try context.connect(side, as: "check") } catch {
            return [
                CheckResult(
                    side: side, name: "connection", state: .failure, found: "\(error)",
                    wanted: "a connection",
                    remedy: "mend host, port, database, user or password and check again")
            ]
        }
        return try run(side, found, context, forFallBack: forFallBack)
    }

    private static func run(
        _ side: Side, _ connection: borrowing PostgresConnection, _ context: RoleContext, forFallBack: Bool
    ) throws -> [CheckResult] {
        let record = try context.record()
        var results = [
            CheckResult(
                side: side, name: "connection", state: .ok,
                found: "\(connection.place), server \(versionText(connection))")
        ]
        // Only the origin of a stream needs to stream. The target is one after the cutover.
        let isStreamed = side == .source || forFallBack
        // Rows are written to the target first, and to the source in the fall-back.
        let isWritten = side == .target || forFallBack
        results += versions(
            side, yugabyte: try connection.yugabyteVersion(), number: connection.serverVersion,
            text: versionText(connection), isStreamed: isStreamed)
        results += encoding(side, connection, context, forFallBack: forFallBack)
        if isStreamed {
            results += try group("replication", on: side) {
                ReplicationChecks.run(side, try ReplicationFacts(connection))
            }
        }
        switch side {
        case .source:
            results += try group("tables of the source", on: side) {
                SourceChecks.run(
                    try SourceFacts(connection, record, forFallBack: forFallBack),
                    judgesLists: record.legs.isEmpty)
            }
        case .target:
            results += try group("tables of the target", on: side) {
                let facts = try TargetFacts(
                    connection, record, migrated: try migrated(context, record, asksSource: forFallBack),
                    forFallBack: forFallBack)
                return TargetChecks.run(
                    facts, excluded: record.excludedTableGlobs, forFallBack: forFallBack,
                    hasBegun: !record.legs.isEmpty)
            }
            results += try group("settings that constraints read", on: side) {
                try settings(connection, record.schemas, context)
            }
        }
        if isWritten {
            results += try group("lookup of rows", on: side) {
                try lookups(side, connection, record, origin: origin(of: side, context))
            }
            results += try group("rights to write", on: side) {
                WriteChecks.run(side, try WriteFacts(connection, record))
            }
        }
        return results
    }

    /// Runs a group of checks. If the server refuses to tell their facts, for a right that the role lacks,
    /// that is one failed check, and the others are made all the same.
    private static func group(_ name: String, on side: Side, _ checks: () throws -> [CheckResult]) throws
        -> [CheckResult]
    {
        do { return try checks() } catch let error as PostgresError where error.refusesStatement {
            return [
                CheckResult(
                    side: side, name: name, state: .failure, found: "not checked: \(error)",
                    wanted: "the right to read it", remedy: error.hint ?? "grant what the error names")
            ]
        }
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

    static func versions(
        _ side: Side, yugabyte: YugabyteVersion?, number: Int, text: String, isStreamed: Bool
    ) -> [CheckResult] {
        if let yugabyte { return YugabyteChecks.versions(side, yugabyte, isStreamed: isStreamed) }
        let isEnough = number >= serverVersionMin
        return [
            CheckResult(
                side: side, name: "server version", state: isEnough ? .ok : .failure, found: text,
                wanted: "10 or later",
                remedy: isEnough ? "" : "upgrade the server; logical replication begins with version 10")
        ]
    }
}
