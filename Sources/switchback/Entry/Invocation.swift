/// The command line of this process as logs and notices need it, without passwords.
struct Invocation: Sendable, Equatable {
    let verb: Verb
    /// The command line for the log, with passwords replaced.
    let commandLine: String
    /// Long names of the flags that the operator gave, on the command line or in the config file.
    let flags: Set<String>
    /// The config file in use.
    let configFile: String?
    /// The flags on the command line, without those with a password.
    var typed: [TypedFlag] = []
    /// Whether a password was on the command line.
    var hasPasswordFlag = false
    /// The section `target` of the config file, without the password; nil if it has none.
    var targetSection: [String: String]?
    /// Lines about flags and keys of yb-voyager that have no effect.
    var notes: [String] = []

    /// The invocation of the verb that runs. A task-local value lets a group of flags read it without a
    /// parameter.
    @TaskLocal static var current = Invocation(verb: .console, commandLine: "", flags: [], configFile: nil)

    /// Returns the long names of the flags in a list of arguments: `--flag value`, `--flag=value`, and the
    /// short forms.
    static func flags(in arguments: some Sequence<String>) -> Set<String> {
        var flags: Set<String> = []
        for argument in arguments {
            if argument == "--" { break }
            if argument.hasPrefix("--") {
                flags.insert(String(argument.dropFirst(2).prefix { $0 != "=" }))
            } else if argument.hasPrefix("-"), let letter = argument.dropFirst().first,
                let long = shortFlags[letter]
            {
                flags.insert(long)
            }
        }
        return flags
    }

    /// Returns the values of the long flags in a list of arguments, the last one of each.
    static func values(in arguments: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { break }
            guard argument.hasPrefix("--") else { continue }
            let name = argument.dropFirst(2).prefix { $0 != "=" }
            let rest = argument.dropFirst(2 + name.count)
            if rest.hasPrefix("=") {
                values[String(name)] = String(rest.dropFirst())
            } else if index + 1 < arguments.count {
                values[String(name)] = arguments[index + 1]
            }
        }
        return values
    }

    static let shortFlags: [Character: String] = [
        "e": "export-dir", "c": "config-file", "l": "log-level", "y": "yes", "h": "help",
    ]

    /// Returns the command line for logs, with passwords replaced.
    static func redacted(_ arguments: [String]) -> String {
        var words: [String] = []
        var hidesNext = false
        for argument in arguments {
            if hidesNext {
                words.append("***")
                hidesNext = false
            } else if PasswordFlags.names.contains(argument) {
                words.append(argument)
                hidesNext = true
            } else if let name = PasswordFlags.names.first(where: { argument.hasPrefix($0 + "=") }) {
                words.append(name + "=***")
            } else {
                words.append(argument)
            }
        }
        return words.joined(separator: " ")
    }
}
