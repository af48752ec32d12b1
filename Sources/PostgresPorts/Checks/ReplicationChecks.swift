import Engine
import Postgres
import Records

/// The facts that the checks read of a server that is to be the origin of a stream.
struct ReplicationFacts: Equatable {
    let user: String
    let settings: ReplicationSettings
    /// Nil if the server is no YugabyteDB.
    let yugabyte: YugabyteFacts?
    let plugins: OutputPlugins
    /// Whether barriers are logical messages here, and not rows.
    let carriesMessages: Bool
}

extension ReplicationFacts {
    init(_ connection: borrowing PostgresConnection) throws {
        user = connection.user
        settings = try connection.replicationSettings()
        yugabyte = try YugabyteFacts(connection)
        plugins = try connection.outputPlugins()
        carriesMessages = try connection.carriesMessages()
    }
}

/// The checks of the settings and rights that the origin of a stream needs.
enum ReplicationChecks {
    /// The fewest slots and WAL senders that have to be free.
    private static let slotsMin = 2
    /// The value that is proposed if there are too few: the default of a server, and ours.
    private static let slotsProposed = 10 + slotsMin

    static func run(_ side: Side, _ facts: ReplicationFacts) -> [CheckResult] {
        let settings = facts.settings
        let user = quoteIdentifier(facts.user)
        func check(
            _ name: String, _ ok: Bool, _ found: String, _ wanted: String, _ remedy: String,
            _ fix: CheckFix
        ) -> CheckResult {
            CheckResult(
                side: side, name: name, state: ok ? .ok : .failure, found: found, wanted: wanted,
                remedy: ok ? "" : remedy, fix: fix)
        }
        func setting(_ name: String, _ value: String) -> CheckFix {
            CheckFix(
                ["alter system set \(name) = \(value)"], undo: ["alter system reset \(name)"],
                afterwards: "restart the server")
        }
        // YugabyteDB streams from its tablets. The settings of a WAL mean nothing there.
        let ofWAL =
            facts.yugabyte != nil
            ? []
            : [
                check(
                    "wal_level", settings.walLevel == "logical", settings.walLevel, "logical",
                    "alter system set wal_level = logical; then restart the server (RDS: "
                        + "rds.logical_replication = 1)", setting("wal_level", "logical")),
                check(
                    "free WAL senders", settings.freeSenders >= slotsMin, "\(settings.freeSenders)",
                    "\(slotsMin)",
                    "alter system set max_wal_senders = \(slotsProposed); then restart the server",
                    setting("max_wal_senders", "\(slotsProposed)")),
            ]
        return (facts.yugabyte.map { [YugabyteChecks.transactionalDDL(side, $0)] } ?? [])
            + subscribersOfAllTables(side, facts)
            + outputPlugin(side, facts.yugabyte != nil ? "yboutput" : "pgoutput", facts.plugins)
            + ofWAL + [
                check(
                    "free replication slots", settings.freeSlots >= slotsMin, "\(settings.freeSlots)",
                    "\(slotsMin)",
                    "alter system set max_replication_slots = \(slotsProposed); then restart the server",
                    setting("max_replication_slots", "\(slotsProposed)")),
                check(
                    "right to replicate", settings.mayReplicate,
                    settings.mayReplicate ? "granted" : "missing", "REPLICATION",
                    "alter role \(user) replication; (RDS: grant rds_replication to \(user))",
                    CheckFix(
                        ["alter role \(user) replication"], undo: ["alter role \(user) noreplication"])),
                check(
                    "right to create a publication", settings.mayPublish,
                    settings.mayPublish ? "granted" : "missing", "CREATE on the database",
                    "grant create on database \(quoteIdentifier(settings.database)) to \(user)",
                    CheckFix(
                        ["grant create on database \(quoteIdentifier(settings.database)) to \(user)"],
                        undo: [
                            "revoke create on database \(quoteIdentifier(settings.database)) from \(user)"
                        ])),
            ]
    }

    /// Checks the output plugin: a server that lists the plugins it allows refuses a slot of any other one.
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
            // A server allows it by default.
            guard plugin != "pgoutput" else { return [] }
            return [
                CheckResult(
                    side: side, name: OutputPlugins.parameter, state: .warning, found: "not readable",
                    wanted: plugin,
                    remedy: allowed.remedy(allowing: plugin))
            ]
        }
    }

    /// Checks for publications of all tables. Barriers that are rows in a table of ours would reach their
    /// subscribers, who have no such table.
    private static func subscribersOfAllTables(_ side: Side, _ facts: ReplicationFacts) -> [CheckResult] {
        guard !facts.carriesMessages, let names = facts.settings.publicationsOfAllTables else { return [] }
        return [
            CheckResult(
                side: side, name: "publications of all tables", state: .warning, found: names,
                wanted:
                    "none: barriers are rows here, and a subscriber to one of these needs the table "
                    + "\(Barrier.table)",
                remedy:
                    "grant execute on pg_logical_emit_message to \(quoteIdentifier(facts.user)) if the "
                    + "server is 14 or later, or make that table for those subscribers")
        ]
    }

    /// Checks for partitioned tables on a server before 13, which publishes neither them nor partitions under
    /// their name.
    static func rootsBefore13(_ side: Side, _ tables: [Table], serverVersion: Int) -> CheckResult? {
        let roots = tables.filter(\.isPartitioned).map(\.name.description).sorted()
        guard serverVersion < 130_000, !roots.isEmpty else { return nil }
        return CheckResult(
            side: side, name: "partitioned tables", state: .failure, found: roots.joined(separator: ", "),
            wanted: "none: a server before 13 does not publish them",
            remedy:
                "exclude them with --exclude-table-list and move them by other means, or upgrade the server "
                + "to 13 first"
        )
    }

    /// Checks replica identities. Publishing a table without one makes the application's own updates and
    /// deletes fail.
    static func identities(_ side: Side, _ lacks: [TableIdentity.Lack]) -> [CheckResult] {
        lacks.map { lack in
            CheckResult(
                side: side, name: "replica identity of \(lack.name)", state: .failure, found: lack.found,
                wanted: lack.wanted, remedy: lack.remedy, fix: lack.fix)
        }
    }
}

extension TableIdentity.Lack {
    /// The fix, if the remedy is SQL.
    var fix: CheckFix? { statements.isEmpty ? nil : CheckFix(statements, undo: undo) }
}
