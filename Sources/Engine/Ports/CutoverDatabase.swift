import Records

/// What a cutover asks of either database: it fences it against the application, and reads its sequences.
package protocol CutoverDatabase: Sendable {
    /// Sets up the fence, which keeps the application from writing; our own sessions still write. What is
    /// fenced already stays fenced, and the next call continues with the rest.
    ///
    /// It waits a few seconds for a lock on a table. It is in the record before it is made.
    ///
    /// - Parameters:
    ///   - tables: the migrated tables
    ///   - disconnects: end the sessions that began before the fence; if tables are fenced, those that have
    ///     written to them
    ///   - stands: called when the fence stands, before sessions are ended, with the server's time in seconds
    ///     since 1970. Its error ends the call, and no session is ended.
    /// - Throws: `RequestRefused` if there are sessions that cannot be ended.
    func setUpFence(
        _ form: CutoverFence, of tables: [QualifiedName], disconnecting disconnects: Bool,
        stands: (_ at: Double) throws -> Void
    ) throws -> StepAttempt

    /// Removes the fences of ours, and restores the setting that was there before. When it returns, everybody
    /// may write again. It does nothing if there is none, and can be repeated after a crash.
    func removeFence() throws

    /// Returns a session that reads what the gates judge.
    ///
    /// - Parameter name: of its sessions on the server
    func gates(as name: String) -> any GateSession

    /// Keeps the triggers, rules and foreign keys of the tables from taking effect on the rows that our
    /// sessions write. Does nothing if they take none anyway. Everything that it changes is in the record
    /// before, with its exact inverse; what is off already stays as it is, and is not recorded.
    ///
    /// It waits a few seconds for a lock on a table; another call continues with the rest. Throws
    /// `SuspensionNotAllowed`, and changes nothing more, when `MigrationRecord.allowsSuspension` says so.
    func suspendEffects(on tables: [QualifiedName]) throws -> StepAttempt

    /// Brings back what `suspendEffects` has changed: when it returns, all of it takes effect on new rows.
    /// Whether old rows obey is checked later (`ComparedDatabase.finishForeignKeys`). It does nothing if
    /// nothing is off, waits a few seconds for a lock on a table, and can be repeated after a crash.
    func restoreEffects() throws -> StepAttempt

    /// Reads the sequences of the migration's schemas and those that the tables use, in name order, and the
    /// state of those that `choose` returns, in its order. A state is not behind any value that was given
    /// out.
    func sequences(
        ofTables tables: [QualifiedName], reading choose: ([SequenceDefinition]) -> [SequenceDefinition]
    ) throws -> FoundSequences
}

/// The outcome of an attempt at a step that others can delay.
package enum StepAttempt: Sendable {
    /// What was done, in words.
    case done(String)
    /// Another session has a lock that the step needs. The error's reason names that session if it is known.
    /// Nothing is undone; another attempt continues.
    case waits(for: any DatabaseError)
}
