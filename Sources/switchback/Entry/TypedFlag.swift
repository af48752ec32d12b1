/// A flag as the operator typed it. A flag with a password is never one of these.
struct TypedFlag: Sendable, Equatable {
    /// The long name without dashes, also if the short one was typed.
    let name: String
    /// Nil for a flag without a value.
    let value: String?

    private static let withoutValue: Set = ["yes", "help"]

    /// Returns the flags in the arguments of a verb, in their order. The last of a repeated flag counts.
    static func flags(in arguments: some Sequence<String>) -> [TypedFlag] {
        var flags: [TypedFlag] = []
        var open: String?
        for argument in arguments {
            if let name = open {
                add(name, argument, to: &flags)
                open = nil
            } else if argument == "--" {
                break
            } else if let (name, value) = read(argument) {
                if value == nil, !withoutValue.contains(name) {
                    open = name
                } else {
                    add(name, value, to: &flags)
                }
            }
        }
        return flags
    }

    private static func add(_ name: String, _ value: String?, to flags: inout [TypedFlag]) {
        guard !PasswordFlags.names.contains("--" + name) else { return }
        flags.removeAll { $0.name == name }
        flags.append(TypedFlag(name: name, value: value))
    }

    /// Reads `--flag`, `--flag=value`, `-f`, `-f=value` and `-fvalue`; nil if it is no flag.
    private static func read(_ argument: String) -> (name: String, value: String?)? {
        if argument.hasPrefix("--") {
            let parts = argument.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
        }
        guard argument.hasPrefix("-"), let letter = argument.dropFirst().first,
            let long = Invocation.shortFlags[letter]
        else { return nil }
        let joined = argument.dropFirst(2)
        if joined.isEmpty { return (long, nil) }
        return (long, String(joined.hasPrefix("=") ? joined.dropFirst() : joined))
    }
}
