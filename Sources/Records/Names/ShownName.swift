import Foundation

/// The form of a name that people read and stored documents keep.
///
/// Most names are shown as they are. A name that could be misread is shown as PostgreSQL writes it: in double
/// quotes, or with escapes as `U&"…"` (manual chapter "Lexical Structure"). Two names never have equal forms,
/// not even to Swift's comparison. A form never has a control character.
package enum ShownName {
    static func of(_ identifier: Identifier) -> String {
        let text = identifier.text
        switch form(of: text) {
        case .plain: return text
        case .quoted: return quoteIdentifier(text)
        case .escaped(let everything): return escaped(text, everything: everything)
        }
    }

    private enum Form {
        case plain
        case quoted
        /// With `everything`, each character that is not ASCII is escaped, and not only those that do not
        /// print.
        case escaped(everything: Bool)
    }

    private static func form(of text: String) -> Form {
        var isQuoted =
            text.isEmpty || text.utf8.first == UInt8(ascii: " ") || text.utf8.last == UInt8(ascii: " ")
        var isASCII = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "\""), UInt8(ascii: ","): isQuoted = true
            case 0..<0x20, 0x7F: return .escaped(everything: !isComposed(text))
            case 0x80...: isASCII = false
            default: break
            }
        }
        if !isASCII {
            guard isComposed(text) else { return .escaped(everything: true) }
            if text.unicodeScalars.contains(where: isHidden) { return .escaped(everything: false) }
        }
        return isQuoted ? .quoted : .plain
    }

    /// Whether no other spelling of the text is equal to Swift, and the text does not begin with a combining
    /// mark.
    private static func isComposed(_ text: String) -> Bool {
        guard text.unicodeScalars.first.map(isMark) != true else { return false }
        return text.precomposedStringWithCanonicalMapping.utf8.elementsEqual(text.utf8)
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// Whether a character does not print, or prints as another one does: control and format characters, and
    /// other spaces.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        case .spaceSeparator: scalar != " "
        default: false
        }
    }

    private static func escaped(_ text: String, everything: Bool) -> String {
        var form = "U&\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                form.append(scalar)
                form.append(scalar)
            } else if isHidden(scalar) || everything && !scalar.isASCII {
                form.append(contentsOf: escape(of: scalar).unicodeScalars)
            } else {
                form.append(scalar)
            }
        }
        form.append("\"")
        return String(form)
    }

    /// Returns a foreign text, a server's message for example, on one line: its control characters as
    /// escapes.
    package static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return text
        }
        return text.unicodeScalars.map {
            $0.properties.generalCategory == .control ? escape(of: $0) : String($0)
        }.joined()
    }

    /// Returns a name in quotes, with escapes for the characters that `isEscaped` says.
    package static func escaping(_ text: String, _ isEscaped: (Unicode.Scalar) -> Bool) -> String {
        var form = "U&\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                form.append(scalar)
                form.append(scalar)
            } else if isEscaped(scalar) || isHidden(scalar) {
                form.append(contentsOf: escape(of: scalar).unicodeScalars)
            } else {
                form.append(scalar)
            }
        }
        form.append("\"")
        return String(form)
    }

    private static func escape(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let isShort = digits.count <= 4
        return (isShort ? "\\" : "\\+") + String(repeating: "0", count: (isShort ? 4 : 6) - digits.count)
            + digits
    }

    // MARK: Reading

    /// Returns a text without the quotes around it or around its parts.
    package static func withoutQuotes(_ text: String) -> String {
        var rest = text.unicodeScalars[...]
        if let name = quoted(&rest), rest.isEmpty { return name.text }
        var bare = String.UnicodeScalarView()
        bare.append(contentsOf: text.unicodeScalars.filter { $0 != "\"" })
        return String(bare)
    }

    /// Reads a form; a text that is not a form is the name itself.
    static func read(_ form: String) -> Identifier {
        var rest = form.unicodeScalars[...]
        guard let name = quoted(&rest), rest.isEmpty else { return Identifier(form) }
        return name
    }

    /// Reads a name with its schema. Without quotes, the schema ends at the first dot and the name is all the
    /// rest, as earlier versions stored them.
    static func readQualified(_ form: String) -> QualifiedName {
        var rest = form.unicodeScalars[...]
        if let schema = quoted(&rest), rest.popFirst() == "." {
            return QualifiedName(schema: schema, name: read(String(rest)))
        }
        rest = form.unicodeScalars[...]
        guard let dot = rest.firstIndex(of: ".") else {
            return QualifiedName(schema: read(form), name: "")
        }
        return QualifiedName(
            schema: Identifier(String(rest[..<dot])),
            name: read(String(rest[rest.index(after: dot)...])))
    }

    /// Takes a name in quotes from the front. If there is none it returns nil, and `rest` must not be used.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> Identifier? {
        let hasEscapes = rest.starts(with: "U&\"".unicodeScalars)
        rest = rest.dropFirst(hasEscapes ? 2 : 0)
        guard rest.popFirst() == "\"" else { return nil }
        var name = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else { return Identifier(String(name)) }
                rest.removeFirst()
                name.append(scalar)
            } else if scalar == "\\", hasEscapes {
                guard let meant = escape(&rest) else { return nil }
                name.append(meant)
            } else {
                name.append(scalar)
            }
        }
        return nil
    }

    /// Takes the digits after a backslash from `rest`, and returns the character they mean.
    package static func escape(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
        if rest.first == "\\" { return rest.popFirst() }
        let isLong = rest.first == "+"
        rest = rest.dropFirst(isLong ? 1 : 0)
        let count = isLong ? 6 : 4
        let digits = rest.prefix(count)
        rest = rest.dropFirst(count)
        guard digits.count == count, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
        return UInt32(String(digits), radix: 16).flatMap(Unicode.Scalar.init)
    }
}
