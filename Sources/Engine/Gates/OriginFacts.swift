import Records

/// Facts of the origin for the gates, read by capture before anything is fenced. They are in the journal,
/// because apply judges them.
struct OriginFacts: Sendable, Codable, Equatable {
    static let key = "cutover_facts"

    /// Token of the cutover they were read for.
    var token: String
    var shapes: [TableShape]
    /// The sequences that the cutover carries over.
    var sequences: [SequenceValue]
}
