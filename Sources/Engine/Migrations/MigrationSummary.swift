import Foundation

/// A migration in a list of several: what its export directory says.
package struct MigrationSummary: Sendable, Equatable {
    package var directory: String
    package var name: String
    /// Nil if it could not be read.
    package var phase: Phase?
    /// What its databases are for; nil if the operator did not say.
    package var environment: Environment?
    package var isPaused = false
    /// Server and database of each side, as `host:port/database`; nil if they are not known yet.
    package var sourcePlace: String?
    package var targetPlace: String?
    /// When its journal was last written, in seconds since 1970.
    package var changedAt: Double?
    package var workerIsAlive = false
    /// Why it could not be read.
    package var trouble: String?

    package init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }

    /// Reads the export directory; what cannot be read is said in `trouble`.
    package init(readingFrom directory: String) {
        self.init(directory: directory, name: URL(fileURLWithPath: directory).lastPathComponent)
        let journal = directory + "/metainfo/meta.db"
        // The newest changes are in the log beside the database.
        changedAt =
            [journal, journal + "-wal"].compactMap { path in
                let attributes = try? FileManager.default.attributesOfItem(atPath: path)
                return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970
            }.max()
        do {
            let migration = try Migration(reading: directory)
            let status = try migration.status()
            name = status.name
            phase = status.phase
            environment = status.environment
            isPaused = status.isPaused
            sourcePlace = status.sourcePlace
            targetPlace = status.targetPlace
            workerIsAlive = migration.workerIsAlive()
        } catch {
            trouble = "\(error)"
        }
    }
}
