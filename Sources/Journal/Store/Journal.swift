import Foundation
import GRDB
import Records

/// The SQLite database `metainfo/meta.db`, which console, verbs and engine share.
///
/// It may be used from any thread and any process: every call is one short transaction. Writes are on the
/// disk when a call returns (WAL with `synchronous=FULL`), so that a step that is noted as done stays done
/// after a power loss.
package final class Journal: Sendable {
    private let pool: DatabasePool
    package let path: String

    /// Longest wait of a call for another process's write; then it fails.
    package static let busySeconds = 20.0

    /// Opens the journal. With `create`, a missing file or table is created.
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
        } catch let error as GRDB.DatabaseError {
            throw Self.failure(error, doing: "open the journal", path: path)
        }
    }

    /// Opens the journal for reading alone: nothing is written, and a journal of another version stays as it
    /// is. Throws `JournalError.otherVersion` for one.
    package init(reading exportDirectory: String) throws {
        path = exportDirectory + "/metainfo/meta.db"
        guard FileManager.default.fileExists(atPath: path) else {
            throw JournalError.notStarted(directory: exportDirectory)
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.maximumReaderCount = 1
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            let isOfThisVersion = try pool.read { database in
                try Self.migrator.hasCompletedMigrations(database)
                    && !Self.migrator.hasBeenSuperseded(database)
            }
            guard isOfThisVersion else { throw JournalError.otherVersion(path: path) }
        } catch let error as GRDB.DatabaseError {
            throw Self.failure(error, doing: "open the journal", path: path)
        }
    }

    /// Runs `body` in one process at a time. SQLite does not wait when two processes switch a new file to WAL
    /// and create its tables at once; one of them would fail.
    private static func locked<R>(_ path: String, _ body: () throws -> R) throws -> R {
        // Sound: the path is a string of ours, which outlives the call.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError(path, doing: "open") }
        // The kernel drops the lock with the descriptor, also if the process dies.
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

    private static func failure(_ error: GRDB.DatabaseError, doing: String, path: String) -> JournalError {
        if error.resultCode == .SQLITE_FULL || error.resultCode == .SQLITE_IOERR {
            return .diskFull(path: path, reason: error.message ?? "no reason given")
        }
        return .store(doing: doing, reason: error.message ?? "SQLite code \(error.resultCode.rawValue)")
    }

    /// Runs one read statement. It sees one state without a transaction, which would take longer than the
    /// statement itself.
    func read<R>(_ doing: String, _ body: (Database) throws -> R) throws -> R {
        do { return try pool.unsafeRead(body) } catch let error as GRDB.DatabaseError {
            throw Self.failure(error, doing: doing, path: path)
        }
    }

    func write<R>(_ doing: String, _ body: (Database) throws -> R) throws -> R {
        do {
            return try pool.writeWithoutTransaction { database in
                var result: R?
                // Immediate: the lock comes before the read on which `body` decides, across processes.
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                return result!
            }
        } catch let error as GRDB.DatabaseError {
            throw Self.failure(error, doing: doing, path: path)
        }
    }

    // MARK: Documents

    /// Reads a document; nil if it was never written.
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

    /// Reads, changes and writes back a document in one transaction, which no other process can come between.
    /// If `body` throws, the document stays as it was.
    @discardableResult
    package func update<T: Codable, R>(_ type: T.Type, key: String, initial: T, _ body: (inout T) throws -> R)
        throws -> R
    {
        try transaction("write \(key)") { try $0.update(type, key: key, initial: initial, body) }
    }
}
