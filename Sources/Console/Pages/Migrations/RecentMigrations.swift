import Foundation

/// The export directories that consoles of this operator have shown, the newest first: a text file with a
/// path a line.
package struct RecentMigrations: Sendable {
    private let path: String

    /// Directories that are kept.
    package static let countMax = 20

    package init(stateDirectory: String) { path = stateDirectory + "/recent" }

    /// Returns the directories; none if the file cannot be read, as before the first console.
    package var directories: [String] {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// Puts a directory first.
    package func note(_ directory: String) throws {
        let others = directories.filter { $0 != directory }
        let kept = ([directory] + others).prefix(Self.countMax)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try (kept.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
}
