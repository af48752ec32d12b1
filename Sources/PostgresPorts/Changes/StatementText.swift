import Records

/// A statement as text with its values, for the error file; the operator may run it when the cause is mended.
enum StatementText {
    /// Replaces `$1`, `$2` … in a statement by literals. Quoted identifiers stay as they are.
    static func filled(_ sql: String, _ values: [String?]) -> String {
        var text = ""
        // Scalar by scalar: for the server a quote with a combining accent is a quote.
        var rest = sql.unicodeScalars[...]
        var isQuoted = false
        while let scalar = rest.popFirst() {
            if scalar == "\"" { isQuoted.toggle() }
            guard scalar == "$", !isQuoted else {
                text.unicodeScalars.append(scalar)
                continue
            }
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            guard let number = Int(String(digits)), values.indices.contains(number - 1) else {
                text += "$" + String(digits)
                continue
            }
            text += values[number - 1].map(quoteLiteral) ?? "null"
        }
        return text
    }
}
