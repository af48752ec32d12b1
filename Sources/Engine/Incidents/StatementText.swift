import Records

/// SQL with its values in it, for the error file: what the operator may run when the cause is mended.
enum StatementText {
    /// Puts literals in the places `$1`, `$2` … of a statement. Quoted identifiers are left as they are.
    static func filled(_ sql: String, _ values: [String?]) -> String {
        var text = ""
        var rest = sql[...]
        var isQuoted = false
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == "\"" { isQuoted.toggle() }
            guard character == "$", !isQuoted else {
                text.append(character)
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let number = Int(digits), values.indices.contains(number - 1) else {
                text += "$" + digits
                continue
            }
            text += values[number - 1].map(quoteLiteral) ?? "null"
        }
        return text
    }
}
