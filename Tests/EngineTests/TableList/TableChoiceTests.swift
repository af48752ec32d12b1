import Postgres
import Records
import Testing

@testable import Engine

/// The value that judges the operator's lists and the partitions of what they choose.
@Suite struct TableChoiceTests {
    private func name(_ text: String) -> QualifiedName { QualifiedName(schema: "public", name: text) }

    private func table(
        _ text: String, leaves: [String]? = nil, unstreamed: [(String, UnstreamedPartition.Kind)] = []
    ) -> Table {
        Table(
            name: name(text), columns: [], primaryKey: ["id"], replicaIdentity: .primaryKey,
            isPartitioned: leaves != nil, leaves: leaves?.map(name),
            unstreamedParts: unstreamed.map { UnstreamedPartition(name: name($0.0), kind: $0.1) })
    }

    private func choice(_ globs: [String] = [], excluded: [String] = []) -> TableChoice {
        TableChoice(
            [
                table("item"),
                table("sale", leaves: ["sale_1"], unstreamed: [("sale_2", .unlogged), ("sale_3", .foreign)]),
            ],
            others: [
                OtherRelation(name: name("session"), kind: .unlogged),
                OtherRelation(name: name("away"), kind: .foreign),
                OtherRelation(name: name("sale_1"), kind: .partition(of: name("sale"))),
                OtherRelation(name: name("sale_2"), kind: .partition(of: name("sale"))),
                OtherRelation(name: name("sale_3"), kind: .partition(of: name("sale"))),
                OtherRelation(name: name("spatial_ref_sys"), kind: .extension),
                OtherRelation(name: name("report"), kind: .view),
            ], globs: globs, excluded: excluded)
    }

    @Test func `a partition without a stream is refused with both remedies, and excluded if it is listed`() {
        let refused = choice().partRefusals
        #expect(
            refused.map(\.subject) == [
                "partition public.sale_2 of public.sale", "partition public.sale_3 of public.sale",
            ])
        #expect(
            refused[0].remedy
                == "alter table \(name("sale_2").quoted) set logged, or leave it out with "
                + "--exclude-table-list public.sale_2"
        )
        let left = choice(excluded: ["sale_2", "public.sale_3"])
        #expect(left.partRefusals.isEmpty && left.listRefusals.isEmpty)
        #expect(left.leftOut == [name("sale_2"), name("sale_3")])
        #expect(left.tables.map(\.name) == [name("item"), name("sale")])
        #expect(choice(["item"]).partRefusals.isEmpty, "its root is not migrated")
    }

    @Test(arguments: [
        ("session", "public.session is an unlogged table", "set logged"),
        ("away", "public.away is a foreign table", "off the list"),
        ("sale_1", "public.sale_1 is a partition of public.sale", "name public.sale in its place"),
        ("spatial*", "public.spatial_ref_sys is a table of an extension", "off the list"),
        ("report", "public.report is a view", "off the list"),
        ("iten", "it names nothing", "as the catalog spells it"),
        ("other.item", "it names nothing", "--source-db-schema"),
    ])
    func `an entry of the table list that names no table to migrate is refused by name`(
        entry: String, found: String, remedy: String
    ) {
        let refused = choice(["item", entry]).listRefusals
        #expect(refused.map(\.subject) == ["\(entry) in --table-list"])
        #expect(refused[0].found.contains(found) && refused[0].remedy.contains(remedy), "\(refused)")
    }

    @Test func `an exclusion that names nothing, or a logged partition of a migrated table, is refused`() {
        #expect(choice(excluded: ["session", "sale*", "later_*"]).listRefusals.isEmpty)
        #expect(
            choice(excluded: ["sesion"]).listRefusals.map(\.subject) == ["sesion in --exclude-table-list"])
        let logged = choice(excluded: ["sale_1", "sale_2", "sale_3"]).listRefusals
        #expect(logged.map(\.subject) == ["sale_1 in --exclude-table-list"])
        #expect(choice(excluded: ["sale", "sale_1"]).listRefusals.isEmpty, "its root is left out")
    }
}
