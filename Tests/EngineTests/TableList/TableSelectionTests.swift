import Records
import Support
import Testing

@testable import Engine

/// The tables that two lists choose, and the lists that marks make.
@Suite struct TableSelectionTests {
    private func name(_ text: String) -> QualifiedName { QualifiedName(schema: "public", name: text) }

    private func offered(_ names: [String]) -> [OfferedTable] {
        names.map { OfferedTable(name: name($0), rowsEstimate: 10, bytesEstimate: 100) }
    }

    private let shop = ["customer", "item", "tmp_1", "tmp_2"]

    private func selection(_ tables: [String] = [], without excluded: [String] = []) -> TableSelection {
        TableSelection(offered(shop), TableLists(tables: tables, excluded: excluded))
    }

    @Test func `empty lists choose all tables, with their rows and sizes`() {
        let all = selection()
        #expect(all.chosen.count == 4 && all.rows == 40 && all.bytes == 400)
        #expect(selection(["item", "tmp_*"], without: ["tmp_2"]).chosen == [name("item"), name("tmp_1")])
    }

    @Test func `a mark adds one entry to the lists, and its end takes it away`() {
        var value = selection()
        value.set([name("item")], chosen: false)
        #expect(value.lists == TableLists(excluded: ["public.item"]))
        value.set([name("item")], chosen: true)
        #expect(value.lists == TableLists())
        value = selection(["customer"])
        value.set([name("item")], chosen: true)
        #expect(value.lists == TableLists(tables: ["customer", "public.item"]))
        value.set([name("item")], chosen: false)
        #expect(value.lists == TableLists(tables: ["customer"]))
    }

    @Test func `a mark keeps the operator's pattern where the pattern can stay`() {
        var value = selection(["*"], without: ["tmp_*"])
        value.set([name("item")], chosen: false)
        #expect(value.lists == TableLists(tables: ["*"], excluded: ["tmp_*", "public.item"]))
        // A table that a pattern excludes needs the others by their names.
        value.set([name("tmp_1")], chosen: true)
        #expect(value.chosen == [name("customer"), name("tmp_1")])
        #expect(value.lists == TableLists(tables: ["public.customer", "public.tmp_1"]))
    }

    @Test func `none, all, and the last mark never mean the opposite`() {
        var value = selection()
        value.set(shop.map(name), chosen: false)
        #expect(value.chosen.isEmpty && value.lists == TableLists(excluded: ["*"]))
        value.set([name("item")], chosen: true)
        #expect(value.lists == TableLists(tables: ["public.item"]))
        value.set([name("item")], chosen: false)
        #expect(value.chosen.isEmpty)
        value.set(shop.map(name), chosen: true)
        #expect(value.lists == TableLists() && value.chosen.count == 4)
    }

    @Test func `a chosen child without its parent is named, and one that refers to itself is not`() {
        let facts = TableFacts(
            tables: ["child", "parent"].map {
                Table(name: name($0), columns: [], primaryKey: ["id"], replicaIdentity: .primaryKey)
            }, others: [])
        let references = [
            TableReference(child: name("child"), parent: name("parent")),
            TableReference(child: name("child"), parent: name("child")),
        ]
        let offers = OfferedTable.offers(facts, lacks: [], filtered: [], references: references)
        #expect(TableSelection(offers, TableLists()).keysOut.isEmpty)
        let alone = TableSelection(offers, TableLists(tables: ["child"]))
        #expect(alone.keysOut == [TableReference(child: name("child"), parent: name("parent"))])
        #expect(TableSelection(offers, TableLists(tables: ["parent"])).keysOut.isEmpty)
    }

    @Test func `a table says why it cannot be streamed, and what is no table cannot be chosen`() {
        let part = UnstreamedPartition(name: name("part_9"), kind: .unlogged)
        let facts = TableFacts(
            tables: [
                Table(name: name("bare"), columns: [], primaryKey: [], replicaIdentity: .primaryKey),
                Table(
                    name: name("part"), columns: [], primaryKey: ["id"], replicaIdentity: .primaryKey,
                    isPartitioned: true, leaves: [name("part_1"), name("part_2")], unstreamedParts: [part]),
                Table(name: name("secret"), columns: [], primaryKey: ["id"], replicaIdentity: .full),
            ],
            others: [
                OtherRelation(name: name("scratch"), kind: .unlogged),
                OtherRelation(name: name("shown"), kind: .view),
            ])
        let lack = TableIdentity.Lack(
            name: name("bare"), found: "none", wanted: "a primary key", remedy: "add one")
        let offers = OfferedTable.offers(
            facts, lacks: [lack], filtered: [name("secret")], references: [])
        #expect(offers.map(\.name.name.text) == ["bare", "part", "scratch", "secret"])
        #expect(offers[0].problem == "none; wanted is a primary key" && offers[0].identity == "no key")
        #expect(offers[1].partitions == 2 && offers[1].problem?.contains("part_9 is unlogged") == true)
        #expect(offers[1].identity == "key id" && offers[3].identity == "whole old rows")
        #expect(offers[2].problem?.contains("unlogged") == true && !offers[2].canBeChosen)
        #expect(offers[3].problem?.contains("row security") == true)
        var selection = TableSelection(offers, TableLists())
        #expect(selection.chosen.count == 3 && selection.troubled.count == 3)
        selection.set([name("scratch")], chosen: true)
        #expect(selection.chosen.count == 3)
    }

    @Test func `an entry that names no table is reported`() {
        #expect(selection(["item", "itme", "x*"]).unmatched == ["itme", "x*"])
    }

    @Test func `a mark on a hostile name marks that table alone`() {
        var random = Randomness(seed: 11)
        let names = ["a*b", "axb", "a?b", "Item", "item", "ITEM"].map(name)
        let unique = Array(Set(names + HostileNames.tables(60, &random))).sorted()
        let offers = unique.map { OfferedTable(name: $0) }
        for table in unique {
            var value = TableSelection(offers, TableLists())
            value.set([table], chosen: false)
            #expect(value.chosen == Set(unique).subtracting([table]), "\(value.lists)")
            // As the page writes it and reads it back.
            let text = value.lists.excluded.joined(separator: ", ")
            #expect(NameList.patterns(in: text) == value.lists.excluded)
            value = TableSelection(offers, TableLists(excluded: ["*"]))
            value.set([table], chosen: true)
            #expect(value.chosen == [table], "\(value.lists)")
        }
    }

    @Test func `lists of thousands of names are judged in a moment`() {
        let offers = (0..<5000).map {
            OfferedTable(name: name("table_\($0)"), parents: [name("table_\($0 / 2)")])
        }
        var value = TableSelection(offers, TableLists())
        let even = offers.indices.filter { $0 % 2 == 0 }.map { offers[$0].name }
        let took = ContinuousClock().measure { value.set(even, chosen: false) }
        #expect(value.chosen.count == 2500)
        // Comparing each name with each pattern would take many times as long.
        #expect(took < .seconds(5), "\(took)")
    }

    @Test func `a list matches the names that one of its patterns matches`() {
        let globs = ["item", "\"Item\"", "tmp_*", "other.item", "U&\"a\\002Ab\"", "public.\"a.b\""]
        let matcher = TableListMatcher(globs)
        for text in ["item", "Item", "ITEM", "tmp_1", "a*b", "axb", "a.b", "none"] {
            for schema in ["public", "other"] {
                let table = QualifiedName(schema: schema, name: text)
                #expect(matcher.matches(table) == globs.contains { SnapshotPlan.matches($0, table) })
            }
        }
    }
}
