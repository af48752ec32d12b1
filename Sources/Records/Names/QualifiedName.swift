/// A name with its schema, as the catalog spells it (no quotes, case kept). Names are compared by bytes.
package struct QualifiedName: Hashable, Comparable, Sendable {
    package let schema: Identifier
    package let name: Identifier

    package init(schema: Identifier, name: Identifier) {
        self.schema = schema
        self.name = name
    }

    package init(schema: String, name: String) {
        self.init(schema: Identifier(schema), name: Identifier(name))
    }

    /// Reads the form that `description` prints. Reads also `schema.name` as earlier versions stored it,
    /// which is ambiguous for a schema with a dot.
    package init(parsing description: String) { self = ShownName.readQualified(description) }

    /// The name as earlier versions stored it, `schema.name`. Two names can have the same such text.
    package var unquoted: String { schema.text + "." + name.text }

    /// The name for SQL text: both parts quoted.
    package var quoted: String { quoteIdentifier(schema) + "." + quoteIdentifier(name) }

    package static func < (left: QualifiedName, right: QualifiedName) -> Bool {
        (left.schema, left.name) < (right.schema, right.name)
    }
}

extension QualifiedName: CustomStringConvertible {
    /// The name for people: on one line, and different for different names. Never for SQL.
    package var description: String { "\(schema).\(name)" }
}

extension QualifiedName: ExpressibleByStringLiteral {
    package init(stringLiteral description: String) { self.init(parsing: description) }
}

extension QualifiedName: Codable {
    private enum Keys: String, CodingKey { case schema, name }

    /// Reads also the text that earlier versions stored.
    package init(from decoder: any Decoder) throws {
        // An error here means that the value is no text; decoding it as an object throws its own errors.
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.init(parsing: text)
            return
        }
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            schema: try container.decode(Identifier.self, forKey: .schema),
            name: try container.decode(Identifier.self, forKey: .name))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(name, forKey: .name)
    }
}

/// A key of stored JSON: the `description`, which no other name has. Earlier versions stored the same for
/// most names.
extension QualifiedName: CodingKeyRepresentable {
    package var codingKey: any CodingKey { NameKey(stringValue: description) }

    package init?(codingKey: some CodingKey) { self.init(parsing: codingKey.stringValue) }
}
