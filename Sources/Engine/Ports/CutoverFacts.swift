import Records

/// The sequences of a database, with the state of some of them.
package struct FoundSequences: Sendable, Equatable {
    package var definitions: [SequenceDefinition]
    package var values: [SequenceValue]

    package init(definitions: [SequenceDefinition], values: [SequenceValue]) {
        self.definitions = definitions
        self.values = values
    }
}

/// What an origin has before a cutover changes anything.
package struct FoundOrigin: Sendable, Equatable {
    /// The tables of the migration's schemas, as the catalog has them now.
    package var tables: [Table]
    /// The shapes of the migrated tables, in name order.
    package var shapes: [TableShape]
    package var sequences: FoundSequences

    package init(tables: [Table], shapes: [TableShape], sequences: FoundSequences) {
        self.tables = tables
        self.shapes = shapes
        self.sequences = sequences
    }
}

/// Facts of the destination for the gates, read by apply.
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

/// What decides whether the tables of a database can be streamed from it.
package struct StreamableTables: Sendable, Equatable {
    /// The tables of the migration's schemas, as the catalog has them now.
    package var tables: [Table]
    /// What the migrated tables lack.
    package var lacks: [TableIdentity.Lack]

    package init(tables: [Table], lacks: [TableIdentity.Lack]) {
        self.tables = tables
        self.lacks = lacks
    }
}

/// The outcome of an attempt to prepare an origin.
package enum PreparationAttempt: Sendable {
    /// Every change whose transaction commits at or above `consistentPoint` will be streamed.
    case done(consistentPoint: LogPosition, barriersAreRows: Bool)
    /// Another session has a lock that is needed.
    case waitsForLock(any DatabaseError)
    /// Transactions that began before have to end first. They are empty if they are of another database.
    case waitsForWriters([OpenWriter])
}
