import Records

/// SQL with its values in it, for the error file: what the operator may run when the cause is mended.
enum StatementText {
    /// Puts literals in the places `$1`, `$2` … of a statement. Quoted identifiers are left as they are.
    static func filled(_ sql: String, _ values: [String?]) -> String {
        var text = ""
        // By scalars: to the server a mark with an accent on it is the mark.
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
