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
package protocol ReleasedDestination: Sendable {}
