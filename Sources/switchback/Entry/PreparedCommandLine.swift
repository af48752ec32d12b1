import Foundation

/// A command line made ready for the parser: short forms written out, the config file's values put behind it.
struct PreparedCommandLine: Equatable {
    let verb: Verb
    let arguments: [String]
    let invocation: Invocation
    /// Variables for the environment, where they are not set yet.
    let variables: [String: String]

    /// Nil where the words name no verb but the beginning of some, or ask for help: the parser shows it.
    init?(_ typed: [String]) throws {
        // The parser answers these itself; packaging/man-pages asks for the second.
        guard !["help", "--experimental-dump-help"].contains(typed.first) else { return nil }
        switch Verb.read(typed) {
        case .unknown(let word, let after):
            let place = after.isEmpty ? "switchback" : "switchback \(after)"
            throw VerbFailure("unknown command \"\(word)\" for \"\(place)\"; see \"\(place) --help\"")
        case .incomplete:
            return nil
        case .verb(let verb, let rest):
            let given = Invocation.flags(in: rest)
            // Bare `switchback --help` is the root's, not the console's.
            if verb == .console, typed.first != "console", given.contains("help") { return nil }
            let path = Self.configFile(in: Array(rest))
            let binding = try path.map {
                ConfigBinding(file: try ConfigFile(path: $0), verb: verb, given: given)
            }
            let fromFile = binding?.arguments ?? []
            self.verb = verb
            arguments = verb.words + Array(rest) + fromFile
            variables = binding?.variables ?? [:]
            invocation = Invocation(
                verb: verb, commandLine: Invocation.redacted(["switchback"] + typed),
                flags: given.union(Invocation.flags(in: fromFile)), configFile: path)
        }
    }

    /// The value of `--config-file` or `-c`, the last one where there are several.
    private static func configFile(in arguments: [String]) -> String? {
        var path: String?
        for (index, argument) in arguments.enumerated() {
            if argument == "--config-file" || argument == "-c" {
                path = index + 1 < arguments.count ? arguments[index + 1] : nil
            } else if argument.hasPrefix("--config-file=") {
                path = String(argument.dropFirst("--config-file=".count))
            } else if argument.hasPrefix("-c") {
                let joined = argument.dropFirst(2)
                path = String(joined.hasPrefix("=") ? joined.dropFirst() : joined)
            }
        }
        return path
    }
}
