import Foundation
import Yams

/// The reason why a `keys.yaml` cannot be used, with the line.
package struct KeyFileError: Error, Equatable, CustomStringConvertible {
    package let line: Int?
    package let reason: String

    package var description: String { (line.map { "line \($0): " } ?? "") + reason }
}

/// A `keys.yaml`: other keys for commands. Each line names a command and its keys, all of them:
///
///     dashboard: d
///     copy: [c, ^y]
///
/// The commands that it leaves out keep their keys.
package struct KeyFile: Sendable {
    /// The keys of one command, and where the file has them.
    private struct Entry {
        let command: Command
        let keys: [KeyEvent]
        let line: Int?
    }

    private let entries: [Entry]

    /// Reads the text of a file.
    ///
    /// - Throws: `KeyFileError` if the text is not YAML, or names a command or a key that does not exist
    package init(_ text: String) throws(KeyFileError) {
        let root: Node?
        do { root = try compose(yaml: text) } catch {
            throw KeyFileError(line: Self.line(of: error), reason: "this is no YAML: \(Self.words(error))")
        }
        guard let root, root.null == nil else {
            entries = []
            return
        }
        guard let mapping = root.mapping else {
            throw KeyFileError(line: root.mark?.line, reason: "expected lines like `dashboard: d`")
        }
        var found: [Entry] = []
        for (name, keys) in mapping { found.append(try Self.entry(name, keys)) }
        entries = found
    }

    private static func entry(_ name: Node, _ value: Node) throws(KeyFileError) -> Entry {
        let line = name.mark?.line
        guard let command = Command(rawValue: name.string ?? "") else {
            throw KeyFileError(
                line: line,
                reason: "there is no command \(name.string ?? ""); `switchback keys` lists them")
        }
        let nodes = value.sequence.map(Array.init) ?? [value]
        var keys: [KeyEvent] = []
        for node in nodes {
            guard let text = node.scalar?.string, let key = KeyEvent(named: text) else {
                throw KeyFileError(
                    line: node.mark?.line ?? line,
                    reason: "\(node.scalar?.string ?? "this") is no key; write a character, ^X, F5, Enter, "
                        + "Space, Tab, Up or PgDn, for example")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw KeyFileError(line: line, reason: "\(command.rawValue) needs a key at least")
        }
        return Entry(command: command, keys: keys, line: line)
    }

    /// Returns a keymap with the keys of the file.
    ///
    /// - Throws: `KeyFileError` if a key would have two meanings on one page, or an uppercase letter would
    ///   not ask, with the line that brings it about
    package func applied(to keymap: Keymap) throws(KeyFileError) -> Keymap {
        for entry in entries { try Self.checkCase(entry, keymap) }
        let changed = keymap.replacing(
            Dictionary(entries.map { ($0.command, $0.keys) }, uniquingKeysWith: { _, last in last }))
        guard let conflict = changed.conflict else { return changed }
        let lines = entries.filter { $0.command == conflict.first || $0.command == conflict.second }
        throw KeyFileError(
            line: lines.compactMap(\.line).max(),
            reason: "\(conflict.key.name) would be the key of \(conflict.first.rawValue) and of "
                + "\(conflict.second.rawValue) on one page; give one of them another key")
    }

    private static func checkCase(_ entry: Entry, _ keymap: Keymap) throws(KeyFileError) {
        let asks = keymap[entry.command]?.effect == .asks
        for key in entry.keys {
            let isUppercase = if case .character(let letter) = key { letter.isUppercase } else { false }
            guard isUppercase != asks else { continue }
            throw KeyFileError(
                line: entry.line,
                reason: asks
                    ? "\(entry.command.rawValue) has large consequences and needs an uppercase letter"
                    : "\(key.name): an uppercase letter is for commands with large consequences")
        }
    }

    private static func line(of error: any Error) -> Int? {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            mark.line
        default: nil
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            problem
        case .duplicatedKeysInMapping(let duplicates, _):
            "twice in the file: \(duplicates.map { "\($0)" }.joined(separator: ", "))"
        default: "\(error)"
        }
    }
}

extension Keymap {
    /// Returns the keymap with the operator's `keys.yaml`; the standard one and the reason if that file
    /// cannot be used.
    package static func read(from path: String) -> (keymap: Keymap, warning: String?) {
        guard FileManager.default.fileExists(atPath: path) else { return (.standard, nil) }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return (try KeyFile(text).applied(to: .standard), nil)
        } catch let error as KeyFileError {
            return (.standard, "\(path): \(error)")
        } catch {
            return (.standard, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
