import Records

/// Names that PostgreSQL accepts and nobody expects: up to 63 bytes of anything except NUL.
package enum HostileNames {
    private static let pieces = [
        "a", "B", "orders", ".", "..", "/", "\\", "\"", "\"\"", "'", "''", " ", "\n", "\r\n", "\t",
        "\u{1B}[2J",
        "\u{1}", "\u{7F}", ",", ";", "|", "*", "?", "%", "%2E", "~1", "#", "$1", ":", "(", ")", "{", "}",
        "--",
        "U&\"", "\\0041", "\u{E9}", "e\u{301}", "\u{301}", "\u{20DD}", "\u{212B}", "\u{C5}",
        "\u{1112}\u{1161}",
        "\u{D558}", "\u{200D}", "\u{202E}", "\u{A0}", "\u{2028}", "\u{1F44D}\u{1F3FD}",
        "\u{1F468}\u{200D}\u{1F469}",
        "\u{FEFF}", "\u{10FFFD}", "\u{130}", "\u{DF}", "\u{85}",
    ]

    /// Texts that could be confused: a word in two normal forms, with and without quotes, with one mark for
    /// another.
    package static let pairs: [String] = [
        "order lines", "order_lines", "order.lines", "order/lines", "Order Lines", "a.b", "a", "b.c", "b",
        "caf\u{E9}", "cafe\u{301}", "\"a\"", "U&\"a\"", "a\nb", "a b", "a\\000Ab", " a", "a ", "public",
    ]

    package static func next(_ random: inout Randomness) -> Identifier {
        if random.below(3) == 0 { return Identifier(pairs[random.below(pairs.count)]) }
        var text = ""
        for _ in 0...random.below(6) {
            let piece = pieces[random.below(pieces.count)]
            if text.utf8.count + piece.utf8.count <= 63 {
                text.unicodeScalars.append(contentsOf: piece.unicodeScalars)
            }
        }
        return Identifier(text.isEmpty ? "x" : text)
    }

    package static func nextTable(_ random: inout Randomness) -> QualifiedName {
        QualifiedName(schema: next(&random), name: next(&random))
    }

    /// Returns so many tables with different names.
    package static func tables(_ count: Int, _ random: inout Randomness) -> [QualifiedName] {
        var found: Set<QualifiedName> = []
        while found.count < count { found.insert(nextTable(&random)) }
        return found.sorted()
    }
}
