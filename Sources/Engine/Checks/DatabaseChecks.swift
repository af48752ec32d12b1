import Journal
import Postgres
import Records

/// The looks at a database before the start. Each names what is wrong and the SQL that mends it.
enum DatabaseChecks {
    /// All checks of one side; a connection that fails is a check that fails.
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
        results.append(try version(side, connection, isStreamed: side == .source || forFallBack))
        results += encoding(side, connection, context, forFallBack: forFallBack)
        // The origin of a stream needs all of this; the target only for the way back.
        if side == .source || forFallBack { results += try replication(side, connection) }
        switch side {
        case .source: results += try source(connection, record, forFallBack: forFallBack)
        case .target:
            results += try target(
                connection, record, migrated: try migrated(context, record, asksSource: forFallBack),
                forFallBack: forFallBack)
            results += try settings(connection, record.schemas, context)
        }
        // The target is written to first, the source on the way back.
        if side == .target || forFallBack {
            results += try lookups(side, connection, record, origin: origin(of: side, context))
        }
        // Sequences are set on the side that takes the application over.
        if side == .target || forFallBack {
            results += try sessions(side, connection, record)
            results += try WriteChecks.run(side, connection, tables: chosen(connection, record))
        }
        return results
    }

    /// The tables of this side that the operator's lists choose.
    private static func chosen(_ connection: borrowing PostgresConnection, _ record: MigrationRecord) throws
        -> [QualifiedName]
    {
        SnapshotPlan.choose(
            try connection.tables(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs
        ).map(\.name)
    }

    /// The tables that are migrated, or will be; empty where that is not known.
    private static func migrated(_ context: RoleContext, _ record: MigrationRecord, asksSource: Bool) throws
        -> [QualifiedName]
    {
        let known = try context.journal.tables().map(\.table.name)
        guard known.isEmpty, asksSource, context.has(.source) else { return known }
        // A source that cannot be reached is told by its own check.
        let source: PostgresConnection
        do { source = try context.connect(.source, as: "check") } catch { return [] }
        return try chosen(source, record)
    }

    /// The tables of the other side, as far as they are known: the source's, once the export has begun.
    static func origin(of side: Side, _ context: RoleContext) throws -> [Table] {
        switch side {
        case .source: []
        case .target: try context.journal.tables().map(\.table)
        }
    }

    /// The failures as one message; nil where there is none.
    static func refusal(_ results: [CheckResult]) -> RequestRefused? {
        let failures = results.filter { $0.state == .failure }
        guard !failures.isEmpty else { return nil }
        return RequestRefused(
            failures.map { failure in
                "\(failure.side.rawValue): \(failure.name): \(failure.found)"
                    + (failure.wanted.isEmpty ? "" : "; wanted: \(failure.wanted)")
                    + (failure.remedy.isEmpty ? "" : "; to mend it: \(failure.remedy)")
            }.joined(separator: "\n"))
    }

    private static func versionText(_ connection: borrowing PostgresConnection) -> String {
        connection.parameterStatus("server_version") ?? String(connection.serverVersion)
    }

    private static func version(
        _ side: Side, _ connection: borrowing PostgresConnection, isStreamed: Bool
    ) throws -> CheckResult {
        if let version = try connection.yugabyteVersion() {
            return YugabyteChecks.version(side, version, isStreamed: isStreamed)
        }
        let major = connection.serverVersion / 10_000
        return CheckResult(
            side: side, name: "server version", state: major >= 10 ? .ok : .failure,
            found: versionText(connection),
            wanted: "10 or later",
            remedy: major >= 10 ? "" : "upgrade the server; logical replication begins with version 10")
    }

    private static func sessions(
        _ side: Side, _ connection: borrowing PostgresConnection, _ record: MigrationRecord
    ) throws -> [CheckResult] {
        let user = quoteIdentifier(connection.user)
        var results: [CheckResult] = []
        if try !connection.seesSessions() {
            results.append(
                CheckResult(
                    side: side, name: "right to see other sessions", state: .warning, found: "missing",
                    wanted: "pg_read_all_stats, to name the sessions that write during a cutover",
                    remedy: "grant pg_read_all_stats to \(user)"))
        }
        let tables = SnapshotPlan.choose(
            try connection.tables(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs)
        let choice = SequenceChoice(
            try connection.sequences(ofTables: tables.map(\.name), inSchemas: record.schemas),
            tablesAreNamed: !record.tableGlobs.isEmpty)
        if let names = try connection.sequencesNotSettable(choice.carried.map(\.name)) {
            results.append(
                CheckResult(
                    side: side, name: "right to set sequences", state: .failure,
                    found: "missing for \(names)",
                    wanted: "UPDATE, to carry them over at a cutover",
                    remedy: "grant update on sequence \(names) to \(user)"))
        }
        return results
    }

    /// Publishing a table without one makes the application's own updates and deletes fail.
    static func identities(
        _ side: Side, _ connection: borrowing PostgresConnection, _ tables: [QualifiedName]
    ) throws -> [CheckResult] {
        try identityLacks(connection, tables).map { lack in
            CheckResult(
                side: side, name: "replica identity of \(lack.name)", state: .failure, found: lack.found,
                wanted: lack.wanted, remedy: lack.remedy)
        }
    }

    private static func target(
        _ connection: borrowing PostgresConnection, _ record: MigrationRecord, migrated: [QualifiedName],
        forFallBack: Bool
    ) throws -> [CheckResult] {
        var results = [try replicaRole(.target, connection)]
        results += try unloggedTables(.target, connection, among: migrated)
        // Before the start it is not known which of the target's tables will be migrated: all that the lists choose, say.
        let known = Set(migrated)
        let tables = SnapshotPlan.choose(
            try connection.tables(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs
        ).filter { known.isEmpty || known.contains($0.name) }
        // An import may be started before the export, whose lists say what is left out; the copy looks again.
        if forFallBack || !record.legs.isEmpty {
            results += refused(
                TableChoice.refusals(of: tables, excluded: record.excludedTableGlobs), .target)
        }
        results += try rowSecurity(.target, connection, tables)
        // From the cutover on the target's changes are streamed.
        if forFallBack {
            results += try identities(.target, connection, tables.map(\.name))
            if let refused = rootsBefore13(.target, tables, serverVersion: connection.serverVersion) {
                results.append(refused)
            } else if try connection.isYugabyteDB(), let warning = YugabyteChecks.roots(tables) {
                results.append(warning)
            }
        }
        if let other = try connection.otherMigration(than: record.uuid) {
            results.append(
                CheckResult(
                    side: .target, name: "other migrations", state: .failure, found: other, wanted: "none",
                    remedy: "end that migration first"))
        }
        return results
    }

    /// Ordinary triggers and foreign keys must not fire for replicated rows.
    static func replicaRole(_ side: Side, _ connection: borrowing PostgresConnection) throws
        -> CheckResult
    {
        do {
            try connection.becomeReplica()
            return CheckResult(
                side: side, name: "right to set session_replication_role", state: .ok, found: "granted")
        } catch {
            guard error.sqlState == "42501" else { throw error }
            return CheckResult(
                side: side, name: "right to set session_replication_role", state: .failure, found: "missing",
                wanted: "SET",
                remedy:
                    "grant set on parameter session_replication_role to \(quoteIdentifier(connection.user))")
        }
    }
}
