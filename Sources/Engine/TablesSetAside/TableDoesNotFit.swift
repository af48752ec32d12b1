import Records

/// A table's changes cannot be applied as they come.
struct TableDoesNotFit: Error {
    let table: QualifiedName
    var cause = SetAsideTable.Cause.shape
    /// What the server said, where it was the one to notice.
    var reason: String?
    /// What was found, where it is of a form of the table that is no longer the latest.
    var differences: [SchemaDifference] = []
    /// The transaction that came upon it; nil where the server noticed.
    var lsn: LSN?
}
