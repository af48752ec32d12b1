import Records

/// The database that a leg writes.
package protocol Destination: AppliedDestination, FilledDestination, ReleasedDestination {}

/// A destination to which changes are applied.
package protocol AppliedDestination: Sendable {}

/// A destination that is filled with the rows of a snapshot.
package protocol FilledDestination: Sendable {
    /// Connects to prepare the tables for their rows.
    func startFilling() throws -> any FillStartSession

    /// Connects to write rows; triggers and foreign keys take no effect on them.
    func snapshotWriter() throws -> any SnapshotWriter
}

/// A destination to which a cutover brings the application.
package protocol ReleasedDestination: CutoverDatabase {
    /// Reads what the gates compare with the facts of the origin.
    ///
    /// - Parameters:
    ///   - tables: the migrated tables
    ///   - streamsBack: read also what the tables lack to be streamed from here
    ///   - choose: returns the sequences whose state is read
    func facts(
        ofTables tables: [QualifiedName], streamsBack: Bool,
        reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> DestinationFacts

    /// Sets sequences to these states, one after the other. Returns how many: one that is gone is passed
    /// over.
    func setSequences(_ values: [SequenceValue]) throws -> Int

    /// Reads the migration's channels. If they are far enough, it makes everything that is committed here
    /// durable, and a crash of the server after the call loses none of it. If the server crashes between the
    /// two, it throws: what was read may then be lost.
    func channels(makingDurableIf isFarEnough: ([Channel]) throws -> Bool) throws -> [Channel]
}
