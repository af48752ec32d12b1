import Postgres
import Records
import Testing

@testable import Engine

/// The findings of what a migration does not carry.
@Suite struct NotCarriedTests {
    @Test func `a kind is one finding, with its first names and how many there are`() {
        let objects =
            (1...5).map { UncarriedObject(.grant, "a.t\($0)") } + [
                UncarriedObject(.largeObject, "12"),
                UncarriedObject(.unloggedTable, "a.fast", detail: "about 10 rows"),
                UncarriedObject(.foreignKeyTo, "a.child", detail: "b.parent"),
            ]
        let findings = NotCarried.findings(objects)
        #expect(findings.map(\.kind) == [.unloggedTable, .largeObject, .foreignKeyTo, .grant])
        #expect(
            findings.map(\.list) == [
                "a.fast (about 10 rows)", "12", "a.child (to b.parent)", "a.t1, a.t2, a.t3 and 2 more",
            ])
        #expect(findings.map(\.count) == [1, 12, 1, 5])
        #expect(findings[3].names.count == 5, "a report has all of them")
        #expect(
            findings[1].line
                == "not carried: large objects: 12: none comes; move them by hand, or into bytea columns")
        #expect(NotCarried.findings([]).isEmpty)
    }

    @Test func `more names than are kept are counted`() {
        let names = (1...NotCarried.namesMax + 7).map { UncarriedObject(.grant, "a.t\($0)") }
        let finding = NotCarried.findings(names)[0]
        #expect(finding.names.count == NotCarried.namesMax && finding.count == NotCarried.namesMax + 7)
        #expect(finding.list == "a.t1, a.t2, a.t3 and \(NotCarried.namesMax + 4) more")
    }

    @Test func `every kind has words of its own, and its key is what the SQL says`() {
        let kinds = UncarriedObject.Kind.allCases
        #expect(Set(kinds.map(\.title)).count == kinds.count)
        for kind in kinds {
            #expect(!kind.missing.isEmpty && !kind.remedy.isEmpty)
            #expect(!kind.title.contains(":"))
        }
    }
}
