import ArgumentParser
import Foundation

/// `config template`: prints a config file with every key, or writes it to a new file.
struct WriteConfigTemplate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Print a config file with every key, its default and what it does, all commented out.")

    @Option(help: "Write it to this file, which must not exist yet.") var file: String?

    func run() throws {
        let text = ConfigTemplate(try ParserDescription.program()).text
        guard let file else { return Terminal.output.write(text) }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .withoutOverwriting)
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw VerbFailure("\(file) exists already; name a new file, or delete it first")
        } catch {
            throw VerbFailure("cannot write \(file): \(error.localizedDescription)")
        }
        Terminal.output.line("The config file is written to \(file)")
    }
}
