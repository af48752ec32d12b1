import Foundation
import Yams

/// The content of a config file: values for flags, globally and by section, as the operator wrote them.
struct ConfigFile: Equatable {
    /// Keys outside any section.
    private(set) var globals: [String: String] = [:]
    private(set) var sections: [String: [String: String]] = [:]

    /// Reads a file; throws one failure that lists everything that is wrong in it.
    init(path: String) throws {
        let bytes: Data
        do {
            // Not `String(contentsOfFile:)`, which refuses a pipe: the file may be the output of a command.
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            bytes = try file.readToEnd() ?? Data()
            try file.close()
        } catch {
            throw VerbFailure("cannot read the config file \"\(path)\": \(error.localizedDescription)")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw VerbFailure("the config file \"\(path)\" is not text in UTF-8; save it as that")
        }
        try self.init(yaml: text, path: path)
    }

    init(yaml: String, path: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw VerbFailure(
                "the config file \"\(path)\" is not YAML: \(error). Keys and values are written \"key: "
                    + "value\", indented with spaces and not with tabs")
        }
        guard let root else { return }
        guard case .mapping(let mapping) = root else {
            if root.string?.isEmpty == true { return }
            throw VerbFailure(
                "the config file \"\(path)\" contains no keys; write \"export-dir: ...\" and so on")
        }
        var problems: [String] = []
        for (key, value) in mapping { read(key: key, value: value, problems: &problems) }
        for verb in Verb.allCases {
            let used = verb.configSections.filter { sections[$0] != nil }
            if used.count > 1 {
                problems.append(
                    "the sections \(used.joined(separator: " and ")) mean the same; keep one of them")
            }
        }
        guard problems.isEmpty else {
            let list = problems.map { "  - " + $0 }.joined(separator: "\n")
            throw VerbFailure("the config file \"\(path)\" has \(problems.count) problem(s):\n" + list)
        }
    }

    private mutating func read(key: Node, value: Node, problems: inout [String]) {
        guard let name = key.string else {
            problems.append("line \(key.mark?.line ?? 0): a key must be a word")
            return
        }
        let place = "line \(key.mark?.line ?? 0): "
        if case .mapping(let keys) = value {
            readSection(name, keys, place: place, problems: &problems)
        } else if ConfigKeys.keys(of: name) != nil {
            // A section without keys is empty.
            if Self.text(of: value) == nil {
                sections[name] = [:]
            } else {
                problems.append(
                    place + "\"\(name)\" is a section; write its keys on lines of their own below it")
            }
        } else if (ConfigKeys.globalFlags + ConfigKeys.globalVariables).contains(name) {
            globals[name] = Self.text(of: value)
        } else {
            problems.append(place + "unknown global key \"\(name)\"")
        }
    }

    private mutating func readSection(
        _ section: String, _ keys: Node.Mapping, place: String, problems: inout [String]
    ) {
        guard let known = ConfigKeys.keys(of: section) else {
            problems.append(place + "unknown section \"\(section)\"")
            return
        }
        var values: [String: String] = [:]
        for (key, value) in keys {
            let place = "line \(key.mark?.line ?? 0): "
            guard let name = key.string, known.contains(name) else {
                problems.append(place + "unknown key \"\(key.string ?? "?")\" in the section \"\(section)\"")
                continue
            }
            if case .mapping = value {
                problems.append(place + "\"\(section).\(name)\" must be a value, not a section")
                continue
            }
            values[name] = Self.text(of: value)
        }
        sections[section] = values
    }

    /// Returns a value as the operator wrote it, so that a password of digits is not changed. A list is
    /// joined with commas. An empty value counts as not given.
    private static func text(of node: Node) -> String? {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return isNull ? nil : scalar.string
        case .sequence(let items):
            return items.compactMap { text(of: $0) }.joined(separator: ",")
        case .mapping, .alias:
            return nil
        }
    }
}
