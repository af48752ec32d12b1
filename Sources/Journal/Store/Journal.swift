import Foundation
import GRDB
import Records

/// The SQLite store in `metainfo/meta.db` where console, verbs and engine meet.
///
/// Safe from any thread and any process: every call is one short transaction. Writes are on disk when a call
/// returns (WAL with `synchronous=FULL`), so a step journalled as done stays done after a power loss.
package final class Journal: Sendable {
    private let pool: DatabasePool
    package let path: String

    /// How long a call waits for another process's write before it gives up.
    package static let busySeconds = 20.0

    /// Opens the journal; with `create` it makes file and tables where they are missing.
    package init(exportDirectory: String, create: Bool) throws {
        path = exportDirectory + "/metainfo/meta.db"
        guard create || FileManager.default.fileExists(atPath: path) else {
            throw JournalError.notStarted(directory: exportDirectory)
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "pragma synchronous = full")
        }
        do {
            let path = path
            pool = try Self.locked(path + ".lock") {
                let pool = try DatabasePool(path: path, configuration: configuration)
                try Self.migrator.migrate(pool)
                return pool
            }
        } catch let error as DatabaseError {
            throw Self.failure(error, doing: "open the journal", path: path)
        }
    }

    /// One process at a time: two that turn a new file to WAL and make its tables at once would stand in each other's way,
    /// and SQLite does not wait for that.
    private static func locked<R>(_ path: String, _ body: () throws -> R) throws -> R {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError(path, doing: "open") }
        // The lock goes with the descriptor, also where the process dies.
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw fileError(path, doing: "lock") }
        return try body()
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("first") { database in
            try database.execute(sql: JournalTables.first)
        }
        migrator.registerMigration("incidents") { database in
            try database.execute(sql: JournalTables.incidents)
        }
        migrator.registerMigration("durable segments") { database in
            try database.execute(sql: JournalTables.durableSegments)
        }
        migrator.registerMigration("chunk files") { database in
            try database.execute(sql: JournalTables.chunkFiles)
        }
        migrator.registerMigration("names in quotes") { try EarlierNames.rewrite($0) }
        return migrator
    }

    private static func failure(_ error: DatabaseError, doing: String, path: String) -> JournalError {
        if error.resultCode == .SQLITE_FULL || error.resultCode == .SQLITE_IOERR {
            return .diskFull(path: path, reason: error.message ?? "no reason given")
        }
        return .store(doing: doing, reason: error.message ?? "SQLite code \(error.resultCode.rawValue)")
    }

    /// For one statement, which sees one state by itself: a transaction around it would take longer than it does.
    func read<R>(_ doing: String, _ body: (Database) throws -> R) throws -> R {
        do { return try pool.unsafeRead(body) } catch let error as DatabaseError {
            throw Self.failure(error, doing: doing, path: path)
        }
    }

    func write<R>(_ doing: String, _ body: (Database) throws -> R) throws -> R {
        do {
            return try pool.writeWithoutTransaction { database in
                var result: R?
                // Immediate: the lock is taken before the read a decision rests on, across processes.
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                return result!
            }
        } catch let error as DatabaseError {
            throw Self.failure(error, doing: doing, path: path)
        }
    }

    // MARK: Documents

    /// Reads a document, nil where it was never written.
    package func document<T: Decodable>(_ type: T.Type, key: String) throws -> T? {
        try text(key: key).map { try JSONDecoder().decode(T.self, from: Data($0.utf8)) }
    }

    func text(key: String) throws -> String? {
        try read("read \(key)") { database in
            try SQLRequest<String>(
                sql: "select json_text from json_objects where key = ?", arguments: [key], cached: true
            ).fetchOne(database)
        }
    }

    /// Reads, changes and writes back a document in one transaction that no other process can come between.
    /// Whatever `body` throws leaves the document as it was.
    @discardableResult
    package func update<T: Codable, R>(_ type: T.Type, key: String, initial: T, _ body: (inout T) throws -> R)
        throws
        -> R
    {
        try write("write \(key)") { database in
            let text = try String.fetchOne(
                database, sql: "select json_text from json_objects where key = ?", arguments: [key])
            var value = try text.map { try JSONDecoder().decode(T.self, from: Data($0.utf8)) } ?? initial
            let result = try body(&value)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let encoded = String(decoding: try encoder.encode(value), as: UTF8.self)
            if encoded != text {
                try database.execute(
                    sql: """
                        insert into json_objects (key, json_text) values (?, ?)
                        on conflict (key) do update set json_text = excluded.json_text
                        """, arguments: [key, encoded])
            }
            return result
        }
    }
}
