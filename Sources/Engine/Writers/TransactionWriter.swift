import Postgres
import Records

/// A writer of source transactions to the destination, in their order.
///
/// Contract: changes are taken in the order of the log. `commit` puts everything taken before it into one
/// transaction with the watermark, or into a later one, never into an earlier one. What it returns is
/// committed. After a thrown error the writer cannot be used any more, and the watermark in the database
/// says what is committed. An `ApplyInterruption` is thrown if the changes have to be written in another way.
protocol TransactionWriter: AnyObject {
    /// Changes that were taken and not yet sent for commit.
    var pendingChanges: Int { get }
    var pendingBytes: Int { get }
    /// Whether nothing that was sent for commit waits for its answer.
    var isSettled: Bool { get }
    /// The sockets on which answers are awaited, with `poll`'s event bits.
    var awaited: [(socket: Int32, events: Int16)] { get }
    /// Changes taken since the last one that cannot be folded; nil from writers that fold.
    var foldableChanges: Int? { get }

    /// Takes a relation as the log describes it, within the transaction that commits at `lsn`.
    func announce(_ relation: RelationMessage, in lsn: LSN) throws
    /// Takes an insert, update, delete or truncate of the transaction that commits at `lsn`.
    ///
    /// - Parameter number: of the change among those of its transaction, from 1 on
    func take(_ message: RawSpan, in lsn: LSN, number: Int) throws
    /// Sends what was taken of the open transaction, without committing it.
    func writePart(of lsn: LSN) throws
    func commit(through lsn: LSN) throws -> [AppliedWindow]
    /// Reads the answers that have arrived, and with `wait` waits for all of them.
    func settle(wait: Bool) throws -> [AppliedWindow]
}
