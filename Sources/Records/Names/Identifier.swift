/// A name as the catalog spells it: a schema, a table, a column, a constraint (no quotes, case kept).
///
/// Names are equal where their bytes are, as they are to the server. To Swift two strings are equal that print alike,
/// such as an accented letter and the letter with its accent after it; to the server those are two names.
package struct Identifier: Hashable, Comparable, Sendable {
    /// The name itself. For messages use `description`, for SQL `quoteIdentifier`.
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: Identifier, right: Identifier) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    package static func < (left: Identifier, right: Identifier) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        // Sound: the buffer is read within this call only.
        let isHashed: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
        // No name holds this byte: it ends the name where several are hashed.
        hasher.combine(UInt8(0xFF))
    }
}

extension Identifier: CustomStringConvertible {
    /// The name for people: on one line, and no two names alike. See `ShownName`.
    package var description: String { ShownName.of(self) }
}

extension Sequence where Element: CustomStringConvertible {
    /// The names of a sentence: `a, b, c`.
    package var listed: String { map(\.description).joined(separator: ", ") }
}

extension Identifier: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A key of stored JSON. Foundation takes keys that print alike for one, so a key is the shown form.
extension Identifier: CodingKeyRepresentable {
    package var codingKey: any CodingKey { NameKey(stringValue: description) }

    package init?(codingKey: some CodingKey) { self = ShownName.read(codingKey.stringValue) }
}

/// A key of a stored document that is a name.
struct NameKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// Quotes an identifier for SQL text. It always quotes, so reserved words and capitals pass;
/// the only way a name gets into a statement of ours.
package func quoteIdentifier(_ identifier: Identifier) -> String { quoteIdentifier(identifier.text) }

/// The same for a name of our own making, or one that was never compared with another.
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
