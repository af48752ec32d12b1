import Foundation

/// The comment line that pg_dump writes before each object: `-- Name: orders; Type: TABLE; Schema: shop;
/// Owner: -`.
///
/// It stays in the exported files. After an edit by hand the import can thus still see which statements make
/// one object.
package struct ObjectHeader: Equatable, Sendable {
    package let name: String
    /// pg_dump's own word: `FK CONSTRAINT`, `INDEX ATTACH`.
    package let type: String
    /// Nil for an object in no schema, which pg_dump writes as `-`.
    package let schema: String?

    package init(name: String, type: String, schema: String?) {
        self.name = name
        self.type = type
        self.schema = schema
    }

    /// Reads a comment line; nil for any other comment. The fields are found from the right, because only the
    /// name is free text.
    init?(comment: String) {
        let prefix = "-- Name: "
        guard comment.hasPrefix(prefix) else { return nil }
        var rest = comment.dropFirst(prefix.count)
        if let owner = Self.cut(&rest, at: "; Owner: "), owner.isEmpty { return nil }
        guard let schema = Self.cut(&rest, at: "; Schema: "), let type = Self.cut(&rest, at: "; Type: ")
        else {
            return nil
        }
        name = String(rest)
        self.type = type
        self.schema = schema == "-" ? nil : schema
    }

    /// The line as it is written to a file.
    package var comment: String { "-- Name: \(name); Type: \(type); Schema: \(schema ?? "-"); Owner: -" }

    private static func cut(_ text: inout Substring, at mark: String) -> String? {
        guard let found = text.range(of: mark, options: .backwards) else { return nil }
        let value = String(text[found.upperBound...])
        text = text[..<found.lowerBound]
        return value.split(separator: "\r").first.map(String.init) ?? ""
    }
}
