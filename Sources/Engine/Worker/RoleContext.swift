import Foundation
import Journal
import Postgres
import Records

/// The means of a role: the journal, the export directory, and access to the databases of this process.
struct RoleContext: Sendable {
    let journal: Journal
    let exportDirectory: String
    let options: RunOptions
    let stop: StopSignal
    let announce: @Sendable (String) -> Void
    let failures = FirstFailure()
    private let records: RecordStore
    let settingsNotice = SettingsNotice()

    init(
        journal: Journal, exportDirectory: String, options: RunOptions, stop: StopSignal,
        announce: @escaping @Sendable (String) -> Void
    ) {
        self.journal = journal
        records = RecordStore(journal, exportDirectory: exportDirectory)
        self.exportDirectory = exportDirectory
        self.options = options
        self.stop = stop
        self.announce = announce
    }

    func record() throws -> MigrationRecord { try records.record() }

    @discardableResult
    func update<R>(_ body: (inout MigrationRecord) throws -> R) throws -> R {
        try records.update { record, _ in try body(&record) }
    }

    /// Changes the record and writes the events about it in one transaction.
    @discardableResult
    func update<R>(_ body: (inout MigrationRecord, JournalTransaction) throws -> R) throws -> R {
        try records.update(body)
    }

    /// Returns the access to a database; throws if this process was started without it.
    func access(_ side: Side) throws -> DatabaseAccess {
        guard let access = side == .source ? options.source : options.target else {
            throw RequestRefused(
                "this process has no connection to the \(side.rawValue) database; start it with that "
                    + "connection"
            )
        }
        return access
    }

    func has(_ side: Side) -> Bool { (side == .source ? options.source : options.target) != nil }

    /// Connects to a server that takes writes. The session's commits are durable when they are acknowledged,
    /// because the journal records them as done. Its replication role is replica if the user may set it, so
    /// that its DDL fires no event trigger of the application.
    func connect(_ side: Side, as name: String, settings: SessionSettings = .reading) throws
        -> PostgresConnection
    {
        let connection = try PostgresConnection(
            try access(side), applicationName: "\(PostgresConnection.applicationPrefix) \(name)",
            settings: settings)
        try connection.checkPromoted()
        try connection.awaitDisk()
        try connection.becomeReplicaWherePermitted()
        return connection
    }

    /// Adds an entry to the event log. The log is for people, so a failure to write it must not stop the
    /// data: it goes to standard error, which is the worker's log file.
    func log(_ level: LogEvent.Level, _ origin: String, _ message: String) {
        do {
            try journal.insertEvent(level: level.rawValue, origin: origin, message: message, at: secondsNow())
        } catch {
            FileHandle.standardError.write(Data("\(origin): \(message) (event log: \(error))\n".utf8))
        }
    }

    /// Throws if the database is not the one that this migration began with; records its identity if none is
    /// recorded yet.
    func checkIdentity(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        let identity = try connection.databaseIdentity()
        let place = connection.place
        try update { record in
            let known = side == .source ? record.sourceIdentity : record.targetIdentity
            if let known, known != identity {
                throw RequestRefused(
                    "the export directory \(exportDirectory) belongs to another migration: its "
                        + "\(side.rawValue) is not the database at \(place); use the export directory of "
                        + "this migration, or a new one")
            }
            if side == .source { record.sourceIdentity = identity } else { record.targetIdentity = identity }
        }
    }
}
