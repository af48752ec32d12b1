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

    /// Returns the export directories at and below a directory, and those of `recent` that still exist: each
    /// once, the near ones first.
    package static func directories(below start: String, recent: [String]) -> [String] {
        var found: [String] = []
        var level = [start]
        var visited = 0
        for _ in 0...depthMax {
            var next: [String] = []
            for folder in level.sorted() where visited < foldersMax {
                visited += 1
                // What is inside an export directory belongs to it.
                if isExportDirectory(folder) { found.append(folder) } else { next += subfolders(of: folder) }
            }
            level = next
        }
        for directory in recent where !found.contains(directory) && isExportDirectory(directory) {
            found.append(directory)
        }
        return Array(found.prefix(migrationsMax))
    }

    /// Returns the folders in a folder; none if it may not be read, and none whose name begins with a dot.
    private static func subfolders(of folder: String) -> [String] {
        let url = URL(fileURLWithPath: folder)
        let keys: [URLResourceKey] = [.isDirectoryKey, .isSymbolicLinkKey]
        let entries = try? FileManager.default.contentsOfDirectory(
            at: url, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
        return (entries ?? []).filter { entry in
            let values = try? entry.resourceValues(forKeys: Set(keys))
            return values?.isDirectory == true && values?.isSymbolicLink != true
        }.map(\.path)
    }

    /// Reads the migrations at and below a directory, and the recent ones.
    package static func migrations(below start: String, recent: [String]) -> [MigrationSummary] {
        directories(below: start, recent: recent).map(MigrationSummary.init(readingFrom:))
    }
}
