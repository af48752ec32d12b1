import Postgres
import Records

/// What the origin of a stream has to have: settings, rights, and tables that can be published.
extension DatabaseChecks {
    static func replication(_ side: Side, _ connection: borrowing PostgresConnection) throws
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
        let isYugabyteDB = try connection.isYugabyteDB()
        let plugin = isYugabyteDB ? "yboutput" : "pgoutput"
        let settings =
            isYugabyteDB
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
        return try othersSubscribers(side, connection)
            + outputPlugin(side, plugin, try connection.outputPlugins())
            + settings + [
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

    /// A server that lists the plugins it allows refuses the slot of any other one.
    static func outputPlugin(_ side: Side, _ plugin: String, _ allowed: OutputPlugins) -> [CheckResult] {
        switch allowed {
        case .unlimited: return []
        case .listed(let names):
            let isAllowed = names.contains(plugin)
            return [
                CheckResult(
                    side: side, name: OutputPlugins.parameter, state: isAllowed ? .ok : .failure,
                    found: names.joined(separator: ", "), wanted: plugin,
                    remedy: isAllowed ? "" : allowed.remedy(allowing: plugin))
            ]
        case .unreadable:
            // What a server allows unless it is told otherwise.
            guard plugin != "pgoutput" else { return [] }
            return [
                CheckResult(
                    side: side, name: OutputPlugins.parameter, state: .warning, found: "not readable",
                    wanted: plugin,
                    remedy: allowed.remedy(allowing: plugin))
            ]
        }
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
}
