/// The errors of a statement that are about its row, so that the others can be applied without it.
///
/// Every other error (a missing privilege, a full disk, a table of another form) would come with the next row
/// too.
enum IncidentClass {
    /// 22 data exception, 23 integrity constraint violation, 44 check option violation.
    private static let classes = ["22", "23", "44"]
    /// A row too large for an index, and an exception raised by a trigger.
    private static let states = ["54000", "P0001"]

    static func contains(_ sqlState: String) -> Bool {
        classes.contains(String(sqlState.prefix(2))) || states.contains(sqlState)
    }
}

/// The class of a statement's errors that concern the table and not its row.
enum SchemaErrorClass {
    /// Undefined table, column, function or object, wrong type, a generated column, wrong kind of object.
    private static let states = ["42P01", "42703", "42804", "42883", "42704", "428C9", "42809"]

    static func contains(_ sqlState: String) -> Bool { states.contains(sqlState) }
}
