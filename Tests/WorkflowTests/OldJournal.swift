import Demo
import Engine
import Foundation
import GRDB
import Postgres
import Records
import Testing

/// A migration that the program of commit 3882eba began and was killed in: its export directory, and both
/// databases as they were then, on two fresh servers. `Fixtures/journal-3882eba/README.md` says how the files
/// were made.
struct OldJournal {
    enum Kind: String {
        /// Two channels that are not level, a table that is set aside, an incident, a new table, and changes
        /// in the log that no channel has applied.
        case streaming
        /// The cutover from the fall-back to the source awaits approval.
        case cutover
    }

    let servers: Servers
    let kind: Kind
    let site: WorkflowSite

    static let database = "shop"
    static let schemas = ["public", "sales", "eu.west"]
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Fixtures/journal-3882eba")

    private var folder: URL { Self.fixtures.appending(path: kind.rawValue) }

    init(_ kind: Kind, on servers: Servers) throws {
        self.servers = servers
        self.kind = kind
        site = try WorkflowSite(servers, database: Self.database)
        try FileManager.default.removeItem(atPath: site.exportDirectory)
        try FileManager.default.copyItem(
            atPath: folder.appending(path: "export-dir").path(), toPath: site.exportDirectory)
        for side in Side.allCases { try restore(side) }
        try moveJournal()
    }

    // MARK: The databases

    private struct Positions: Decodable {
        struct Position: Decodable {
            let lsn: String
            let transaction: Int
        }

        let source: Position
        let target: Position

        subscript(side: Side) -> Position { side == .source ? source : target }
    }

    private func restore(_ side: Side) throws {
        let server = try PostgresConnection(servers[side].access(), applicationName: "test")
        try server.execute("create database \(Self.database)")
        let dump = try String(contentsOf: folder.appending(path: "\(side.rawValue).sql"), encoding: .utf8)
        let session = try PostgresConnection(site.access(side), applicationName: "test")
        try session.execute(dump)
        try session.execute("set default_transaction_read_only = off")
        if let slot = try slotName(streamedFrom: side) {
            // Below the end of the old log: everything that is written from now on is streamed.
            try session.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot])
        }
        let positions = try JSONDecoder().decode(
            Positions.self, from: Data(contentsOf: folder.appending(path: "positions.json")))
        try advance(server, to: positions[side])
    }

    /// Brings a fresh server's log and transaction numbers beyond those of the old server: the journal knows
    /// these, and the program refuses a server that was set back.
    private func advance(_ server: borrowing PostgresConnection, to old: Positions.Position) throws {
        for _ in 0..<100 {
            let isBeyond = try server.query("select pg_current_wal_insert_lsn() > $1::pg_lsn", [old.lsn])
            if isBeyond.scalar == "t" { break }
            try server.execute("select pg_logical_emit_message(false, 'test', 'advance')")
            try server.execute("select pg_switch_wal()")
        }
        for _ in 0..<10_000 {
            let now = try server.query("select pg_current_xact_id()::text::bigint")
            if try #require(now.scalar.flatMap { Int($0) }) > old.transaction { break }
        }
    }

    // MARK: The journal

    /// Changes what the journal keeps of the old servers and of the place of the export directory, and
    /// nothing else: the servers are others, so their numbers for the cluster, the database, tables, files
    /// and transactions are too. The documents are changed as JSON, so that the old form of everything else
    /// is what the program reads.
    private func moveJournal() throws {
        let journal = try openJournal()
        var record = try #require(try document("migration_status", in: journal) as? [String: Any])
        var forms = try #require(record["forms"] as? [String: Any])
        for side in Side.allCases {
            let session = try PostgresConnection(site.access(side), applicationName: "test")
            record["\(side.rawValue)Identity"] = try session.databaseIdentity()
            var form = try #require(forms[side.rawValue] as? [String: Any])
            form["host"] = servers[side].address
            form["port"] = servers[side].port
            forms[side.rawValue] = form
        }
        record["forms"] = forms
        try keep(record, as: "migration_status", in: journal)
        for (leg, origin) in [(1, Side.source), (2, .target)] {
            try moveCatalog("origin_catalog_\(leg)", origin, in: journal)
        }
        try journal.write {
            try $0.execute(
                sql: "update queue_segment_meta set file_path = replace(file_path, ?, ?)",
                arguments: ["/tmp/old-journal/export-dir", site.exportDirectory])
        }
        try journal.close()
    }

    /// The catalog of an origin as the program saw it last: names and entries by turns.
    private func moveCatalog(_ key: String, _ origin: Side, in journal: DatabaseQueue) throws {
        guard var catalog = try document(key, in: journal) as? [String: Any] else { return }
        let session = try PostgresConnection(site.access(origin), applicationName: "test")
        let now = try session.originCatalog(inSchemas: Self.schemas)
        var pairs = try #require(catalog["tables"] as? [Any])
        for index in stride(from: 0, to: pairs.count, by: 2) {
            let known = try #require(now.tables[try name(pairs[index])])
            var entry = try #require(pairs[index + 1] as? [String: Any])
            entry["oid"] = known.oid
            entry["parts"] = try #require(entry["parts"] as? [[String: Any]]).map { old in
                let part = try #require(known.parts.first { try name(old["name"]) == $0.name })
                return old.merging([
                    "oid": part.oid as Any, "file": part.file, "transaction": part.transaction as Any,
                    "attached": part.attached as Any,
                ]) { $1 }
            }
            pairs[index + 1] = entry
        }
        catalog["tables"] = pairs
        try keep(catalog, as: key, in: journal)
    }

    private func name(_ object: Any?) throws -> QualifiedName {
        let parts = try #require(object as? [String: String])
        return QualifiedName(schema: try #require(parts["schema"]), name: try #require(parts["name"]))
    }

    /// The slot of the last leg, where it runs from this side.
    private func slotName(streamedFrom side: Side) throws -> String? {
        let journal = try openJournal()
        let record = try document("migration_status", in: journal) as? [String: Any]
        let leg = try #require((record?["legs"] as? [[String: Any]])?.last)
        try journal.close()
        guard leg["direction"] as? String == (side == .source ? "forward" : "reverse") else { return nil }
        return leg["slotName"] as? String
    }

    private func openJournal() throws -> DatabaseQueue {
        try DatabaseQueue(path: site.exportDirectory + "/metainfo/meta.db")
    }

    private func document(_ key: String, in journal: DatabaseQueue) throws -> Any? {
        let text = try journal.read {
            try String.fetchOne($0, sql: "select json_text from json_objects where key = ?", arguments: [key])
        }
        return try text.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) }
    }

    private func keep(_ document: Any, as key: String, in journal: DatabaseQueue) throws {
        let text = String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
        try journal.write {
            try $0.execute(
                sql: "update json_objects set json_text = ? where key = ?", arguments: [text, key])
        }
    }
}
