import Records

/// A column's value came in its type's binary form.
///
/// It is never asked for (see `StreamProtocol`), so something between this program and the server asked for it.
package struct BinaryValue: Error, Sendable, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String {
        "the replication stream holds a value in binary form, which was not asked for and is not applied: see that nothing "
            + "between here and the origin changes the options of START_REPLICATION, and begin a new migration"
    }
}

/// The server handed over a transaction of a two-phase commit at its PREPARE.
///
/// `two_phase` is never asked for; a slot for which somebody else switched it on keeps it.
package struct PreparedTransactionRefused: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where the transaction stands in the server's WAL. Its name is the application's, and stays out of the message.
    package let lsn: LSN

    package init(lsn: LSN) { self.lsn = lsn }

    package var description: String {
        "the server sends prepared transactions before their outcome, and Switchback takes them at COMMIT PREPARED only: the "
            + "transaction at \(lsn) cannot be taken; the slot's two_phase was switched on by somebody else: switch it off "
            + "(ALTER_REPLICATION_SLOT … (TWO_PHASE false), from PostgreSQL 18 on) and resume, or begin a new migration"
    }
}
