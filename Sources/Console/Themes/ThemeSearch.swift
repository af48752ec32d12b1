import Foundation

/// Finds a theme by its name: in the directories, the first one that has it, else among the built-in ones.
package struct ThemeSearch: Sendable {
    /// A theme that can be chosen.
    package struct Entry: Equatable, Sendable {
        package let name: String
        package let title: String
        /// Why it cannot be used; nil if it can.
        package let fault: String?
    }

    /// What reading a theme gave.
    package struct Found: Equatable, Sendable {
        /// The theme, or why it cannot be used.
        package let theme: Result<Theme, ThemeError>
        /// The files that were read, or would be if they were there.
        package let files: [String]
    }

    private let directories: [String]

    package init(directories: [String]) {
        self.directories = directories
    }

    /// Returns the name that the first of these sources gives: the flag, the environment's SWITCHBACK_THEME,
    /// the operator's settings. Nil for the built-in theme.
    package static func name(flag: String?, environment: [String: String], settings: String?) -> String? {
        [flag, environment["SWITCHBACK_THEME"], settings].compactMap(\.self).first { !$0.isEmpty }
    }

    /// Returns the theme, and a warning where it could not be used: a bad theme never stops the start.
    package func theme(named name: String?) -> (theme: Theme, warning: String?) {
        let name = name ?? Theme.terminal.name
        switch read(name).theme {
        case .success(let theme): return (theme, nil)
        case .failure(let error): return (.terminal, "theme \(name) is not used: \(error)")
        }
    }

    /// Reads a theme and the themes that it extends.
    package func read(_ name: String) -> Found {
        var files: [String] = []
        do throws(ThemeError) {
            let theme = try load(name, seen: [], files: &files)
            return Found(theme: .success(theme), files: files)
        } catch {
            return Found(theme: .failure(error), files: files)
        }
    }

    /// Returns all themes, the built-in ones first, the others by name.
    package func list() -> [Entry] {
        let builtIn = Theme.builtIn.map(\.name)
        let others = directories.flatMap { directory in
            // A directory that is not there has no themes.
            ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
                .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(".yaml".count)) }
        }
        return (builtIn + Set(others).subtracting(builtIn).sorted()).map { name in
            switch read(name).theme {
            case .success(let theme): Entry(name: name, title: theme.title, fault: nil)
            case .failure(let error): Entry(name: name, title: name, fault: error.description)
            }
        }
    }

    private func load(_ name: String, seen: [String], files: inout [String]) throws(ThemeError) -> Theme {
        guard !seen.contains(name) else {
            throw ThemeError(place: "extends", reason: "\(name) extends itself")
        }
        let paths = name.contains("/") ? [] : directories.map { $0 + "/" + name + ".yaml" }
        files += paths
        guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            if let theme = Theme.builtIn.first(where: { $0.name == name }) { return theme }
            throw ThemeError(
                place: name + ".yaml", reason: "not found in \(directories.joined(separator: ", "))")
        }
        var extended = files
        defer { files = extended }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return try ThemeFile.theme(from: text) { try load($0, seen: seen + [name], files: &extended) }
        } catch let error as ThemeError {
            throw error
        } catch {
            throw ThemeError(place: path, reason: error.localizedDescription)
        }
    }
}
