import Postgres
import Records
import Testing

@testable import Engine

/// The comparison of an announced table with the destination's.
@Suite struct SchemaFitTests {
    private static let name = QualifiedName(schema: "public", name: "item")
    private static let start: [Identifier: String] = [
        "id": "integer", "v": "text", "n": "character varying(10)",
    ]

    private func announced(
        _ extra: [AnnouncedTable.Column] = [], without: Set<Identifier> = [], key: Set<Identifier> = ["id"],
        identity: ReplicaIdentity = .primaryKey
    ) -> AnnouncedTable {
        let columns = [
            AnnouncedTable.Column(name: "id", isKey: key.contains("id"), typeOID: 23),
            AnnouncedTable.Column(name: "v", isKey: key.contains("v"), typeOID: 25),
            AnnouncedTable.Column(name: "n", typeOID: 1043, typeModifier: 14),
        ]
        let replaced = Set(extra.map(\.name)).union(without)
        return AnnouncedTable(
            name: Self.name, identity: identity,
            columns: columns.filter { !replaced.contains($0.name) } + extra)
    }

    private func shape(
        _ extra: [TableShape.Column] = [], without: Set<Identifier> = [], key: Set<Identifier> = ["id"]
    ) -> TableShape {
        let columns = [
            TableShape.Column(name: "id", typeOID: 23, typeText: "integer", isKey: key.contains("id")),
            TableShape.Column(name: "v", typeOID: 25, typeText: "text", isKey: key.contains("v")),
            TableShape.Column(name: "n", typeOID: 1043, typeModifier: 14, typeText: "character varying(10)"),
        ]
        let replaced = Set(extra.map(\.name)).union(without)
        return TableShape(name: Self.name, columns: columns.filter { !replaced.contains($0.name) } + extra)
    }

    private func differences(
        _ announced: AnnouncedTable, _ shape: TableShape?, before: FittedTable? = nil,
        start: [Identifier: String]? = start
    ) -> [SchemaDifference] {
        SchemaFit(announced: announced, shape: shape, direction: .forward, before: before, start: start)
            .differences { "type \($0.typeOID)" }
    }

    private var pair: FittedTable { FittedTable(announced: announced(), shape: shape()) }

    @Test func `equal tables fit, at first and later`() {
        #expect(differences(announced(), shape()).isEmpty)
        #expect(differences(announced(), shape(), before: pair).isEmpty)
        #expect(differences(announced(), shape(), start: nil).isEmpty)
    }

    @Test func `a column that the destination lacks is a difference, and the side that changed is named`() {
        let note = AnnouncedTable.Column(name: "note", typeOID: 25)
        let added = differences(announced([note]), shape(), before: pair)
        #expect(added.map(\.words) == ["the source has a new column note (type 25)"])
        #expect(
            added.map(\.remedy) == [
                #"alter table "public"."item" add column "note" type 25, "#
                    + "with the default it has on the source, if it has one: existing rows are not sent again"
            ])
        #expect(added.map(\.isHard) == [true])
        let dropped = differences(announced(), shape(without: ["v"]), before: pair)
        #expect(dropped.map(\.words) == ["the target no longer has column v"])
        #expect(differences(announced([note]), shape(), start: nil).count == 1)
    }

    @Test func `a column that the origin dropped is a difference while the destination has it`() {
        #expect(
            differences(announced(without: ["v"]), shape(), before: pair).map(\.words)
                == ["the source no longer has column v"])
        // Dropped between the start and the first change.
        #expect(differences(announced(without: ["v"]), shape()).map(\.isHard) == [false])
        #expect(differences(announced(without: ["v"]), shape(without: ["v"]), before: pair).isEmpty)
    }

    @Test
    func
        `a column of the destination alone is a difference if it is new, and not if it existed at first`()
    {
        let own = TableShape.Column(name: "own", typeOID: 25, typeText: "text")
        #expect(differences(announced(), shape([own])).isEmpty)
        #expect(
            differences(announced(), shape([own]), before: pair).map(\.words)
                == ["the target has a new column own, which the source does not send"])
        let accepted = FittedTable(announced: announced(), shape: shape([own]))
        #expect(differences(announced(), shape([own]), before: accepted).isEmpty)
        let generated = TableShape.Column(name: "own", typeOID: 25, typeText: "text", isGenerated: true)
        #expect(differences(announced(), shape([generated]), before: pair).isEmpty)
    }

    @Test func `a type that changed on either side is a difference until the other has it`() {
        let long = AnnouncedTable.Column(name: "id", isKey: true, typeOID: 20)
        let longThere = TableShape.Column(name: "id", typeOID: 20, typeText: "bigint", isKey: true)
        #expect(
            differences(announced([long]), shape(), before: pair).map(\.words)
                == ["the source has changed the type of column id to type 20; the target has integer"])
        #expect(differences(announced([long]), shape()).count == 1)
        #expect(differences(announced([long]), shape([longThere]), before: pair).isEmpty)
        #expect(
            differences(announced(), shape([longThere]), before: pair).map(\.words)
                == ["the target has changed the type of column id to bigint; the source has type 23"])
        // A length is part of the type.
        let wide = AnnouncedTable.Column(name: "n", typeOID: 1043, typeModifier: 24)
        #expect(differences(announced([wide]), shape(), before: pair).count == 1)
    }

    @Test func `a type that the operator gave the target from the first is no difference`() {
        let longThere = TableShape.Column(name: "id", typeOID: 20, typeText: "bigint", isKey: true)
        #expect(differences(announced(), shape([longThere])).isEmpty)
        let accepted = FittedTable(announced: announced(), shape: shape([longThere]))
        #expect(differences(announced(), shape([longThere]), before: accepted).isEmpty)
        let small = AnnouncedTable.Column(name: "id", isKey: true, typeOID: 21)
        #expect(differences(announced([small]), shape([longThere]), before: accepted).count == 1)
    }

    @Test func `types of a database's own are compared by name, because their numbers differ`() {
        func sent(_ oid: UInt32, _ name: String?) -> AnnouncedTable {
            announced([AnnouncedTable.Column(name: "v", typeOID: oid, typeName: name)])
        }
        let mood = TableShape.Column(name: "v", typeOID: 99_000, typeText: "mood", typeName: "public.mood")
        let fitted = FittedTable(announced: sent(20_000, "public.mood"), shape: shape([mood]))
        #expect(differences(sent(20_000, "public.mood"), shape([mood]), before: fitted).isEmpty)
        // It was dropped and made again under its name: another number, the same type.
        #expect(differences(sent(30_000, "public.mood"), shape([mood]), before: fitted).isEmpty)
        #expect(differences(sent(30_000, "public.tone"), shape([mood]), before: fitted).count == 1)
        #expect(differences(announced(), shape([mood]), before: fitted).count == 1)
    }

    @Test func `another key is a difference until the destination has it`() {
        let changed = announced(key: ["v"])
        #expect(
            differences(changed, shape(), before: pair).map(\.words)
                == ["the source has changed what identifies a row: the source has (v), the target (id)"])
        #expect(differences(changed, shape(key: ["v"]), before: pair).isEmpty)
        #expect(differences(announced(), shape(key: ["v"]), before: pair).count == 1)
        #expect(differences(announced(identity: .full), shape(), before: pair).isEmpty)
        #expect(differences(announced(key: [], identity: .nothing), shape(), before: pair).count == 1)
    }

    @Test
    func `a table that does not exist, or a column that the destination computes, is a hard difference`() {
        #expect(differences(announced(), nil).map(\.isHard) == [true])
        #expect(
            differences(announced(), nil, before: pair).first?.words == "the target no longer has the table")
        let computed = TableShape.Column(name: "v", typeOID: 25, typeText: "text", isGenerated: true)
        #expect(differences(announced(), shape([computed]), before: pair).map(\.isHard) == [true])
    }
}
