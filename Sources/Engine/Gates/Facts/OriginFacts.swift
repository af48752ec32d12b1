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
    /// Nil in journals of earlier versions, whose gates compared no objects.
    var catalog: CatalogReadings?
    var server: ServerReadings?
}

/// Facts of the destination for the gates of tables and sequences.
package struct DestinationFacts: Sendable, Equatable {
    /// The shapes of the migrated tables, in name order.
    package var shapes: [TableShape]
    /// All sequences of the schemas.
    package var sequences: [SequenceDefinition]
    /// The state of those that correspond to a sequence of the origin.
    package var values: [SequenceValue]
    /// Tables that cannot be streamed back.
    package var lacks: [TableIdentity.Lack]
    package var triggers: [AlwaysTrigger]

    package init(
        shapes: [TableShape], sequences: [SequenceDefinition], values: [SequenceValue],
        lacks: [TableIdentity.Lack], triggers: [AlwaysTrigger]
    ) {
        self.shapes = shapes
        self.sequences = sequences
        self.values = values
        self.lacks = lacks
        self.triggers = triggers
    }
}
