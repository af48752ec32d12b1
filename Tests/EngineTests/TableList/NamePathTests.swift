import Foundation
import Journal
import Postgres
import Records
import Support
import Testing

@testable import Engine

/// The values that are stored or written under a table's name.
@Suite struct NamePathTests {
    private func chunk(_ table: QualifiedName, _ contents: ChunkContents? = nil) -> StoredChunk {
        StoredChunk(
            table: table, generation: 1, number: 0, leaf: table, firstPage: 0, endPage: nil,
            rows: contents?.rows,
            filePath: ChunkFileName.path(
                StoredChunk(table: table, generation: 1, number: 0, leaf: table, firstPage: 0, endPage: nil),
                tableNumber: 1),
            contents: contents, isExported: true)
    }

    @Test(arguments: [
        ("public", "orders", "public.orders"), ("public", "Order_Lines-2", "public.Order_Lines-2"),
        ("public", "order lines", "public.order%20lines"), ("a.b", "c", "a%2Eb.c"), ("a", "b.c", "a.b%2Ec"),
        ("p", "../x", "p.%2E%2E%2Fx"), ("p", "\u{E9}", "p.%C3%A9"),
    ])
    func `a data file is named after its table`(schema: String, name: String, file: String) {
        #expect(ChunkFileName.name(of: QualifiedName(schema: schema, name: name), number: 7) == file)
    }

    @Test func `no two tables share a data file, and no name is too long for a file system`() {
        var random = Randomness("data files")
        let tables =
            HostileNames.tables(2000, &random)
            + (0..<4).map {
                QualifiedName(
                    schema: String(repeating: "\u{E9}", count: 31),
                    name: String(repeating: "/", count: 60) + "\($0)")
            }
        let paths = tables.enumerated().map { number, table in
            ChunkFileName.path(chunk(table), tableNumber: number + 1)
        }
        #expect(Set(paths).count == tables.count)
        for path in paths {
            let name = path.dropFirst("data/".count)
            #expect(name.utf8.count <= 220 && !name.contains("/") && name.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func `a file of another table, of other columns or of other rows is refused by name`() {
        func tally(_ text: String) -> ChunkFile.Tally {
            var tally = ChunkFile.Tally()
            let bytes = Array(text.utf8)
            // The array outlives its span.
            unsafe tally.add(bytes.span.bytes)
            return tally
        }
        func contents(_ text: String, rows: Int64, columns: [Identifier] = ["id", "v"]) -> ChunkContents {
            ChunkContents(columns: columns, rows: rows, bytes: tally(text).bytes, crc32c: tally(text).crc32c)
        }
        let orders = chunk("public.orders", contents("1\ta\n2\tb\n", rows: 2))
        let lines = chunk(QualifiedName(schema: "public", name: "order lines"), contents("1\tc\n", rows: 1))
        func refusal(_ text: String, columns: [Identifier] = ["id", "v"]) -> String? {
            ChunkProof.refusal(of: orders, found: tally(text), columns: columns, among: { [orders, lines] })
        }
        #expect(refusal("1\ta\n2\tb\n") == nil)
        #expect(refusal("1\tc\n")?.contains("it contains what was exported of public.order lines") == true)
        #expect(refusal("1\ta\n2\tB\n")?.contains("or it was changed") == true)
        #expect(
            refusal("1\ta\n2\tb\n", columns: ["id", "w"])?.contains("the import would fill (id, w)") == true)
        // An earlier version kept nothing to compare with.
        #expect(
            ChunkProof.refusal(of: chunk("public.t"), found: tally("x"), columns: [], among: { [] }) == nil)
    }

    @Test func `the table of counts names each table in its own way, within its 250 characters`() {
        var random = Randomness("counted names")
        let long = QualifiedName(
            schema: String(repeating: "\"", count: 63), name: String(repeating: ".", count: 63))
        let tables = HostileNames.tables(2000, &random) + [long]
        #expect(Set(tables.map { Identifier($0.countedAs) }).count == tables.count)
        for table in tables {
            #expect(QualifiedName(countedAs: table.countedAs) == table)
            #expect(table.countedAs.unicodeScalars.count <= 200)
        }
        #expect(QualifiedName(schema: "public", name: "a.b\"").countedAs == "public.a.b\"")
    }

    @Test(arguments: [
        ("orders", "public", "Orders", true), ("\"orders\"", "public", "Orders", false),
        ("public.\"order.lines\"", "public", "order.lines", true),
        ("order.lines", "public", "order.lines", false), ("\"a.b\".c", "a.b", "c", true),
        ("\"a.b\".c", "a", "b.c", false),
        ("a.\"b.c\"", "a", "b.c", true), ("\"say \"\"x\"\"\"", "public", "say \"x\"", true),
        ("caf\u{E9}", "public", "cafe\u{301}", false),
        ("caf?", "public", "cafe\u{301}", false), ("caf??", "public", "cafe\u{301}", true),
        ("U&\"cafe\\0301\"", "public", "cafe\u{301}", true),
        ("U&\"a\\002A\"", "public", "ab", false), ("U&\"a\\002A\"", "public", "a*", true),
        ("Sales.*", "sales", "x.y", true),
        ("*\u{301}", "public", "x\"\u{301}", true), ("\"Ord\"*", "public", "Orders", true),
        ("\"Ord\"*", "public", "orders", false),
    ])
    func `a list of tables is read as SQL reads names`(
        pattern: String, schema: String, name: String, matches: Bool
    ) {
        #expect(NamePattern(pattern).matches(QualifiedName(schema: schema, name: name)) == matches)
    }

    @Test func `the shown form of a name chooses its table and no other`() {
        var random = Randomness("chosen names")
        let tables = HostileNames.tables(120, &random)
        for table in tables {
            // A name without quotes matches in either case, and a star or a question mark matches more than
            // itself.
            let isLoose = { (name: Identifier) in name.text.contains("*") || name.text.contains("?") }
            guard !isLoose(table.schema), !isLoose(table.name) else { continue }
            let found = tables.filter(NamePattern(table.description).matches)
            #expect(found.contains(table))
            #expect(found.allSatisfy { $0.schema.text.lowercased() == table.schema.text.lowercased() })
            #expect(NamePattern(table.quoted).matches(table))
            #expect(tables.filter(NamePattern(table.quoted).matches) == [table])
        }
    }

    @Test func `a row of a table with a hostile name goes to the channel it went to before`() {
        #expect(
            ChannelHash.of(QualifiedName(schema: "a.b", name: "c\""))
                == ChannelHash.of(QualifiedName(schema: "a", name: "b.c\"")))
    }
}

/// Documents of the journal as earlier versions stored them, under their own names.
@Suite struct EarlierNameTests {
    private func decoded<T: Decodable>(_ type: T.Type, _ json: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    @Test func `the documents of an earlier version keep their meaning`() throws {
        let item = QualifiedName(schema: "public", name: "item")
        let dotted = QualifiedName(schema: "public", name: "a.b")
        let plan = try decoded(
            ChannelPlan.self,
            """
            {"channels":[1,2],"keyColumns":{"public.a.b":["id"],"public.item":["id"]},
            "held":[{"table":"public.item","channels":[3],"keyColumns":["id"],"isReleased":false}]}
            """)
        #expect(plan.keyColumns == [item: ["id"], dotted: ["id"]])
        #expect(plan.tablesSetAside.map(\.table) == [item])
        let name = #"{"schema":"public","name":"item"}"#
        let catalog = try decoded(OriginCatalog.self, #"{"tables":[\#(name),{"oid":7,"parts":[]}]}"#)
        #expect(catalog == OriginCatalog(tables: [item: OriginCatalog.Entry(oid: 7)]))
        let again = try decoded(
            OriginCatalog.self, String(decoding: try JSONEncoder().encode(catalog), as: UTF8.self))
        #expect(again == catalog)
        #expect(
            try decoded(Request.self, #"{"retryTable":{"_0":"public.item"}}"#) == .retryTable(item))
        let new = try decoded([NewTable].self, #"[{"table":"public.a.b","leg":1,"since":5}]"#)
        #expect(new.map(\.table) == [dotted])
    }

    @Test func `what an earlier version stored under a table's key is found for that table only`() throws {
        let directory = NSTemporaryDirectory() + "switchback-names-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory + "/metainfo", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let journal = try Journal(exportDirectory: directory, create: true)
        let (mine, other) = (QualifiedName(schema: "a", name: "b.c"), QualifiedName(schema: "a.b", name: "c"))
        var memory = TableSchemaState()
        memory.latest = AnnouncedTable(name: mine, identity: .full, columns: [])
        try journal.update(TableSchemaState.self, key: "table_1_a.b.c", initial: memory) { $0 = memory }
        let leg = Leg(number: 1, direction: .forward, start: .snapshot, uuid: "u")
        let states = TableSchemaStates(journal: journal, leg: leg)
        #expect(try states.state(of: mine) == memory)
        #expect(try states.state(of: other) == TableSchemaState())
    }
}
