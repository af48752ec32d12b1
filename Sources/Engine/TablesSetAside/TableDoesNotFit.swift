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

/// The class of a statement's errors that concern the table and not its row.
enum SchemaErrorClass {
    /// Undefined table, column, function or object, wrong type, a generated column, wrong kind of object.
    private static let states = ["42P01", "42703", "42804", "42883", "42704", "428C9", "42809"]

    static func contains(_ sqlState: String) -> Bool { states.contains(sqlState) }
}
