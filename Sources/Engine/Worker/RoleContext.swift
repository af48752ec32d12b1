import Foundation
import Journal
import Postgres
import Records

/// What a role works with: the journal, the export directory, the ways to the databases this process has.
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

    /// The way to a database; throws where this process was not given it.
    func access(_ side: Side) throws -> DatabaseAccess {
        guard let access = side == .source ? options.source : options.target else {
            throw RequestRefused(
                "this process has no way to the \(side.rawValue) database; start it with that connection")
        }
        return access
    }

    func has(_ side: Side) -> Bool { (side == .source ? options.source : options.target) != nil }

    /// A session at a server that takes writes, whose commits are on its disk when they are acknowledged: the journal takes
    /// them for done. It is a replica where the role may, so that its DDL fires no event trigger of the application's.
    func connect(_ side: Side, as role: String, settings: SessionSettings = .reading) throws
        -> PostgresConnection
    {
        let connection = try PostgresConnection(
            try access(side), applicationName: "\(PostgresConnection.applicationPrefix) \(role)",
            settings: settings)
        try connection.checkPromoted()
        try connection.awaitDisk()
        try connection.becomeReplicaWherePermitted()
        return connection
    }

    /// Writes a line to the event log. The log is for people; a failure to write it must not stop the data, so it goes to
    /// standard error, which is the worker's log file.
    func log(_ level: LogEvent.Level, _ origin: String, _ message: String) {
        do {
            try journal.insertEvent(level: level.rawValue, origin: origin, message: message, at: secondsNow())
        } catch {
            FileHandle.standardError.write(Data("\(origin): \(message) (event log: \(error))\n".utf8))
        }
    }

    /// Sees that the database is the one this migration was begun with, or notes it as such.
    func checkIdentity(_ side: Side, _ connection: borrowing PostgresConnection) throws {
        let identity = try connection.databaseIdentity()
        let place = connection.place
        try update { record in
            let known = side == .source ? record.sourceIdentity : record.targetIdentity
            if let known, known != identity {
                throw RequestRefused(
                    "the export directory \(exportDirectory) belongs to another migration: its \(side.rawValue) is not the "
                        + "database at \(place); use the export directory of this migration, or a new one")
            }
            if side == .source { record.sourceIdentity = identity } else { record.targetIdentity = identity }
        }
    }
}
