import Foundation
import Journal
import Records

/// The means of a role: the journal, the export directory, and access to the databases of this process.
package struct RoleContext: Sendable {
    package let journal: Journal
    package let exportDirectory: String
    package let options: RunOptions
    package let stop: StopSignal
    package let announce: @Sendable (String) -> Void
    package let failures = FirstFailure()
    private let records: RecordStore
    package let settingsNotice = SettingsNotice()

    package init(
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

    package func record() throws -> MigrationRecord { try records.record() }

    @discardableResult
    package func update<R>(_ body: (inout MigrationRecord) throws -> R) throws -> R {
        try records.update { record, _ in try body(&record) }
    }

    /// Changes the record and writes the events about it in one transaction.
    @discardableResult
    package func update<R>(_ body: (inout MigrationRecord, JournalTransaction) throws -> R) throws -> R {
        try records.update(body)
    }

    package func has(_ side: Side) -> Bool { (side == .source ? options.source : options.target) != nil }

    /// Adds an entry to the event log. The log is for people, so a failure to write it must not stop the
    /// data: it goes to standard error, which is the worker's log file.
    package func log(_ level: LogEvent.Level, _ origin: String, _ message: String) {
        do {
            try journal.insertEvent(level: level.rawValue, origin: origin, message: message, at: secondsNow())
        } catch {
            FileHandle.standardError.write(Data("\(origin): \(message) (event log: \(error))\n".utf8))
        }
    }

    /// Throws if the database is not the one that this migration began with; records its identity if none is
    /// recorded yet.
    package func checkIdentity(_ side: Side) throws {
        try checkIdentity(side, try self.side(side).identity())
    }

    /// Checks an identity that was read.
    package func checkIdentity(_ side: Side, _ found: DatabaseIdentity) throws {
        let identity = found.identity
        try update { record in
            // The origin of a leg that is under way has to be the database that the leg began with.
            let origins = record.legs.filter { $0.direction.origin == side && $0.endedAt == nil }
            let known =
                [side == .source ? record.sourceIdentity : record.targetIdentity]
                + origins.map(\.origin.database)
            if known.contains(where: { $0 != nil && $0 != identity }) {
                throw RequestRefused(
                    "the export directory \(exportDirectory) belongs to another migration: its "
                        + "\(side.rawValue) is not the database at \(found.place); use the export "
                        + "directory of this migration, or a new one")
            }
            if side == .source { record.sourceIdentity = identity } else { record.targetIdentity = identity }
            for index in record.legs.indices
            where record.legs[index].direction.origin == side && record.legs[index].endedAt == nil {
                record.legs[index].origin.database = identity
            }
        }
    }
}
