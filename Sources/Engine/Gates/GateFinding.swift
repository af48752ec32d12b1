import Records

/// A finding of the gates: a table, sequence or trigger that would cause a fault after the release.
struct GateFinding: Sendable, Equatable {
    /// Effect of a finding on the cutover.
    enum Severity: Sendable, Equatable {
        /// The cutover is aborted before its first change.
        case stop
        /// The finding is logged, and the cutover continues.
        case warning
    }

    let severity: Severity
    /// The table, sequence or trigger, with its side.
    let subject: String
    let cause: String
    /// SQL, or a sentence if no SQL helps.
    let remedy: String

    var words: String { "\(subject) \(cause)" }
    var sentence: String { "\(words); to mend it: \(remedy)" }
}
