/// An error around the migration: of the temporary servers, the application or the demo's waits. Each says
/// what was being done and what helps.
package enum DemoError: Error, Equatable, CustomStringConvertible {
    /// A required program is not installed.
    case programMissing(String, remedy: String)
    case commandFailed(command: String, status: Int32, output: String)
    case directoryUnusable(String, reason: String)
    /// A wait reached its bound.
    case waitedTooLong(for: String, seconds: Double, last: String)
    /// A request of the demo was refused or failed.
    case requestFailed(String, answer: String)
    /// The ledger has a line that cannot be parsed.
    case ledgerUnreadable(line: String)

    package var description: String {
        switch self {
        case .programMissing(let program, let remedy): "cannot find \(program); \(remedy)"
        case .commandFailed(let command, let status, let output):
            "\(command) ended with status \(status): \(output)"
        case .directoryUnusable(let path, let reason): "cannot use the directory \(path): \(reason)"
        case .waitedTooLong(let what, let seconds, let last):
            "waited \(Int(seconds)) s for \(what) without success; last seen: \(last)"
        case .requestFailed(let title, let answer): "the request to \(title) did not succeed: \(answer)"
        case .ledgerUnreadable(let line): "the ledger has a line that cannot be read: \(line)"
        }
    }
}
