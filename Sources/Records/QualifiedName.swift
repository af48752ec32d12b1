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
    "\"" + doubled(UInt8(ascii: "\""), in: identifier) + "\""
}

/// Quotes a text literal for the few commands that take no parameters (`SET`, replication commands).
package func quoteLiteral(_ text: String) -> String {
    let quoted = doubled(UInt8(ascii: "'"), in: text)
    // A backslash means itself only in a plain literal; the E form is right under either setting.
    guard quoted.utf8.contains(UInt8(ascii: "\\")) else { return "'" + quoted + "'" }
    return "E'" + doubled(UInt8(ascii: "\\"), in: quoted) + "'"
}

/// By bytes, as the server reads it: to Swift a mark with an accent on it is a character of its own, to the server it is the
/// mark, which ends what it quotes.
private func doubled(_ mark: UInt8, in text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
        bytes.append(byte)
        if byte == mark { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
}
