import Records
import Testing

@testable import Engine

/// The choice of tables, and their division into chunks.
@Suite struct ChunkPlanTests {
    @Test func `chunks cover every page exactly once, and the last has no end`() {
        let name = QualifiedName(schema: "public", name: "t")
        let leaves = [QualifiedName(schema: "public", name: "a"), QualifiedName(schema: "public", name: "b")]
        let table = Table(
            name: name, columns: [], primaryKey: [], replicaIdentity: .full, isPartitioned: true,
            leaves: leaves)
        for pages in [0, 1, 4095, 4096, 4097, 8192, 100_001] {
            let chunks = SnapshotPlan.chunks(of: table, generation: 3, pages: [pages, 1])
            #expect(chunks.map(\.number) == Array(chunks.indices))
            for leaf in leaves {
                let own = chunks.filter { $0.leaf == leaf }
                #expect(own.first?.firstPage == 0 && own.last?.endPage == nil)
                for (left, right) in zip(own, own.dropFirst()) { #expect(left.endPage == right.firstPage) }
            }
        }
    }

    @Test(arguments: [
        ("orders", true), ("ORDERS", true), ("\"ORDERS\"", false), ("ord*", true), ("public.ord?rs", true),
        ("sales.*", false), ("*", true), ("order", false), ("", false), ("*s*s*", false), ("*.orders", true),
    ])
    func `a glob names a table as the operator means it`(glob: String, matches: Bool) {
        #expect(SnapshotPlan.matches(glob, QualifiedName(schema: "public", name: "orders")) == matches)
    }
}
