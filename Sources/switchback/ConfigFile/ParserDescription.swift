import ArgumentParser
import Foundation

/// The parser's own description of a command: its words, its flags, also the hidden ones, and the commands
/// below it.
struct ParserDescription: Decodable {
    /// A flag of a command. Some flags without effect share one description.
    struct Flag: Decodable {
        struct Name: Decodable {
            let name: String
        }
        let names: [Name]?
        /// The sentence of the help; nil for hidden flags.
        let abstract: String?
        let defaultValue: String?
        let shouldDisplay: Bool
    }

    let commandName: String
    let abstract: String?
    let arguments: [Flag]?
    let subcommands: [ParserDescription]?

    /// Reads the description of the program.
    static func program() throws -> ParserDescription {
        struct Root: Decodable {
            let command: ParserDescription
        }
        do {
            _ = try Switchback.parseAsRoot(["--experimental-dump-help"])
        } catch {
            // The parser answers by an error, whose message is the description.
            let dump = Data(Switchback.fullMessage(for: error).utf8)
            return try JSONDecoder().decode(Root.self, from: dump).command
        }
        throw VerbFailure("the parser does not describe itself")
    }

    /// Returns the description of a verb.
    func verb(_ verb: Verb) -> ParserDescription? { command(verb.words[...]) }

    private func command(_ words: ArraySlice<String>) -> ParserDescription? {
        guard let word = words.first else { return self }
        return subcommands?.first { $0.commandName == word }?.command(words.dropFirst())
    }

    func flag(_ name: String) -> Flag? {
        arguments?.first { $0.names?.contains { $0.name == name } == true }
    }
}
