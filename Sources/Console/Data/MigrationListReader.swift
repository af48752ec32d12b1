import Engine
import Foundation
import Records
import Synchronization

/// Reads the list of migrations for its page, not more often than it has to be. A search looks into many
/// folders and journals, so it runs on a thread of its own.
package struct MigrationListReader {
    private let directory: String
    private let recent: RecentMigrations
    private let runOnOtherThread: (@escaping @Sendable () -> Void) -> Void
    private let search = Search()
    private var readAt = -Double.infinity

    /// A search between its start and its end.
    private final class Search: Sendable {
        struct State {
            var isRunning = false
            var found: MigrationSearch.Found?
        }

        let state = Mutex(State())
    }

    /// Time between two searches.
    private static let everySeconds = 2.0

    package init(
        directory: String, recent: RecentMigrations,
        runOnOtherThread: @escaping (@escaping @Sendable () -> Void) -> Void
    ) {
        self.directory = directory
        self.recent = recent
        self.runOnOtherThread = runOnOtherThread
    }

    /// Takes what was found into the data, and begins a search if the page in view shows the list.
    package mutating func read(into data: inout ConsoleData, _ reads: Reads) {
        guard reads.migrations else {
            readAt = -.infinity
            return
        }
        data.workingDirectory = directory
        let isRunning = search.state.withLock(\.isRunning)
        if !isRunning, abs(data.now - readAt) >= Self.everySeconds {
            readAt = data.now
            begin()
        }
        if let found = search.state.withLock({ $0.found }) {
            data.migrations = found.migrations
            data.migrationsLeftOut = found.leftOut
        }
    }

    private func begin() {
        search.state.withLock { $0.isRunning = true }
        let (search, directory, recent) = (search, directory, recent.directories)
        runOnOtherThread {
            let found = MigrationSearch.migrations(below: directory, recent: recent)
            search.state.withLock { $0 = Search.State(isRunning: false, found: found) }
        }
    }
}

extension MigrationSearch.Found {
    /// What the list does not have, in words; nil if it is whole.
    fileprivate var leftOut: String? {
        let parts = [
            unreadableFolders == 0 ? nil : "\(counted(unreadableFolders, "folder")) may not be read",
            isCut ? "there are more folders or migrations than are looked into" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
