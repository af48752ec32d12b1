import Foundation

/// Finds a theme by its name: in the directories, the first one that has it, else among the built-in ones.
package struct ThemeSearch {
    private let directories: [String]

    package init(directories: [String]) {
        self.directories = directories
    }

    /// The theme, and a warning where it could not be used: a bad theme never stops the start.
    package func theme(named name: String?) -> (theme: Theme, warning: String?) {
        guard let name, name != Theme.terminal.name else { return (.terminal, nil) }
        do {
            return (try load(name, seen: []), nil)
        } catch {
            return (.terminal, "theme \(name) is not used: \(error)")
        }
    }

    private func load(_ name: String, seen: [String]) throws -> Theme {
        if name == Theme.terminal.name { return .terminal }
        guard !seen.contains(name) else {
            throw ThemeError(place: "extends", reason: "\(name) extends itself")
        }
        guard !name.contains("/"), let path = path(of: name) else {
            throw ThemeError(
                place: name + ".yaml", reason: "not found in \(directories.joined(separator: ", "))")
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try ThemeFile.theme(from: text) { try load($0, seen: seen + [name]) }
    }

    private func path(of name: String) -> String? {
        directories.map { $0 + "/" + name + ".yaml" }.first { FileManager.default.fileExists(atPath: $0) }
    }
}
