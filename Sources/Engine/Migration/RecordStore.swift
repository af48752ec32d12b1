import Foundation
import Journal
import Records

/// The migration's record in the journal. Reading decodes it again only if its text has changed.
package struct RecordStore: Sendable {
    private let journal: Journal
    private let exportDirectory: String
    private let cache = DocumentCache<MigrationRecord>(key: MigrationRecord.key)

    package init(_ journal: Journal, exportDirectory: String) {
        self.journal = journal
        self.exportDirectory = exportDirectory
    }

    package func record() throws -> MigrationRecord {
        guard let record = try cache.document(in: journal) else {
            throw JournalError.notStarted(directory: exportDirectory)
        }
        return record
    }

    /// Changes the record. What `body` writes through the transaction, an event or a request, becomes durable
    /// with the change or not at all.
    @discardableResult
    package func update<R>(_ body: (inout MigrationRecord, JournalTransaction) throws -> R) throws -> R {
        try journal.transaction("write \(MigrationRecord.key)") { transaction in
            try transaction.update(
                MigrationRecord.self, key: MigrationRecord.key,
                initial: MigrationRecord(uuid: UUID().uuidString.lowercased(), createdAt: secondsNow())
            ) { try body(&$0, transaction) }
        }
    }
}

extension JournalTransaction {
    /// Writes a line of the event log.
    package func log(_ level: LogEvent.Level, _ origin: String, _ message: String) throws {
        try insertEvent(level: level.rawValue, origin: origin, message: message, at: secondsNow())
    }
}
