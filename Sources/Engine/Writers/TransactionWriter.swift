import Postgres
import Records

/// Writes the changes of source transactions to the destination, in their order.
///
/// Contract: changes are taken in the order of the log; `commit` makes everything taken before it one transaction with
/// the watermark, or part of a later one, never of an earlier; what it returns is committed for certain. After any thrown
/// error nothing more may be asked of it, and the watermark in the database says what holds.
protocol TransactionWriter: AnyObject {
    /// What is taken and not yet sent for commit.
    var pendingChanges: Int { get }
    var pendingBytes: Int { get }
    /// Nothing that was sent for commit waits for its answer.
    var isSettled: Bool { get }
    /// The sockets on which answers are awaited, and what for (`poll`'s event bits).
    var awaited: [(socket: Int32, events: Int16)] { get }

    /// A relation as the log announces it, within the transaction that commits at `lsn`.
    func announce(_ relation: RelationMessage, in lsn: LSN) throws
    /// Takes an insert, update, delete or truncate of the transaction that commits at `lsn`.
    func take(_ message: RawSpan, in lsn: LSN) throws
    /// Sends what was taken of a transaction that goes on, without committing it.
    func writePart(of lsn: LSN) throws
    func commit(through lsn: LSN) throws -> [AppliedWindow]
    /// Looks for answers, and with `wait` waits for all of them.
    func settle(wait: Bool) throws -> [AppliedWindow]
}

/// Everything through this position is to be applied row by row: it cannot be folded, or was refused when it was.
struct GoRowByRow: Error {
    let through: LSN
    let reason: String
    /// A change of it cannot be folded; the next ones of its kind will not fold either.
    let isUnfoldable: Bool
    /// The table whose unique values moved between rows.
    let table: QualifiedName?
}
