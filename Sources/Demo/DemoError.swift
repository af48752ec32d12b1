/// What went wrong around the migration: with the throw-away servers, the application or the demo's own waits.
/// Each says what was being done and what helps.
package enum DemoError: Error, Equatable, CustomStringConvertible {
    /// A program that must be installed is not there.
    case programMissing(String, remedy: String)
    case commandFailed(command: String, status: Int32, output: String)
    case directoryUnusable(String, reason: String)
    /// A wait with a named bound came to its end.
    case waitedTooLong(for: String, seconds: Double, last: String)
    /// The migration refused or failed what the demo asked of it.
    case requestFailed(String, answer: String)
    /// The ledger's file holds a line that nobody wrote so.
    case ledgerUnreadable(line: String)

    package var description: String {
        switch self {
        case .programMissing(let program, let remedy): "cannot find \(program); \(remedy)"
        case .commandFailed(let command, let status, let output):
            "\(command) ended with status \(status): \(output)"
        case .directoryUnusable(let path, let reason): "cannot use the directory \(path): \(reason)"
        case .waitedTooLong(let what, let seconds, let last):
            "waited \(Int(seconds)) s for \(what) in vain; last seen: \(last)"
        case .requestFailed(let title, let answer): "the request to \(title) did not succeed: \(answer)"
        case .ledgerUnreadable(let line): "the ledger holds a line that cannot be read: \(line)"
        }
    }
}
