import Records
import Testing

/// What was decided about findings of the schema analysis.
@Suite struct SchemaDecisionTests {
    private func issue(
        _ rule: String, _ object: String, _ severity: SchemaIssue.Severity = .warning
    ) -> SchemaIssue {
        SchemaIssue(
            rule: rule, severity: severity, objectType: "TABLE", object: object, reason: "", suggestion: "",
            file: "schema/tables/table.sql", line: 1)
    }

    private func waived(_ name: String, _ reason: String = "why") throws -> SchemaDecision {
        SchemaDecision(.waived, try #require(FindingName(name)), reason: reason)
    }

    @Test func `a name has a rule, and an object that may have colons`() throws {
        #expect(FindingName("no_primary_key") == FindingName(rule: "NO_PRIMARY_KEY"))
        let name = try #require(FindingName("NO_PRIMARY_KEY:public.a:b"))
        #expect(name == FindingName(rule: "NO_PRIMARY_KEY", object: "public.a:b"))
        #expect("\(name)" == "NO_PRIMARY_KEY:public.a:b")
        for text in ["", ":public.a", "NO_PRIMARY_KEY:"] { #expect(FindingName(text) == nil, "\(text)") }
    }

    @Test func `the name of a table covers its constraints, and no other table`() {
        let name = FindingName(rule: "DEFERRABLE_CONSTRAINTS", object: "public.a")
        #expect(name.covers(issue("DEFERRABLE_CONSTRAINTS", "public.a, constraint: (a_key)")))
        #expect(name.covers(issue("DEFERRABLE_CONSTRAINTS", "public.a")))
        #expect(!name.covers(issue("DEFERRABLE_CONSTRAINTS", "public.ab")))
        #expect(!name.covers(issue("NO_PRIMARY_KEY", "public.a")))
    }

    @Test func `an acceptance covers no blocking finding, and a waiver does`() throws {
        let blocking = issue("UNLOGGED_TABLES", "public.a", .blocking)
        let name = FindingName(rule: "UNLOGGED_TABLES")
        #expect(!SchemaDecision(.accepted, name).covers(blocking))
        #expect(SchemaDecision(.accepted, name).covers(issue("UNLOGGED_TABLES", "public.a")))
        #expect(try waived("UNLOGGED_TABLES").covers(blocking))
    }

    @Test func `a decision about an object goes before one about its rule`() throws {
        let decisions = SchemaDecisions([
            try waived("NO_PRIMARY_KEY", "all"), try waived("NO_PRIMARY_KEY:public.a", "this"),
        ])
        #expect(decisions.decision(about: issue("NO_PRIMARY_KEY", "public.a"))?.reason == "this")
        #expect(decisions.decision(about: issue("NO_PRIMARY_KEY", "public.b"))?.reason == "all")
        #expect(decisions.decision(about: issue("REINDEX", "public.b")) == nil)
    }

    @Test func `a newer decision replaces one of the same name, and one that is taken back is gone`() throws {
        var decisions = SchemaDecisions([try waived("REINDEX", "old")])
        decisions.take([try waived("REINDEX", "new")])
        #expect(decisions.decisions.map(\.reason) == ["new"])
        let unknown = FindingName(rule: "REINDEX", object: "public.a")
        #expect(decisions.takeBack([unknown]) == [unknown])
        #expect(decisions.takeBack([FindingName(rule: "REINDEX")]) == [])
        #expect(decisions.decisions.isEmpty)
    }

    @Test func `a decision that covers no finding is known`() throws {
        let decisions = SchemaDecisions([try waived("REINDEX:public.a"), try waived("REINDEX:public.b")])
        let left = decisions.withoutFinding(among: [issue("REINDEX", "public.a")])
        #expect(left.map(\.finding.object) == ["public.b"])
    }
}
