import Records

/// A table's changes cannot be applied as they come.
struct TableDoesNotFit: Error {
    let table: QualifiedName
    var cause = TableHold.Cause.shape
    /// What the server said, where it was the one to notice.
    var reason: String?
}
