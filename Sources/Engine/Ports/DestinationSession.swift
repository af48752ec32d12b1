import Records

/// A reader of what the destination's catalogs say about the tables of the migration.
package protocol DestinationReader: AnyObject {
    /// Returns the tables as schema changes may alter them, by name.
    func shapes() throws -> [QualifiedName: TableShape]

    /// Returns the tables whose rows only their primary key keeps apart. The changes of such a table may be
    /// applied in several channels at once, if each key has one channel: no other unique value orders them.
    func tablesOfOneKey() throws -> Set<QualifiedName>
}

/// The changes of one leg that were stashed on the destination, until the export directory has them too.
package protocol StashedChanges {
    /// Returns the oldest changes that are not marked as carried, by commit LSN and number; at most `limit`.
    func stashedChanges(limit: Int) throws -> [StashedChange]

    /// Marks changes as carried. The marks are durable when the call returns, and a mark that exists does no
    /// harm. The changes stay on the destination.
    func markCarried(_ changes: [StashedChange]) throws
}

/// The session over which a leg's changes are applied, from its connection to its writer.
///
/// **Order.** The engine reads, brings the channels' plan into force, and takes the writer as its last call.
/// The writer takes the session's connection over: after `writer` nothing else of the session may be called,
/// except `place`.
/// **Threads.** The session and its writer stay on one thread.
/// **Durability.** Commits wait for the disk until `acknowledgeAsSet` is called, which the engine does before
/// `writer`: those of the writer, and of the sessions it makes, are acknowledged as the server is set to.
/// **Errors.** After a thrown error the session is released, and a new one begins at the watermarks.
package protocol DestinationSession: DestinationReader, StashedChanges {
    /// The destination's server, for messages.
    var place: String { get }

    /// Returns the tables of the migration that can be written, as of one moment. The writer finds rows in
    /// them as they are described then, so this is called before `writer`.
    func tables() throws -> [Table]

    /// Returns the name of a column's type for people, such as `numeric(10,2)`. The column is one that the
    /// stream announces without a name of its type.
    func typeText(of column: AnnouncedTable.Column) throws -> String

    /// Returns this migration's channels, by number; at least one. Waits for transactions that move them,
    /// also those of an earlier process of ours. Throws if there is none: what was applied is unknown then.
    func lockedChannels() throws -> [Channel]

    /// Replaces channels by others, in one step that is durable when the call returns. Channels that are not
    /// named stay. Throws `ApplyInterruption.watermarkMoved`, and changes nothing, unless those that go are
    /// where `going` says.
    func replaceChannels(_ going: [ChannelPosition], with coming: [ChannelPosition]) throws

    /// Returns the counts of the changes that this migration has applied here, by table.
    func appliedCounts() throws -> [QualifiedName: ChangeCounts]

    /// Makes commits from now on as durable as the server's setting says. The server may lose the last ones
    /// in a crash, but only with their watermarks: see `AppliedDestination.makeCommitsDurable`.
    func acknowledgeAsSet() throws

    /// Returns the writer of a stage, which takes the connection over and may make more of its kind.
    ///
    /// - Parameters:
    ///   - channels: the channels as they are now; the writer moves the active ones
    ///   - splitTables: the tables whose updates are written as deletes and inserts, because unique values
    ///     move between their rows
    ///   - checkedAtOnce: the transaction whose constraints are checked at each change, in a stage of single
    ///     changes; nil if all are checked as they are declared
    ///   - ledger: decides how a change that cannot be applied is handled, and keeps the incident
    ///   - slowLookups: is told of changes whose rows are found without a key
    func writer(
        of stage: ApplyStage, _ channels: OpenChannels, splitting splitTables: Set<QualifiedName>,
        checkingAtOnce checkedAtOnce: LogPosition?, ledger: IncidentLedger, slowLookups: SlowLookupMonitor
    ) throws -> any TransactionWriter
}
