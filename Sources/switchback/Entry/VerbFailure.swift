import ArgumentParser

/// The message and the exit code of a verb that failed.
struct VerbFailure: Error, Equatable, CustomStringConvertible {
    /// The exit code if a server cannot be reached or accepts no connections now: the same command may
    /// succeed later.
    static let serverAwayCode: Int32 = 3

    let message: String
    let exitCode: Int32

    init(_ message: String, exitCode: Int32 = 1) {
        self.message = message
        self.exitCode = exitCode
    }

    var description: String { message }
}

/// Throws if a required flag is neither on the command line nor in the config file.
func requireFlags(_ flags: [(name: String, isGiven: Bool)]) throws {
    let missing = flags.filter { !$0.isGiven }.map { "\"\($0.name)\"" }
    guard !missing.isEmpty else { return }
    throw ValidationError("required flag(s) \(missing.joined(separator: ", ")) not set")
}
