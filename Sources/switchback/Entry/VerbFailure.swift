import ArgumentParser

/// The one clear message a verb ends with when it cannot do its work, and the exit code that goes with it.
struct VerbFailure: Error, Equatable, CustomStringConvertible {
    /// A server could not be reached, or takes no connections for now: the same command may succeed later.
    static let serverAwayCode: Int32 = 3

    let message: String
    let exitCode: Int32

    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }

    var description: String { message }
}

/// The sentence for required flags that neither the command line nor the config file gave.
func requireFlags(_ flags: [(name: String, isGiven: Bool)]) throws {
    let missing = flags.filter { !$0.isGiven }.map { "\"\($0.name)\"" }
    guard !missing.isEmpty else { return }
    throw ValidationError("required flag(s) \(missing.joined(separator: ", ")) not set")
}
