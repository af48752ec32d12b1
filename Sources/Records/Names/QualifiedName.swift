/// A table's name with its schema, as the catalog spells it (no quotes, case kept). Compared by bytes.
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

    /// Reads what `description` prints, and `schema.name` as earlier versions stored it, where only the schema's name
    /// could not hold a dot.
    package init(parsing description: String) { self = ShownName.readQualified(description) }

    /// `schema.name` as earlier versions stored it. Two names can have one such text.
    package var unquoted: String { schema.text + "." + name.text }

    /// The name as SQL text: both parts quoted.
    package var quoted: String { quoteIdentifier(schema) + "." + quoteIdentifier(name) }

    package static func < (left: QualifiedName, right: QualifiedName) -> Bool {
        (left.schema, left.name) < (right.schema, right.name)
    }
}

extension QualifiedName: CustomStringConvertible {
    /// The name for people: on one line, and no two names alike. Never for SQL.
    package var description: String { "\(schema).\(name)" }
}

extension QualifiedName: ExpressibleByStringLiteral {
    package init(stringLiteral description: String) { self.init(parsing: description) }
}

extension QualifiedName: Codable {
    private enum Keys: String, CodingKey { case schema, name }

    /// Reads also the text that earlier versions stored.
    package init(from decoder: any Decoder) throws {
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

/// A key of stored JSON: `description`, which no other name has, and which is what earlier versions stored for most names.
extension QualifiedName: CodingKeyRepresentable {
    package var codingKey: any CodingKey { NameKey(stringValue: description) }

    package init?(codingKey: some CodingKey) { self.init(parsing: codingKey.stringValue) }
}
