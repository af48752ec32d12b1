import Records

/// The database that a leg reads.
package protocol Origin: StreamedOrigin, CopiedOrigin, ReleasedOrigin {}

/// An origin whose rows are copied under a snapshot.
package protocol CopiedOrigin: Sendable {
    /// Connects to start the snapshot of the leg. First ends the sessions that an earlier attempt left there.
    /// Throws `RequestRefused` if the database is not the one that this migration began with; records its
    /// identity if none is recorded yet.
    func startSnapshot() throws -> any SnapshotStartSession

    /// Reads the state of the leg's place in the origin's log, over a connection of its own; nil if the
    /// origin has none.
    func slotState() throws -> SlotState?
}

/// An origin from which a cutover takes the application away.
package protocol ReleasedOrigin: Sendable {}
