import Postgres
import Records

/// What the capture reads of the origin before anything is fenced, for the gates to judge. It is kept in the journal, for the
/// apply judges it.
struct OriginFacts: Sendable, Codable, Equatable {
    static let key = "cutover_facts"

    /// The cutover it was read for.
    var token: String
    var shapes: [TableShape]
    /// The sequences that go along.
    var sequences: [SequenceValue]
}

/// What the apply reads of the destination at the same time.
struct DestinationFacts: Sendable, Equatable {
    var shapes: [TableShape]
    /// All sequences of the schemas.
    var sequences: [SequenceDefinition]
    /// The state of those that stand for one of the origin.
    var values: [SequenceValue]
    /// Tables that cannot be streamed back.
    var lacks: [TableIdentity.Lack]
    var triggers: [AlwaysTrigger]
}
