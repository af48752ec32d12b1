import Foundation
import Records
import Support
import Testing

@Suite struct HostileNameTests {
    @Test func `names are equal if their bytes are, and are sorted by them`() {
        let (composed, decomposed): (Identifier, Identifier) = ("caf\u{E9}", "cafe\u{301}")
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed && !(composed < decomposed))
        #expect(
            ["b", "a\u{E9}", "ae\u{301}", "B"].map { Identifier($0) }.sorted().map(\.text) == [
                "B", "ae\u{301}", "a\u{E9}", "b",
            ])
    }

    @Test(arguments: [
        ("public", "Measurement", "public.Measurement"), ("public", "order lines", "public.order lines"),
        ("a.b", "c", "\"a.b\".c"), ("a", "b.c", "a.\"b.c\""), ("p", "a\"b", "p.\"a\"\"b\""),
        ("p", " a", "p.\" a\""),
        ("p", "a,b", "p.\"a,b\""), ("p", "a\nb\"", "p.U&\"a\\000Ab\"\"\""),
        ("p", "gr\u{F6}\u{DF}e", "p.gr\u{F6}\u{DF}e"),
        ("p", "gro\u{308}\u{DF}e", "p.U&\"gro\\0308\\00DFe\""), ("p", "\u{1F44D}", "p.\u{1F44D}"),
        ("p", "\u{301}", "p.U&\"\\0301\""), ("p", "a\\b", "p.a\\b"),
        ("p", "\u{1F468}\u{200D}\u{1F469}", "p.U&\"\u{1F468}\\200D\u{1F469}\""),
        ("", "", "\"\".\"\""),
    ])
    func `a name is shown unchanged, and in quotes if it could be misread`(
        schema: String, name: String, shown: String
    ) {
        let table = QualifiedName(schema: schema, name: name)
        #expect(table.description == shown)
        #expect(QualifiedName(parsing: shown) == table)
    }

    @Test(arguments: [
        ("public.t", "public", "t"), ("a.b.c", "a", "b.c"), ("public.cafe\u{301}", "public", "cafe\u{301}"),
        ("public.a b", "public", "a b"), ("unknown", "unknown", ""), ("p.a\"b", "p", "a\"b"),
        ("\"p.t", "\"p", "t"),
    ])
    func `names that earlier versions stored are read as they meant them`(
        text: String, schema: String, name: String
    )
        throws
    {
        let table = QualifiedName(schema: schema, name: name)
        #expect(QualifiedName(parsing: text) == table)
        // As a value, and as a key of counts.
        let value = try JSONDecoder().decode([QualifiedName].self, from: try JSONEncoder().encode([text]))
        #expect(value == [table])
        let counts = try JSONDecoder().decode(
            [QualifiedName: Int].self, from: try JSONEncoder().encode([text: 1]))
        #expect(counts == [table: 1])
    }

    @Test func `random names survive text, JSON and SQL`() throws {
        var random = Randomness("hostile names")
        let tables = HostileNames.tables(3000, &random)
        // Swift's own comparison also distinguishes the shown forms.
        #expect(Set(tables.map(\.description)).count == tables.count)
        for table in tables {
            #expect(QualifiedName(parsing: table.description) == table)
            let isShown = table.description.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
            }
            #expect(isShown, "\(table)")
            #expect(unquoted(quoteIdentifier(table.name)) == table.name)
        }
        let values = Dictionary(uniqueKeysWithValues: tables.enumerated().map { ($0.element, $0.offset) })
        let stored = try JSONDecoder().decode(
            [QualifiedName: Int].self, from: try JSONEncoder().encode(values))
        #expect(stored == values)
        let columns = Dictionary(tables.map { ($0.name, $0.schema) }, uniquingKeysWith: { first, _ in first })
        #expect(
            try JSONDecoder().decode([Identifier: Identifier].self, from: try JSONEncoder().encode(columns))
                == columns)
    }

    @Test func `a list of names is divided at commas and line ends outside of quotes`() {
        #expect(NameList.names(in: " a , \"b,c\" ,, d") == ["a", "b,c", "d"])
        #expect(NameList.names(in: "\"a\"\"b\", U&\"x\\000Ay\"") == ["a\"b", "x\ny"])
        #expect(
            NameList.patterns(in: " orders , \"Order, Lines\".\"x \"") == [
                "orders", "\"Order, Lines\".\"x \"",
            ])
        #expect(NameList.patterns(in: "a\r\n\"b\nc\"\nd", endAtLines: true) == ["a", "\"b\nc\"", "d"])
    }

    /// Returns the name that the server reads from a quoted identifier.
    private func unquoted(_ text: String) -> Identifier? {
        var bytes = Array(text.utf8)
        guard bytes.count >= 2, bytes.removeFirst() == 0x22, bytes.removeLast() == 0x22 else { return nil }
        var name: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x22 {
                guard index + 1 < bytes.count, bytes[index + 1] == 0x22 else { return nil }
                index += 1
            }
            name.append(bytes[index])
            index += 1
        }
        return Identifier(String(decoding: name, as: UTF8.self))
    }
}
