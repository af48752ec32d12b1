/// A table's name with its schema, as the catalog spells it (no quotes, case kept).
package struct QualifiedName: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let schema: String
    package let name: String

    package init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// The name as SQL text: both parts quoted.
    package var quoted: String { quoteIdentifier(schema) + "." + quoteIdentifier(name) }

    /// The name for people, never for SQL.
    package var description: String { schema + "." + name }

    package static func < (left: QualifiedName, right: QualifiedName) -> Bool {
        (left.schema, left.name) < (right.schema, right.name)
    }
}

/// Quotes an identifier for SQL text. It always quotes, so reserved words and capitals pass;
/// the only way a name gets into a statement of ours.
package func quoteIdentifier(_ identifier: String) -> String {
    "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
}

/// Quotes a text literal for the few commands that take no parameters (`SET`, replication commands).
package func quoteLiteral(_ text: String) -> String {
    let doubled = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    // A backslash means itself only in a plain literal; the E form is right under either setting.
    guard doubled.contains("\\") else { return "'" + doubled + "'" }
    return "E'" + doubled.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        + "'"
}
