import Records

/// The database that a leg writes.
package protocol Destination: AppliedDestination, FilledDestination, ReleasedDestination {}

/// A destination to which changes are applied.
///
/// Exactly once: the destination has a watermark for each channel of the leg, and a transaction that carries
/// changes of a channel moves it. So the watermarks always say what is applied.
package protocol AppliedDestination: Sendable {
    /// Connects to apply the leg's changes. When the call returns, the database is the one that the migration
    /// began with, its triggers and foreign keys do not fire for the session's rows, and the migration has at
    /// least one channel here. Throws `RequestRefused` if the database is another one.
    func connectToApply() throws -> any DestinationSession

    /// Returns a reader for checks beside the apply, which no change waits for. It connects at its first use,
    /// and again after an error. It stays on the thread that uses it.
    ///
    /// - Parameter name: of its sessions
    func monitor(as name: String) -> any DestinationReader

    /// Returns this migration's channels, by number; at least one. Does not wait for transactions under way.
    ///
    /// - Parameters:
    ///   - name: of the session
    ///   - isEnough: whether what the channels say has to be durable. If so, it is when the call returns; if
    ///     the server has crashed since the channels were read, the call throws
    func channels(as name: String, durableIf isEnough: ([Channel]) throws -> Bool) throws -> [Channel]

    /// Makes everything durable that any session has committed here before the call.
    func makeCommitsDurable() throws
}

/// A destination that is filled with the rows of a snapshot.
package protocol FilledDestination: Sendable {
    /// Connects to prepare the tables for their rows. Throws `RequestRefused` if the database is not the one
    /// that this migration began with; records its identity if none is recorded yet.
    func startFilling() throws -> any FillStartSession

    /// Connects to write rows; triggers and foreign keys take no effect on them.
    func snapshotWriter() throws -> any SnapshotWriter
}

/// A destination to which a cutover brings the application.
package protocol ReleasedDestination: CutoverDatabase {
    /// Sets sequences to these states, one after the other. Returns how many: one that is gone is passed
    /// over.
    func setSequences(_ values: [SequenceValue]) throws -> Int
}
