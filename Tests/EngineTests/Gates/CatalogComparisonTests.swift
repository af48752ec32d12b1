import Records
import Testing

@testable import Engine

/// The comparison of both catalogs as values.
@Suite struct CatalogComparisonTests {
    private func index(_ name: String, _ column: String) -> CatalogObject {
        GateSample.object(.index, name, "CREATE INDEX ON public.item USING btree (\(column))")
    }

    private func words(_ origin: [CatalogObject], _ destination: [CatalogObject]) -> [String] {
        CatalogComparison(origin: origin, destination: destination).differences.map { $0.words(.forward) }
    }

    @Test func `indexes with equal definitions are equal, whatever their names`() {
        #expect(words([index("a", "v")], [index("b", "v")]) == [])
    }

    @Test func `each object counts once`() {
        #expect(
            words([index("a", "v"), index("b", "v")], [index("c", "v")])
                == ["index b on public.item is missing on the target"])
    }

    @Test func `an object of the same name with another definition differs`() {
        #expect(
            words([index("a", "v")], [index("a", "w")])
                == [
                    "index a on public.item differs: CREATE INDEX ON public.item USING btree (v) on the "
                        + "source, "
                        + "CREATE INDEX ON public.item USING btree (w) on the target"
                ])
    }

    @Test func `of long definitions only what differs is shown`() {
        func view(_ end: String) -> CatalogObject {
            let columns = (1...30).map { "column_\($0)" }.joined(separator: ", ")
            return GateSample.object(.view, "", "MATERIALIZED SELECT \(columns) FROM t\(end)")
        }
        #expect(
            words([view("")], [view(" WITH NO DATA")]).first?.hasSuffix(
                "differs: (nothing) on the source, … WITH NO DATA on the target") == true)
        #expect(
            words([view(" WHERE a = 1 LIMIT 2")], [view(" WHERE a = 3 LIMIT 2")]).first?.hasSuffix(
                "differs: … 1 … on the source, … 3 … on the target") == true)
    }

    @Test func `definitions of several lines are shown on one, and differ there as well`() {
        func view(_ definition: String) -> CatalogObject { GateSample.object(.view, "", definition) }
        let words = words([view(" SELECT a,\n    b\n   FROM t;")], [view(" SELECT a\n   FROM t;")])
        #expect(words.count == 1 && words[0].contains("differs: SELECT a, b FROM t; on the source"))
        #expect(words.allSatisfy { !$0.contains("\n") })
        let blanks = self.words([view("SELECT 'a\n b'")], [view("SELECT 'a\nb'")])
        #expect(blanks.count == 1 && blanks[0].contains("'a\\000A b' on the source, SELECT 'a\\000Ab'"))
    }

    @Test func `an object that only the destination has is extra, and only a plain index is harmless`() {
        let extra = CatalogComparison(origin: [], destination: [index("a", "v")]).differences
        #expect(extra == [.extra(index("a", "v"))] && extra[0].isHarmless)
        #expect(extra[0].remedy == "drop index \"public\".\"a\"")
        let check = GateSample.object(.constraint, "c", "CHECK (v > 0)")
        #expect(CatalogComparison(origin: [], destination: [check]).differences.allSatisfy { !$0.isHarmless })
    }

    @Test func `a view that other releases print in other words is amber, and one that is missing is red`() {
        var sample = GateSample()
        sample.spoil(.view, 1)
        #expect(sample.gate(.views)?.state == .red)
        sample.facts.destinationCatalog?.facts?.release = "PostgreSQL 17"
        #expect(sample.gate(.views)?.state == .amber)
        sample.changeObjects { $0.removeAll { $0.kind == .view } }
        #expect(sample.gate(.views)?.state == .red)
    }

    @Test func `an accepted difference stays accepted until a definition changes`() throws {
        var sample = GateSample()
        sample.spoil(.defaultValue, 1)
        let difference = try #require(GateJudge.differences(sample.facts).first)
        sample.facts.accepted = [
            AcceptedDifference(difference, .forward, reason: "wanted", by: "ada", at: 1)
        ]
        let gate = try #require(sample.gate(.defaults))
        #expect(gate.state == .green && gate.found.contains("1 accepted by the operator"))
        sample.spoil(.defaultValue, 1)
        #expect(sample.gate(.defaults)?.state == .red)
    }

    @Test func `an acceptance holds in the fall-back, too`() throws {
        var sample = GateSample()
        sample.spoil(.index, 0)
        let difference = try #require(GateJudge.differences(sample.facts).first)
        let accepted = AcceptedDifference(difference, .forward, reason: "wanted", by: "ada", at: 1)
        let reversed = CatalogComparison(
            origin: sample.facts.destinationCatalog?.facts?.objects ?? [],
            destination: sample.facts.originCatalog?.facts?.objects ?? [])
        let back = try #require(reversed.differences.first)
        #expect(accepted.covers(back, .reverse) && !accepted.covers(back, .forward))
    }

    @Test func `objects of an excluded table are not compared`() {
        var sample = GateSample()
        sample.spoil(.index, 0)
        sample.facts.excluded = [GateSample.item]
        #expect(sample.gate(.indexes)?.state == .green)
    }
}
