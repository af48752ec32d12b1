import Records

/// The error that a table's changes cannot be applied as they come.
package struct TableDoesNotFit: Error {
    package let table: QualifiedName
    package var cause: SetAsideTable.Cause
    /// The server's message, if the server found it.
    package var reason: String?
    /// The differences of an older form of the table, if it is not the latest.
    package var differences: [SchemaDifference]
    /// The LSN of the transaction that met it; nil if the server found it.
    package var lsn: LogPosition?

    package init(
        table: QualifiedName, cause: SetAsideTable.Cause = .shape, reason: String? = nil,
        differences: [SchemaDifference] = [], lsn: LogPosition? = nil
    ) {
        self.table = table
        self.cause = cause
        self.reason = reason
        self.differences = differences
        self.lsn = lsn
    }
}
