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
