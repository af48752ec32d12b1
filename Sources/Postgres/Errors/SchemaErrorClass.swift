/// The class of a statement's errors that concern the table and not its row.
package enum SchemaErrorClass {
    /// Undefined table, column, function or object, wrong type, a generated column, wrong kind of object.
    private static let states = ["42P01", "42703", "42804", "42883", "42704", "428C9", "42809"]

    package static func contains(_ sqlState: String) -> Bool { states.contains(sqlState) }
}
