import Records

/// What is known of the types of keys.
enum KeyTypes {
    /// The types whose values every server sorts alike, whatever its collations.
    private static let sorted: Set<String> = [
        "smallint", "integer", "bigint", "oid", "uuid", "date", "boolean", "bytea", "numeric",
        "timestamp without time zone", "timestamp with time zone", "time without time zone",
    ]
    private static let texts: Set<String> = ["text", "character varying", "bpchar"]
    /// The names that mean a length of one if no length is given, each with one that means any length.
    private static let unbounded = ["character": "bpchar", "bit": "\"bit\""]

    /// Returns the name of a type that has no modifier, for a cast that changes no value of the other side:
    /// `timestamp without time zone` of `timestamp(3) without time zone`.
    static func withoutModifier(_ type: String) -> String {
        let array = type.hasSuffix("[]") ? "[]" : ""
        var name = String(type.dropLast(array.count))
        // A name in quotes may have parentheses of its own.
        let begin = name.lastIndex(of: "\"").map { name.index(after: $0) } ?? name.startIndex
        if let open = name[begin...].firstIndex(of: "("), let close = name[open...].firstIndex(of: ")") {
            name.removeSubrange(open...close)
        }
        // An interval may also be bound to fields, such as `interval day to second`.
        if name.hasPrefix("interval ") { name = "interval" }
        return (unbounded[name] ?? name) + array
    }

    static func isSortedAlike(_ column: Column) -> Bool {
        sorted.contains(withoutModifier(column.typeName))
    }

    /// Whether the equality of the type is found under an empty search_path.
    static func comparesByValue(_ column: Column) -> Bool {
        isSortedAlike(column) || texts.contains(withoutModifier(column.typeName))
    }
}
