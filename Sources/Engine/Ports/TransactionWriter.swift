import Records

/// A writer of source transactions to the destination, in their order. The apply calls it once a message.
///
/// **Order.** Changes are taken in the order of the log, those of a transaction without a gap, and a relation
/// is announced before its first change. Channels that are ahead of others have parts of the first
/// transactions already; the writer passes over these parts.
/// **Exactly once.** `commit` puts everything taken before it into one transaction with the watermark, or
/// into a later one, never into an earlier one. A change and the watermark that covers it are committed
/// together: if the watermark is not where the writer left it, nothing takes effect. With several channels
/// each has a watermark and transactions of its own.
/// **Durability.** What is returned as applied is committed, and as durable as the session's commits are.
/// **Threads.** The writer stays on its session's thread. Calls may block while the server is behind.
/// **Errors.** After a thrown error the writer cannot be used any more, what was not returned may or may not
/// be committed, and the watermarks in the database say what is. The error says what follows:
/// - `ApplyInterruption`: the changes are written again from the watermarks on, in another way
/// - `TableDoesNotFit`: no change of a table can be applied; it is compared with the destination, and set
///   aside unless it fits
/// - `ApplyIncident`: a change cannot be applied and is not to be stashed; the apply stops before it
/// - `DatabaseError`: its condition says whether the same is tried again
/// - `RequestRefused`: an operator has to mend something first
package protocol TransactionWriter: AnyObject {
    /// Changes that were taken and not yet sent for commit.
    var pendingChanges: Int { get }
    /// The bytes of these changes in the log.
    var pendingBytes: Int { get }
    /// Whether nothing that was sent for commit waits for its answer.
    var isSettled: Bool { get }
    /// The sockets on which answers are awaited, with `poll`'s event bits. If a writer has none, its answers
    /// are read when the log grows, or a moment later.
    var awaited: [(socket: Int32, events: Int16)] { get }
    /// Changes taken since the last one that cannot be folded; nil from writers that fold.
    var foldableChanges: Int? { get }

    /// Takes a relation as the log describes it, within the transaction that commits at `lsn`. Later changes
    /// of its number are of this form; those taken before are of the earlier one.
    func announce(_ relation: RelationMessage, in lsn: LogPosition) throws

    /// Takes an insert, update, delete or truncate of the transaction that commits at `lsn`. The message is
    /// lent for the call.
    ///
    /// - Parameter number: of the change among those of its transaction, from 1 on
    func take(_ message: RawSpan, in lsn: LogPosition, number: Int) throws

    /// Sends what was taken of the open transaction, which commits at `lsn`, without committing it.
    func writePart(of lsn: LogPosition) throws

    /// Sends what was taken for commit, with the watermark at `lsn`. The last message taken was the last of
    /// its transaction. Does not wait until it is committed.
    ///
    /// - Returns: what is committed by now, in the order of the log
    func commit(through lsn: LogPosition) throws -> [AppliedWindow]

    /// Reads the answers that have arrived, and with `wait` waits for all of them: then all channels are
    /// level.
    ///
    /// - Returns: what is committed by now and was not returned before, in the order of the log
    func settle(wait: Bool) throws -> [AppliedWindow]
}
