import Records
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        ("orders", "\"orders\""), ("Order Line", "\"Order Line\""), ("a\"b", "\"a\"\"b\""),
        ("\"", "\"\"\"\""),
        ("", "\"\""), ("select", "\"select\""), ("größe", "\"größe\""), ("a.b", "\"a.b\""),
    ])
    func `an identifier is always quoted and its quotes doubled`(name: String, quoted: String) {
        #expect(quoteIdentifier(name) == quoted)
    }

    @Test(arguments: [
        ("", "''"), ("it's", "'it''s'"), ("'", "''''"), ("a\\b", "E'a\\\\b'"), ("\\'", "E'\\\\'''"),
        ("plain", "'plain'"),
    ])
    func `a literal means the same with and without standard strings`(text: String, quoted: String) {
        #expect(quoteLiteral(text) == quoted)
    }

    @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20DD}"])
    func `a quote is doubled also if a combining accent makes it another character`(mark: String) {
        #expect(Array(quoteLiteral("x'" + mark + "); --").utf8) == Array(("'x''" + mark + "); --'").utf8))
        #expect(Array(quoteIdentifier("x\"" + mark).utf8) == Array(("\"x\"\"" + mark + "\"").utf8))
        #expect(Array(quoteLiteral("\\" + mark).utf8) == Array(("E'\\\\" + mark + "'").utf8))
    }

    @Test func `a qualified name is quoted for SQL and plain for people`() {
        let name = QualifiedName(schema: "Sales", name: "a.b\"c")
        #expect(name.quoted == "\"Sales\".\"a.b\"\"c\"")
        #expect(name.description == "Sales.\"a.b\"\"c\"")
        #expect(QualifiedName(schema: "a", name: "z") < QualifiedName(schema: "b", name: "a"))
    }

    @Test
    func
        `generated columns are not sent, and a plain table is addressed without the tables that inherit from it`()
    {
        let columns = [
            Column(name: "id", typeName: "int"), Column(name: "g", typeName: "int", isGenerated: true),
        ]
        let name = QualifiedName(schema: "s", name: "t")
        let plain = Table(name: name, columns: columns, primaryKey: ["id"], replicaIdentity: .primaryKey)
        #expect(plain.sentColumns.map(\.name) == ["id"])
        #expect(plain.leaves == [name])
        #expect(plain.rowsOnly == "only \"s\".\"t\"")
        let root = Table(
            name: name, columns: columns, primaryKey: [], replicaIdentity: .full, isPartitioned: true)
        #expect(root.rowsOnly == "\"s\".\"t\"")
    }

    @Test func `a direction names its two sides`() {
        #expect(Direction.forward.origin == .source && Direction.forward.destination == .target)
        #expect(Direction.reverse.origin == .target && Direction.reverse.destination == .source)
    }

    @Test(arguments: Direction.allCases)
    func `a direction is known by its destination, and its opposite swaps the two`(direction: Direction) {
        #expect(Direction(to: direction.destination) == direction)
        #expect(direction.opposite.origin == direction.destination)
        #expect(direction.opposite.opposite == direction)
    }

    @Test func `counts add up by kind`() {
        var counts = ChangeCounts(inserts: 1, updates: 2, deletes: 3)
        counts += ChangeCounts(updates: 5)
        #expect(counts == ChangeCounts(inserts: 1, updates: 7, deletes: 3))
        #expect(counts.total == 11)
    }
}
