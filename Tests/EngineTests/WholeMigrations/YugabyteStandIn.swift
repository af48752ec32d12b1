import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// A PostgreSQL that says it is YugabyteDB, has an output plugin of that name, and refuses what YugabyteDB is
/// known to refuse. It shows nothing of how YugabyteDB behaves.
enum YugabyteStandIn {
    /// A release without a fault that is known to Switchback.
    static let release = "2025.2.4.0"

    static let refused: [(name: String, type: String)] = [
        ("pg_current_wal_lsn()", "pg_lsn"), ("pg_current_wal_insert_lsn()", "pg_lsn"),
        ("pg_wal_lsn_diff(pg_lsn, pg_lsn)", "numeric"), ("txid_current()", "bigint"),
        ("txid_current_snapshot()", "txid_snapshot"), ("pg_current_xact_id()", "xid8"),
        ("pg_export_snapshot()", "text"), ("pg_logical_emit_message(boolean, text, text)", "pg_lsn"),
    ]

    /// SQL for the template database that makes the server answer as YugabyteDB. The server calls its own
    /// functions by number, and ignores new definitions of them; but the planner inlines one line of SQL.
    private static func disguise(_ release: String) -> String {
        """
        set allow_system_table_mods = on;
        create function pg_catalog.refuse() returns text language plpgsql as $$ begin
            raise exception 'the stand-in has no such function' using errcode = '0A000'; end $$;
        create or replace function pg_catalog.version() returns text language sql stable as
            $$ select 'PostgreSQL 15.2-YB-\(release)-b0 (a stand-in)' $$;
        """
            + refused.map {
                "create or replace function pg_catalog.\($0.name) returns \($0.type) language sql as "
                    + "$$ select pg_catalog.refuse()::\($0.type) $$;"
            }.joined()
    }

    /// Runs a test on a server with the disguise, and with an output plugin that has the name of YugabyteDB's
    /// and does as PostgreSQL's.
    static func with(_ release: String, _ body: (ThrowAwayCluster) async throws -> Void) async throws {
        let programs = try ServerPrograms()
        let library = try run(programs.directory + "/pg_config", "--pkglibdir")
        let plugins = NSTemporaryDirectory() + "switchback-yboutput-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: plugins, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer {
            do { try FileManager.default.removeItem(atPath: plugins) } catch { print("\(error)") }
        }
        try FileManager.default.copyItem(
            atPath: library + "/pgoutput.so", toPath: plugins + "/yboutput.so")
        let cluster = try ThrowAwayCluster(
            named: "stand-in",
            options: .init(
                trust: true, settings: ["dynamic_library_path": "\(plugins):$libdir"],
                // A security release of each series (15.20 is one) lets a role use no other output
                // plugins than these.
                settingsWhereKnown: ["output_plugin_libraries": "pgoutput, test_decoding, yboutput"]))
        defer { cluster.remove() }
        for database in ["template1", "postgres"] {
            try PostgresConnection(cluster.access(database: database), applicationName: "test").execute(
                disguise(release))
        }
        try await body(cluster)
    }

    private static func run(_ program: String, _ argument: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [argument]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Runs a test on a site whose target is the stand-in.
func withYugabyteSite(
    _ tables: String, release: String = YugabyteStandIn.release, _ body: (Site) async throws -> Void
) async throws {
    try await YugabyteStandIn.with(release) { try await withSite(tables, on: [.target: $0], body) }
}

extension Site {
    /// Replaces a view of the target's catalog by its definition with changes in it.
    func changeView(_ view: String, _ change: (String) -> String) throws {
        let known = try #require(
            try value(.target, "select pg_get_viewdef('pg_catalog.\(view)'::regclass)"))
        let changed = change(known)
        #expect(changed != known)
        try connect(.target).execute(
            "set allow_system_table_mods = on; create or replace view pg_catalog.\(view) as \(changed)")
    }

    /// Whether the monitor of the fall-back has checked the target since this call.
    func awaitCheck() async throws {
        let claim = "select renewed_at from ybvoyager_metadata.switchback_claims where leg = 2"
        let before = try value(.target, claim)
        try await eventually("the slot of the fall-back is checked", within: 30) {
            try value(.target, claim) != before
        }
    }
}
