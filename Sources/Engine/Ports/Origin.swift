import Records

/// The database that a leg reads.
package protocol Origin: StreamedOrigin, CopiedOrigin, ReleasedOrigin, PreparedOrigin {}

/// An origin whose rows are copied under a snapshot.
package protocol CopiedOrigin: Sendable {
    /// Connects to start the snapshot of the leg. First ends the sessions that an earlier attempt left there.
    /// Throws `RequestRefused` if the database is not the one that this migration began with; records its
    /// identity if none is recorded yet.
    func startSnapshot() throws -> any SnapshotStartSession
}

/// An origin from which a cutover takes the application away.
package protocol ReleasedOrigin: CutoverDatabase {
    /// Lists the open transactions that have written to the tables. It may list more, if the database does
    /// not show what a transaction has written to, and never less. Our own sessions are not among them.
    func openWriters(of tables: [QualifiedName]) throws -> [OpenWriter]

    /// Returns a session that looks who writes to tables here, also in transactions that are over at once.
    ///
    /// - Parameter name: of its sessions on the server
    func writerSampler(as name: String) -> any WriterSampler

    /// Writes a barrier in a transaction of its own, which is streamed after every transaction that has
    /// committed before the call. It may be written several times.
    func writeBarrier(_ content: String) throws

    /// Reads when the server was started, as a text that another start changes: after a crash, sequences may
    /// be further than they were read. Nil if the database does not tell it.
    func startedAt() throws -> String?

    /// Makes ready that the next leg can write here, and checks that it may. The application notices nothing.
    /// Returns what was seen, in words.
    func prepareToBeWritten() throws -> String

    /// Removes what the leg's stream needed here. The leg has ended. The call waits a bounded time until its
    /// stream is closed, does nothing if everything is gone, and can be repeated after a crash.
    func retire() throws
}

/// An origin that is prepared before its leg begins, so that nothing that is written later is missed.
package protocol PreparedOrigin: Sendable {
    /// Has the origin keep all changes of the tables from now on, for the leg's stream. Another call replaces
    /// what an earlier one has made.
    ///
    /// To make something, it waits a few seconds for locks and for open transactions. Whatever it makes is in
    /// the record before.
    ///
    /// - Parameter judge: called before the first change; its error ends the call
    func prepare(_ tables: [QualifiedName], judge: (StreamableTables) throws -> Void) throws
        -> PreparationAttempt

    /// Removes what `prepare` has made. Does nothing if it is gone; can be repeated after a crash.
    func undoPreparation() throws
}
