import Postgres
import Records
import Testing

@testable import Engine

/// Findings of the gates of a cutover.
@Suite struct CutoverGatesTests {
    private static let item = QualifiedName(schema: "public", name: "item")

    private func shape(_ columns: [String], generated: Set<String> = []) -> TableShape {
        TableShape(
            name: Self.item,
            columns: columns.map {
                TableShape.Column(
                    name: Identifier($0), typeOID: 23, typeText: "integer",
                    isGenerated: generated.contains($0))
            })
    }

    private func findings(
        _ options: CutoverOptions = CutoverOptions(to: .target), here: TableShape?, there: TableShape?,
        sequences: [SequenceValue] = [], thereSequences: [SequenceDefinition] = [],
        lacks: [TableIdentity.Lack] = [], triggers: [AlwaysTrigger] = []
    ) -> [GateFinding] {
        CutoverGates(
            options: options, tables: [Self.item],
            origin: OriginFacts(token: "t", shapes: here.map { [$0] } ?? [], sequences: sequences),
            destination: DestinationFacts(
                shapes: there.map { [$0] } ?? [], sequences: thereSequences, values: [], lacks: lacks,
                triggers: triggers)
        ).findings
    }

    private static let noFallBack = CutoverOptions(to: .target, prepareForFallBack: false)

    @Test func `equal tables pass`() {
        #expect(findings(here: shape(["id", "v"]), there: shape(["v", "id"])) == [])
    }

    @Test func `a column that only the destination has stops a cutover with fall-back, and no other`() {
        let found = findings(here: shape(["id"]), there: shape(["id", "extra"]))
        #expect(found.map(\.severity) == [.stop])
        #expect(found[0].subject == "public.item on the target" && found[0].cause.contains("extra"))
        #expect(
            found[0].remedy == "on the source: alter table \"public\".\"item\" add column \"extra\" integer")
        #expect(findings(Self.noFallBack, here: shape(["id"]), there: shape(["id", "extra"])) == [])
        // A generated column is not sent.
        #expect(
            findings(here: shape(["id"]), there: shape(["id", "extra"], generated: ["extra"])) == [])
    }

    @Test func `a column of another type is a warning, with both types`() {
        let other = TableShape(
            name: Self.item,
            columns: [TableShape.Column(name: "id", typeOID: 20, typeText: "bigint")])
        let found = findings(here: shape(["id"]), there: other)
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.cause == "has column id as bigint; the source has it as integer")
    }

    @Test func `a column or a table that the destination lacks stops every cutover`() {
        for options in [CutoverOptions(to: .target), Self.noFallBack, CutoverOptions(to: .source)] {
            let column = findings(options, here: shape(["id", "v"]), there: shape(["id"]))
            #expect(column.map(\.severity) == [.stop] && column[0].cause.contains("lacks column v"))
            #expect(findings(options, here: shape(["id"]), there: nil).map(\.severity) == [.stop])
        }
        #expect(findings(Self.noFallBack, here: nil, there: shape(["id"])).map(\.severity) == [.warning])
    }

    @Test func `a column that only the origin generates has no values on the other side`() {
        let (here, there) = (shape(["id", "c"], generated: ["c"]), shape(["id", "c"]))
        #expect(findings(here: here, there: there).map(\.severity) == [.stop])
        #expect(findings(Self.noFallBack, here: here, there: there).map(\.severity) == [.warning])
    }

    @Test
    func `a column whose sequence has no match stops the cutover, with the statement that creates one`() {
        let own = SequenceDefinition(
            name: QualifiedName(schema: "public", name: "s"),
            generates: [SequenceColumn(table: Self.item, name: "id")])
        let value = SequenceValue(name: own.name, lastValue: 5, isCalled: true, definition: own)
        let found = findings(here: shape(["id"]), there: shape(["id"]), sequences: [value])
        #expect(found.map(\.severity) == [.stop])
        #expect(
            found[0].remedy
                == "create sequence \"public\".\"s\" owned by \"public\".\"item\".\"id\"; alter table "
                + "\"public\".\"item\" alter column \"id\" set default nextval('\"public\".\"s\"')")
        #expect(
            findings(here: shape(["id"]), there: shape(["id"]), thereSequences: [own]).map(\.severity)
                == [.warning])
    }

    @Test func `identities matter to the fall-back only, and triggers that always fire are named`() {
        let lack = TableIdentity.Lack(name: Self.item, found: "none", wanted: "full", remedy: "mend")
        let trigger = AlwaysTrigger(kind: .trigger, table: Self.item, name: "audit")
        let found = findings(here: shape(["id"]), there: shape(["id"]), lacks: [lack], triggers: [trigger])
        #expect(found.map(\.severity) == [.stop, .warning])
        #expect(found[1].subject == "trigger audit on public.item on the target")
        #expect(found[1].remedy == "alter table \"public\".\"item\" enable trigger \"audit\"")
        #expect(findings(Self.noFallBack, here: shape(["id"]), there: shape(["id"]), lacks: [lack]) == [])
    }
}

extension CutoverGates {
    fileprivate var findings: [GateFinding] {
        columnFindings + sequenceFindings + identityFindings + triggerFindings
    }
}
