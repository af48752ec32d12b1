import Records

/// The reason why a connection cannot continue as it applies, though nothing has failed for good.
/// `ApplyMachine` decides what follows. The transaction is void, and the connection cannot be used any more.
package enum ApplyInterruption: Error {
    /// The watermark is not the one that was read: a transaction of an earlier process has been committed
    /// since.
    case watermarkMoved
    /// A change of the transaction that commits at `through` cannot be folded.
    case unfoldable(through: LogPosition)
    /// The destination refused a window that goes through this LSN. `table` is the one whose unique values
    /// were taken.
    case windowRefused(through: LogPosition, table: QualifiedName?)
    /// The destination refused a change of the transaction that commits at `through`.
    case changeRefused(through: LogPosition)
    /// The destination refused the commit of the transaction at `lsn`, which was applied change by change.
    case commitRefused(at: LogPosition)
    /// A table does not have the columns that its changes need.
    case tableDoesNotFit(TableDoesNotFit)
}
