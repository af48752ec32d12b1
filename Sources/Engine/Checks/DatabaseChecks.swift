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
        // The origin of a stream needs all of this; the target only for the way back.
        if side == .source || forFallBack { results += try replication(side, connection) }
        switch side {
        case .source: results += try source(connection, record, forFallBack: forFallBack)
        case .target: results += try target(connection, record, forFallBack: forFallBack)
        }
        // Sequences are set on the side that takes the application over.
        if side == .target || forFallBack { results += try sessions(side, connection, record) }
        return results
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
        let facts = try connection.sessionRights(inSchemas: record.schemas)
        let user = quoteIdentifier(connection.user)
        var results: [CheckResult] = []
        if !facts.seesSessions {
            results.append(
                CheckResult(
                    side: side, name: "right to see other sessions", state: .warning, found: "missing",
                    wanted: "pg_read_all_stats, to name the sessions that write during a cutover",
                    remedy: "grant pg_read_all_stats to \(user)"))
        }
        if let names = facts.sequencesNotSettable {
            results.append(
                CheckResult(
                    side: side, name: "right to set sequences", state: .failure,
                    found: "missing for \(names)",
                    wanted: "UPDATE, to carry them over at a cutover",
                    remedy: "grant update on sequence \(names) to \(user)"))
        }
        return results
    }

    private static func replication(_ side: Side, _ connection: borrowing PostgresConnection) throws
        -> [CheckResult]
    {
        let facts = try connection.query(
            "select current_setting('wal_level'), current_setting('max_replication_slots')::int - "
                + "(select count(*) from pg_catalog.pg_replication_slots), current_setting('max_wal_senders')::int - "
                + "(select count(*) from pg_catalog.pg_stat_replication), r.rolreplication or r.rolsuper or exists (select "
                + "from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid where m.member = r.oid "
                + "and g.rolname = 'rds_replication'), has_database_privilege(current_database(), 'create'), current_database() "
                + "from pg_catalog.pg_roles r where r.rolname = current_user",
            doing: "read the replication settings")
        let row = facts.rows.first ?? []
        let user = quoteIdentifier(connection.user)
        func check(_ name: String, _ ok: Bool, _ found: String, _ wanted: String, _ remedy: String)
            -> CheckResult
        {
            CheckResult(
                side: side, name: name, state: ok ? .ok : .failure, found: found, wanted: wanted,
                remedy: ok ? "" : remedy)
        }
        let slots = row[1].flatMap { Int($0) } ?? 0
        let senders = row[2].flatMap { Int($0) } ?? 0
        // YugabyteDB streams from its tablets, and has no use for the settings of a log.
        let settings =
            try connection.isYugabyteDB()
            ? []
            : [
                check(
                    "wal_level", row[0] == "logical", row[0] ?? "", "logical",
                    "alter system set wal_level = logical; then restart the server (RDS: rds.logical_replication = 1)"
                ),
                check(
                    "free WAL senders", senders >= 2, "\(senders)", "2",
                    "alter system set max_wal_senders = \(10 + 2); then restart the server"),
            ]
        return try othersSubscribers(side, connection) + settings + [
            check(
                "free replication slots", slots >= 2, "\(slots)", "2",
                "alter system set max_replication_slots = \(10 + 2); then restart the server"),
            check(
                "right to replicate", row[3] == "t", row[3] == "t" ? "granted" : "missing", "REPLICATION",
                "alter role \(user) replication; (RDS: grant rds_replication to \(user))"),
            check(
                "right to create a publication", row[4] == "t", row[4] == "t" ? "granted" : "missing",
                "CREATE on the database",
                "grant create on database \(quoteIdentifier(row[5] ?? "")) to \(user)"),
        ]
    }

    /// Rows of ours in a table of our own would reach subscribers who take all tables, and have none of that name.
    private static func othersSubscribers(_ side: Side, _ connection: borrowing PostgresConnection) throws
        -> [CheckResult]
    {
        guard try !connection.carriesMessages() else { return [] }
        let publications = try connection.query(
            "select string_agg(quote_ident(pubname), ', ') from pg_catalog.pg_publication where puballtables",
            doing: "look for publications of all tables")
        guard let names = publications.scalar else { return [] }
        return [
            CheckResult(
                side: side, name: "publications of all tables", state: .warning, found: names,
                wanted:
                    "none: barriers are rows here, and whoever subscribes to one of these needs the table \(Barrier.table)",
                remedy:
                    "grant execute on pg_logical_emit_message to \(quoteIdentifier(connection.user)) where the server is 14 or "
                    + "later, or make that table for those subscribers")
        ]
    }

    private static func source(
        _ connection: borrowing PostgresConnection, _ record: MigrationRecord, forFallBack: Bool
    ) throws -> [CheckResult] {
        var results: [CheckResult] = []
        let user = quoteIdentifier(connection.user)
        for schema in record.schemas {
            let there = try connection.query(
                "select to_regnamespace($1) is not null", [quoteIdentifier(schema)],
                doing: "look for schema \(schema)")
            if there.scalar != "t" {
                results.append(
                    CheckResult(
                        side: .source, name: "schema \(schema)", state: .failure, found: "not there",
                        wanted: "a schema",
                        remedy: "name the schemas as the catalog spells them"))
            }
        }
        let tables = SnapshotPlan.choose(
            try connection.tables(inSchemas: record.schemas), globs: record.tableGlobs,
            excluded: record.excludedTableGlobs)
        // Where a schema is not there, that is the one thing to say.
        if results.isEmpty || !tables.isEmpty {
            results.append(
                CheckResult(
                    side: .source, name: "tables", state: tables.isEmpty ? .failure : .ok,
                    found: "\(tables.count)",
                    wanted: tables.isEmpty ? "at least one" : "",
                    remedy: tables.isEmpty ? "name other schemas" : ""))
        }
        if let refused = rootsBefore13(.source, tables, serverVersion: connection.serverVersion) {
            results.append(refused)
        }
        results += try identities(.source, connection, tables.map(\.name))
        let rights = try connection.query(
            "select n.nspname, c.relname, has_table_privilege(c.oid, 'select'), pg_catalog.pg_has_role(c.relowner, 'usage') "
                + "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
                + "where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p') and c.relpersistence = 'p'",
            [PostgresConnection.textArray(record.schemas)], doing: "read the rights on the tables")
        let chosen = Set(tables.map(\.name))
        for row in rights.rows {
            let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
            guard chosen.contains(name) else { continue }
            if row[2] != "t" {
                results.append(
                    CheckResult(
                        side: .source, name: "right to read \(name)", state: .failure, found: "missing",
                        wanted: "SELECT",
                        remedy: "grant select on \(name.quoted) to \(user)"))
            }
            if row[3] != "t" {
                results.append(
                    CheckResult(
                        side: .source, name: "ownership of \(name)", state: .failure, found: "another role's",
                        wanted: "the owner's role, to publish it", remedy: "grant the owner's role to \(user)"
                    ))
            }
        }
        if forFallBack { results.append(try replicaRole(.source, connection)) }
        let skipped = try connection.query(
            "select string_agg(format('%I.%I', n.nspname, c.relname), ', ') from pg_catalog.pg_class c "
                + "join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = any ($1::text[]) "
                + "and (c.relkind = 'r' and c.relpersistence = 'u' or c.relkind = 'f')",
            [PostgresConnection.textArray(record.schemas)], doing: "look for tables that cannot be streamed")
        if let names = skipped.scalar {
            results.append(
                CheckResult(
                    side: .source, name: "unlogged and foreign tables", state: .warning, found: names,
                    wanted: "nothing: they are not migrated",
                    remedy: "copy their rows by hand after the cutover"))
        }
        let objects = try connection.query(
            "select count(*) from pg_catalog.pg_largeobject_metadata", doing: "count the large objects")
        if objects.scalar != "0" {
            results.append(
                CheckResult(
                    side: .source, name: "large objects", state: .warning, found: objects.scalar ?? "",
                    wanted: "none: logical replication does not carry them",
                    remedy: "move them by hand, or into bytea columns"))
        }
        return results
    }

    /// Servers before 13 publish partitions, and none of them under its root.
    static func rootsBefore13(_ side: Side, _ tables: [Table], serverVersion: Int) -> CheckResult? {
        let roots = tables.filter(\.isPartitioned).map(\.name.description).sorted()
        guard serverVersion < 130_000, !roots.isEmpty else { return nil }
        return CheckResult(
            side: side, name: "partitioned tables", state: .failure, found: roots.joined(separator: ", "),
            wanted: "none: a server before 13 does not publish them",
            remedy:
                "leave them out with --exclude-table-list and move them by other means, or upgrade the server to 13 first"
        )
    }

    /// Publishing a table without one makes the application's own updates and deletes fail.
    private static func identities(
        _ side: Side, _ connection: borrowing PostgresConnection, _ tables: [QualifiedName]
    ) throws -> [CheckResult] {
        try identityLacks(connection, tables).map { lack in
            CheckResult(
                side: side, name: "replica identity of \(lack.name)", state: .failure, found: lack.found,
                wanted: "a primary key or an identity", remedy: lack.remedy)
        }
    }

    private static func target(
        _ connection: borrowing PostgresConnection, _ record: MigrationRecord, forFallBack: Bool
    ) throws -> [CheckResult] {
        var results = [try replicaRole(.target, connection)]
        // From the cutover on the target's changes are streamed.
        if forFallBack {
            let tables = SnapshotPlan.choose(
                try connection.tables(inSchemas: record.schemas), globs: record.tableGlobs,
                excluded: record.excludedTableGlobs)
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
    private static func replicaRole(_ side: Side, _ connection: borrowing PostgresConnection) throws
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
