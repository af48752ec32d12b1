import Foundation

/// A command line for the parser, with short forms written out and the config file's values added.
struct PreparedCommandLine: Equatable {
    let verb: Verb
    let arguments: [String]
    let invocation: Invocation
    /// Variables for the environment, for those that are not set yet.
    let variables: [String: String]
    /// Keys of the config file that set no flag, with their values.
    private let keys: [String: String]

    /// Nil if the words are only the beginning of a verb, or ask for help: then the parser shows the help.
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
            // `switchback --help` without a verb is for the root command, not for the console.
            if verb == .console, typed.first != "console", given.contains("help") { return nil }
            let path = Self.configFile(in: Array(rest))
            let binding = try path.map {
                ConfigBinding(file: try ConfigFile(path: $0), verb: verb, given: given)
            }
            let fromFile = binding?.arguments ?? []
            self.verb = verb
            arguments = verb.words + Array(rest) + fromFile
            variables = binding?.variables ?? [:]
            keys = binding?.keys ?? [:]
            let flags = given.union(Invocation.flags(in: fromFile))
            invocation = Invocation(
                verb: verb, commandLine: Invocation.redacted(["switchback"] + typed), flags: flags,
                configFile: path, typed: TypedFlag.flags(in: rest),
                hasPasswordFlag: PasswordFlags.names.contains { given.contains(String($0.dropFirst(2))) },
                targetSection: binding?.target,
                notes: ForeignSettings.notes(verb, flags: flags, keys: keys.keys))
        }
    }

    /// Refuses values that yb-voyager would take and Switchback does not act on. The parser has seen them
    /// before, and nothing was asked or changed.
    func refuseForeignValues() throws {
        try ForeignSettings.check(verb, flags: Invocation.values(in: arguments), keys: keys)
    }

    /// Returns the value of `--config-file` or `-c`, the last one if there are several.
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
