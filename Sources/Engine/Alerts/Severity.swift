/// The severity of an alert, of an entry of the event log, and of what a verb reports. It is one enum for all
/// three, so that they agree. The raw value is stored in the journal and printed.
package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    /// Nothing is to be done.
    case info
    /// It may become an error, or something waits.
    case warning
    /// Somebody has to do something.
    case error
    /// Changes may be lost soon, or the application waits because of it.
    case critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        case .critical: 3
        }
    }
}
