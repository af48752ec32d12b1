import Records

/// What a gate has found before a cutover: a table or sequence that would make trouble after the release.
struct GateFinding: Sendable, Equatable {
    enum Severity: Sendable, Equatable {
        /// The cutover does not begin.
        case stop
        /// It is said, and the cutover goes on.
        case warning
    }

    let severity: Severity
    /// The table, sequence or trigger, with its side.
    let subject: String
    let cause: String
    /// SQL, or a sentence where no SQL helps.
    let remedy: String

    var sentence: String { "\(subject) \(cause); to mend it: \(remedy)" }
}
