/// A name as the catalog spells it: a schema, a table, a column, a constraint (no quotes, case kept).
///
/// Names are equal if their bytes are, as on the server. Swift's own comparison takes strings for equal that
/// print alike, such as an accented letter and the letter with a combining accent; on the server those are
/// two names.
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
        // No name has this byte, so it separates the names when several are hashed.
        hasher.combine(UInt8(0xFF))
    }
}

extension Identifier: CustomStringConvertible {
    /// The name for people: on one line, and different for different names. See `ShownName`.
    package var description: String { ShownName.of(self) }
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

/// A key of stored JSON. It is the shown form, because Foundation takes keys that print alike for one key.
extension Identifier: CodingKeyRepresentable {
    package var codingKey: any CodingKey { NameKey(stringValue: description) }

    package init?(codingKey: some CodingKey) { self = ShownName.read(codingKey.stringValue) }
}

/// A name as a key of a stored document.
struct NameKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// Quotes an identifier for SQL text; every name in a statement of ours goes through here. It always quotes,
/// so reserved words and capitals are safe.
package func quoteIdentifier(_ identifier: Identifier) -> String { quoteIdentifier(identifier.text) }

/// Quotes a name that this program has made, or that is never compared.
package func quoteIdentifier(_ identifier: String) -> String {
    "\"" + doubled(UInt8(ascii: "\""), in: identifier) + "\""
}

/// Quotes a text literal, for the few commands without parameters (`SET`, replication commands).
package func quoteLiteral(_ text: String) -> String {
    let quoted = doubled(UInt8(ascii: "'"), in: text)
    // A backslash is plain text only under standard_conforming_strings; the E form is right under either
    // setting.
    guard quoted.utf8.contains(UInt8(ascii: "\\")) else { return "'" + quoted + "'" }
    return "E'" + doubled(UInt8(ascii: "\\"), in: quoted) + "'"
}

/// Doubles a quote in a text. It compares bytes, as the server does: a quote with a combining accent is
/// another character in Swift, while for the server the quote ends the text.
private func doubled(_ mark: UInt8, in text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
        bytes.append(byte)
        if byte == mark { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
}
