/// The error for a transaction that the server sent at its PREPARE, before its outcome.
///
/// Switchback never requests `two_phase`; a slot keeps the option if somebody else switched it on.
package struct PreparedTransactionRefused: Error, Sendable, Equatable, CustomStringConvertible {
    /// LSN of the transaction. Its name belongs to the application and stays out of the message.
    package let lsn: LogPosition

    package init(lsn: LogPosition) { self.lsn = lsn }

    package var description: String {
        "the server sends prepared transactions before their outcome, and Switchback takes them only at "
            + "COMMIT PREPARED: the transaction at \(lsn) cannot be taken; somebody else switched the slot's "
            + "two_phase on: switch it off (ALTER_REPLICATION_SLOT … (TWO_PHASE false), from PostgreSQL 18 "
            + "on) and resume, or begin a new migration"
    }
}
