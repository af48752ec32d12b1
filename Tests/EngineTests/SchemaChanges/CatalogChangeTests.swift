import Postgres
import Records
import Testing

@testable import Engine

/// The comparison of two readings of the origin's catalog.
@Suite struct CatalogChangeTests {
    private func name(_ text: String) -> QualifiedName { QualifiedName(schema: "public", name: text) }

    private func catalog(_ tables: [String: UInt32], parts: [String: UInt32] = [:]) -> OriginCatalog {
        var entries: [QualifiedName: OriginCatalog.Entry] = [:]
        for (table, oid) in tables { entries[name(table)] = OriginCatalog.Entry(oid: oid) }
        entries[name("root")]?.parts = parts.sorted { $0.key < $1.key }.map {
            OriginCatalog.Part(name: name($0.key), file: $0.value)
        }
        return OriginCatalog(tables: entries)
    }

    private func changes(
        _ now: OriginCatalog, since earlier: OriginCatalog?, excluding: Identifier? = nil
    ) -> [CatalogChange] {
        now.changes(
            since: earlier, migrated: [name("item"), name("root")], isChosen: { $0.name != excluding },
            isExcluded: { $0.name == excluding })
    }

    private var before: OriginCatalog { catalog(["item": 1, "root": 2], parts: ["p1": 11, "p2": 12]) }

    @Test func `nothing is found if nothing changed, nor at the first check`() {
        #expect(changes(before, since: before).isEmpty)
        #expect(changes(before, since: nil).isEmpty)
    }

    @Test func `a new table is found until it is migrated or excluded by the lists`() {
        let now = catalog(["item": 1, "root": 2, "extra": 3], parts: ["p1": 11, "p2": 12])
        #expect(changes(now, since: before) == [.newTable(name("extra"))])
        #expect(changes(now, since: now) == [.newTable(name("extra"))])
        #expect(changes(now, since: nil, excluding: "extra").isEmpty)
    }

    @Test func `a table that is gone is distinguished from one that has another name now`() {
        #expect(
            changes(catalog(["root": 2], parts: ["p1": 11, "p2": 12]), since: before) == [.gone(name("item"))]
        )
        #expect(
            changes(catalog(["thing": 1, "root": 2], parts: ["p1": 11, "p2": 12]), since: before)
                == [.renamed(name("item"), to: name("thing"))])
        #expect(changes(catalog(["root": 2]), since: nil) == [.gone(name("item"))])
        #expect(
            changes(catalog(["item": 9, "root": 2], parts: ["p1": 11, "p2": 12]), since: before)
                == [.madeAnew(name("item"))])
    }

    @Test func `partitions that come, go or have another file are found`() {
        let now = catalog(["item": 1, "root": 2], parts: ["p1": 111, "p3": 13])
        #expect(
            changes(now, since: before) == [
                .partitionRewritten(of: name("root"), name("p1")),
                .newPartition(of: name("root"), OriginCatalog.Part(name: name("p3"), file: 13)),
                .partitionGone(of: name("root"), name("p2")),
            ])
        let vacuumed = catalog(["item": 1, "root": 2], parts: ["p1": 21, "p2": 12])
        #expect(
            changes(vacuumed, since: before) == [.partitionRewritten(of: name("root"), name("p1"))]
        )
    }

    @Test func `a partition that is another table of its name, or was attached anew, is gone`() {
        func catalog(oid: UInt32?, attached: String?) -> OriginCatalog {
            var catalog = self.catalog(["root": 2])
            catalog.tables[name("root")]?.parts = [
                OriginCatalog.Part(name: name("p1"), file: 11, oid: oid, attached: attached)
            ]
            return catalog
        }
        let known = catalog(oid: 5, attached: "100 101")
        func changes(_ now: OriginCatalog, since earlier: OriginCatalog) -> [CatalogChange] {
            now.changes(
                since: earlier, migrated: [name("root")], isChosen: { _ in true }, isExcluded: { _ in false })
        }
        let gone = [CatalogChange.partitionGone(of: name("root"), name("p1"))]
        #expect(changes(known, since: known).isEmpty)
        #expect(changes(catalog(oid: 6, attached: "100 101"), since: known) == gone)
        #expect(changes(catalog(oid: 5, attached: "102 101"), since: known) == gone)
        // An earlier version kept neither.
        #expect(changes(known, since: catalog(oid: nil, attached: nil)).isEmpty)
    }

    @Test func `a partition without a stream is found at each check, also the first, unless it is excluded`()
    {
        func catalog(_ first: UnstreamedPartition.Kind?, file: UInt32 = 11) -> OriginCatalog {
            var catalog = self.catalog(["item": 1, "root": 2])
            catalog.tables[name("root")]?.parts = [
                OriginCatalog.Part(name: name("p1"), file: file, unstreamed: first),
                OriginCatalog.Part(name: name("p2"), file: 12),
            ]
            return catalog
        }
        let found = [
            CatalogChange.partitionsNotStreamed(
                of: name("root"), [UnstreamedPartition(name: name("p1"), kind: .unlogged)])
        ]
        #expect(changes(catalog(.unlogged), since: nil) == found)
        #expect(changes(catalog(.unlogged), since: catalog(.unlogged)) == found)
        #expect(changes(catalog(.unlogged), since: catalog(.unlogged), excluding: "p1").isEmpty)
        #expect(changes(catalog(.unlogged, file: 21), since: catalog(.unlogged), excluding: "p1").isEmpty)
        // A partition that was streamed is found although a list excludes it.
        #expect(changes(catalog(.unlogged, file: 21), since: catalog(nil), excluding: "p1") == found)
        // Its earlier rows were not captured.
        #expect(
            changes(catalog(nil, file: 21), since: catalog(.unlogged), excluding: "p1")
                == [.partitionStreamedNow(of: name("root"), name("p1"))])
    }
}
