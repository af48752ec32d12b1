import ArgumentParser
import Console

/// `keys`: the keys of the console, with those of the operator's `keys.yaml`.
struct ShowKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List the console's keys, and check keys.yaml.")

    @Flag(help: "Write the list as a table in Markdown.") var markdown = false

    func run() throws {
        let found = Keymap.read(from: ConsoleAndDemo.ownFiles().keys)
        if let warning = found.warning { throw VerbFailure(warning) }
        let text = markdown ? found.keymap.markdown : found.keymap.text
        for line in text.split(separator: "\n") { Terminal.output.line(String(line)) }
    }
}
