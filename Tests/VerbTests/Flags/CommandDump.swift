import Foundation
import Testing

@testable import switchback

/// The parser's description of itself: the tree of commands with the names of their flags, also the hidden
/// ones.
struct CommandDump: Decodable {
    struct Root: Decodable {
        let command: CommandDump
    }
    struct Argument: Decodable {
        struct Name: Decodable {
            let name: String
        }
        let names: [Name]?
        let kind: String
        let shouldDisplay: Bool
    }

    /// A flag that the help shows.
    struct Shown {
        let name: String
        let hasValue: Bool
    }

    let commandName: String
    let arguments: [Argument]?
    let subcommands: [CommandDump]?

    /// The whole tree.
    static func root() throws -> CommandDump {
        let error = #expect(throws: (any Error).self) {
            try Switchback.parseAsRoot(["--experimental-dump-help"])
        }
        let dump = Data(Switchback.fullMessage(for: try #require(error)).utf8)
        return try JSONDecoder().decode(Root.self, from: dump).command
    }

    func names(of words: ArraySlice<String>) -> Set<String>? {
        guard let word = words.first else {
            return Set((arguments ?? []).flatMap { $0.names ?? [] }.map(\.name))
        }
        return subcommands?.first { $0.commandName == word }?.names(of: words.dropFirst())
    }

    /// The flags of a verb that its help shows, by their long names; nil if there is no such verb.
    func shownFlags(of words: ArraySlice<String>) -> [Shown]? {
        if let word = words.first {
            return subcommands?.first { $0.commandName == word }?.shownFlags(of: words.dropFirst())
        }
        return (arguments ?? []).filter(\.shouldDisplay).compactMap { argument in
            (argument.names ?? []).map(\.name).first { $0.count > 1 }.map {
                Shown(name: $0, hasValue: argument.kind == "option")
            }
        }
    }
}
