import Engine
import Foundation

/// Reads the list of migrations for its page, not more often than it has to be.
package struct MigrationListReader {
    private let directory: String
    private let recent: RecentMigrations
    private var readAt = -Double.infinity

    /// Time between two readings: each opens every journal of the list.
    private static let everySeconds = 2.0

    package init(directory: String, recent: RecentMigrations) {
        self.directory = directory
        self.recent = recent
    }

    /// Reads the list if the page in view shows it.
    package mutating func read(into data: inout ConsoleData, _ reads: Reads) {
        guard reads.migrations else {
            readAt = -.infinity
            return
        }
        guard abs(data.now - readAt) >= Self.everySeconds else { return }
        readAt = data.now
        data.workingDirectory = directory
        data.migrations = MigrationSearch.migrations(below: directory, recent: recent.directories)
    }
}
