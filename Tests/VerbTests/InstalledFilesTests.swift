import Foundation
import Testing

@testable import switchback

/// The files that are installed with the program, and where it finds them.
@Suite struct InstalledFilesTests {
    @Test(arguments: ["/usr/local", "/usr", "/home/operator/tools"])
    func `the installed themes are found beside the program's folder, after the operator's own`(
        prefix: String
    ) {
        let directories = ConsoleAndDemo.themeDirectories(
            configuration: "/home/operator/.config", programDirectory: URL(fileURLWithPath: prefix + "/bin"))
        #expect(
            directories.prefix(2) == [
                "/home/operator/.config/switchback/themes", prefix + "/share/switchback/themes",
            ])
    }

    @Test func `the themes of a build tree are found from its program`() {
        let directories = ConsoleAndDemo.themeDirectories(
            configuration: "/nowhere",
            programDirectory: URL(fileURLWithPath: "/checkout/.build/x86_64-unknown-linux-gnu/debug"))
        #expect(directories.contains("/checkout/themes"))
    }

    @Test func `the parser lists all verbs for the man pages`() throws {
        let dump = try SwitchbackProcess(["--experimental-dump-help"])
        #expect(dump.exitCode == 0)
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any])
        let command = try #require(root["command"] as? [String: Any])
        let names = Self.verbs(below: command)
        for verb in Verb.allCases { #expect(names.contains(verb.rawValue)) }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `the completions of a shell name every word of every verb`(shell: String) throws {
        let script = try SwitchbackProcess(["--generate-completion-script", shell])
        #expect(script.exitCode == 0)
        for word in Set(Verb.allCases.flatMap(\.words)) { #expect(script.output.contains(word)) }
    }

    private static func verbs(below command: [String: Any]) -> [String] {
        let children = command["subcommands"] as? [[String: Any]] ?? []
        return children.flatMap { child in
            let name = child["commandName"] as? String ?? ""
            let below = verbs(below: child)
            return below.isEmpty ? [name] : below.map { name + " " + $0 }
        }
    }
}
