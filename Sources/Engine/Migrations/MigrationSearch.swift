import Foundation

/// The search for export directories below a directory.
package enum MigrationSearch {
    /// Levels of folders below the first that are looked into.
    private static let depthMax = 3
    /// Folders that are looked into.
    private static let foldersMax = 2000
    /// Migrations that are listed.
    private static let migrationsMax = 100

    /// Whether a migration has begun in that directory.
    package static func isExportDirectory(_ directory: String) -> Bool {
        FileManager.default.fileExists(atPath: directory + "/metainfo/meta.db")
    }

    /// What a search has found.
    package struct Found: Sendable, Equatable {
        /// Each once, the near ones first.
        package var migrations: [MigrationSummary] = []
        /// Folders that may not be read.
        package var unreadableFolders = 0
        /// Whether a bound ended the search, so that there may be more.
        package var isCut = false

        package init() {}
    }

    /// Reads the migrations at and below a directory, and those of `recent` that still exist. Nothing is
    /// written.
    package static func migrations(below start: String, recent: [String]) -> Found {
        var found = Found()
        let all = directories(below: start, recent: recent, &found)
        found.isCut = found.isCut || all.count > migrationsMax
        found.migrations = all.prefix(migrationsMax).map(MigrationSummary.init(readingFrom:))
        return found
    }

    private static func directories(below start: String, recent: [String], _ found: inout Found) -> [String] {
        var directories: [String] = []
        var level = [start]
        var visited = 0
        for _ in 0...depthMax {
            var next: [String] = []
            for folder in level.sorted() {
                guard visited < foldersMax else {
                    found.isCut = true
                    break
                }
                visited += 1
                // What is inside an export directory belongs to it.
                if isExportDirectory(folder) {
                    directories.append(folder)
                } else if let inside = subfolders(of: folder) {
                    next += inside
                } else {
                    found.unreadableFolders += 1
                }
            }
            level = next
        }
        for directory in recent where !directories.contains(directory) && isExportDirectory(directory) {
            directories.append(directory)
        }
        return directories
    }

    /// Returns the folders in a folder, without those whose name begins with a dot; nil if it may not be
    /// read.
    private static func subfolders(of folder: String) -> [String]? {
        let url = URL(fileURLWithPath: folder)
        let keys: [URLResourceKey] = [.isDirectoryKey, .isSymbolicLinkKey]
        let entries: [URL]
        do {
            entries = try FileManager.default.contentsOfDirectory(
                at: url, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
        } catch { return nil }
        return entries.filter { entry in
            // An entry that has gone meanwhile is no folder.
            let values = try? entry.resourceValues(forKeys: Set(keys))
            return values?.isDirectory == true && values?.isSymbolicLink != true
        }.map(\.path)
    }
}
