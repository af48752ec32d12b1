import Records

/// The error that a table's changes cannot be applied as they come.
struct TableDoesNotFit: Error {
    let table: QualifiedName
    var cause = SetAsideTable.Cause.shape
    /// The server's message, if the server found it.
    var reason: String?
    /// The differences of an older form of the table, if it is not the latest.
    var differences: [SchemaDifference] = []
    /// The LSN of the transaction that met it; nil if the server found it.
    var lsn: LSN?
}
