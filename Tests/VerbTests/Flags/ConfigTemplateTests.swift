import Foundation
import Testing

@testable import switchback

/// The config file that `config template` writes.
@Suite struct ConfigTemplateTests {
    private let text: String
    private let lines: [String]

    init() throws {
        text = ConfigTemplate(try ParserDescription.program()).text
        lines = text.split(separator: "\n").map(String.init)
    }

    /// Whether a line is a key behind its `#`; a sentence has a space there.
    private static func isKey(_ line: String) -> Bool {
        line.wholeMatch(of: /\s*#[a-z][a-z0-9-]*:.*/) != nil
    }

    /// The keys by section; those outside any section are under an empty name.
    private func keys() -> [String: [String]] {
        var keys: [String: [String]] = [:]
        var section = ""
        for line in lines {
            if let match = line.wholeMatch(of: /([a-z-]+):/) { section = String(match.1) }
            guard Self.isKey(line) else { continue }
            let key = line.trimmingCharacters(in: .whitespaces).dropFirst().prefix { $0 != ":" }
            keys[section, default: []].append(String(key))
        }
        return keys
    }

    @Test func `as it is written it loads and sets nothing`() throws {
        let file = try ConfigFile(yaml: text, path: "template")
        #expect(file.globals.isEmpty)
        #expect(file.sections.count > 15)
        #expect(!file.sections.values.contains { !$0.isEmpty })
    }

    @Test func `with every key set it loads, so no key is unknown`() throws {
        let set = lines.map { Self.isKey($0) ? $0.replacing("#", with: "", maxReplacements: 1) : $0 }
        let file = try ConfigFile(yaml: set.joined(separator: "\n"), path: "template")
        #expect(file.sections["source"]?["db-port"] == "5432")
        #expect(file.sections["export-data-from-source"]?["export-type"] == "snapshot-and-changes")
        #expect(file.globals["log-level"] == "info")
    }

    @Test func `every key that the program reads is named once`() {
        let keys = keys()
        #expect(keys[""]?.sorted() == (ConfigKeys.globalFlags + ConfigKeys.globalVariables).sorted())
        let sections =
            ["source", "target"] + Verb.allCases.compactMap(\.configSections.last)
            + ConfigKeys.foreignSections.keys
        #expect(Set(keys.keys) == Set(sections + [""]))
        for section in sections {
            #expect(keys[section]?.sorted() == ConfigKeys.keys(of: section)?.sorted(), "\(section)")
        }
        #expect(keys.values.flatMap(\.self).count > 150)
    }

    @Test func `every key has a sentence before it`() {
        for (line, before) in zip(lines.dropFirst(), lines) where Self.isKey(line) {
            #expect(before.wholeMatch(of: /\s*# .*[a-z)].*/) != nil, "\(line)")
        }
    }

    @Test func `the verb prints it or writes it to a new file, and overwrites none`() throws {
        let printed = try SwitchbackProcess(["config", "template"])
        #expect(printed.exitCode == 0 && printed.errors.isEmpty && printed.output == text)
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/switchback.yaml"
        #expect(try SwitchbackProcess(["config", "template", "--file", path]).exitCode == 0)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        let again = try SwitchbackProcess(["config", "template", "--file", path])
        #expect(again.exitCode == 1 && again.errors.contains("exists already"))
    }
}
