import Postgres
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

/// Facts of the destination for the gates, read by apply.
struct DestinationFacts: Sendable, Equatable {
    var shapes: [TableShape]
    /// All sequences of the schemas.
    var sequences: [SequenceDefinition]
    /// The state of those that correspond to a sequence of the origin.
    var values: [SequenceValue]
    /// Tables that cannot be streamed back.
    var lacks: [TableIdentity.Lack]
    var triggers: [AlwaysTrigger]
}
