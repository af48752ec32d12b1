/// A list of names separated by commas: `orders,"Order Lines"`. Double quotes keep a comma, a line end or the
/// case of a name.
package enum NameList {
    /// Returns the names without their quotes, and without empty ones.
    package static func names(in text: String) -> [String] {
        patterns(in: text).map { ShownName.withoutQuotes($0) }
    }

    /// Returns the items with their quotes, and without empty ones.
    ///
    /// - Parameter endAtLines: a line end outside of quotes separates two items, as in a file
    package static func patterns(in text: String, endAtLines: Bool = false) -> [String] {
        var items: [String] = []
        var current = String.UnicodeScalarView()
        var isQuoted = false
        // By scalars: to the server a quote with a combining accent is still a quote.
        for scalar in text.unicodeScalars {
            if scalar == "\"" { isQuoted.toggle() }
            if !isQuoted, scalar == "," || endAtLines && (scalar == "\n" || scalar == "\r") {
                items.append(trimmed(current))
                current = String.UnicodeScalarView()
            } else {
                current.append(scalar)
            }
        }
        items.append(trimmed(current))
        return items.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String.UnicodeScalarView) -> String {
        let head = text.drop { $0.properties.isWhitespace }
        guard let last = head.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(head[...last])
    }
}
