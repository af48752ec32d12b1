import Foundation
import GRDB
import Records
import Support
import Testing

@testable import Engine
@testable import Journal

/// The counts of legs whose apply died before it kept them.
@Suite struct LegCountsTests {
    private static let item: QualifiedName = "public.item"

    private func counts(_ inserts: Int64) -> [QualifiedName: ChangeCounts] {
        [Self.item: ChangeCounts(inserts: inserts, updates: 0, deletes: 0)]
    }

    private func legs() -> [Leg] {
        (1...3).map {
            Leg(number: $0, direction: $0 == 2 ? .reverse : .forward, start: .position, uuid: "u-\($0)")
        }
    }

    @Test func `the destination's counts before a leg are those of the legs before, also if none was kept`()
        throws
    {
        let site = try MemorySite()
        let (journal, legs) = (site.migration.journal, legs())
        #expect(try LegCounts.baseline(of: legs[2], legs, journal) == [:])
        try LegCounts.keepBaseline([:], of: legs[0], legs, journal)
        // The first leg has applied 70 changes, and its apply was killed after the release.
        try LegCounts.keepBaseline(counts(70), of: legs[2], legs, journal)
        #expect(try LegCounts.baseline(of: legs[2], legs, journal) == counts(70))
        #expect(try LegCounts.read(leg: 1, exported: false, journal: journal) == counts(70))
        #expect(counts(75).without(try LegCounts.baseline(of: legs[2], legs, journal)) == counts(5))
        // What the apply has kept itself stays.
        try LegCounts.keepEnded(legs[0], legs, counted: counts(99), journal)
        #expect(try LegCounts.read(leg: 1, exported: false, journal: journal) == counts(70))
    }

    @Test func `a leg of an earlier version begins at the sum of what the legs before have kept`() throws {
        let site = try MemorySite()
        let (journal, legs) = (site.migration.journal, legs())
        try LegCounts.keep(counts(40), leg: 1, exported: false, journal: journal)
        #expect(try LegCounts.baseline(of: legs[2], legs, journal) == counts(40))
    }

    @Test func `an import that was killed after the release is finished by the next process`() async throws {
        let site = try MemorySite()
        try await site.goLive()
        try site.source.commit((1...7).map { .insertItem($0, "row") })
        try await site.awaitEqual()
        try await site.cutOver(to: .target)
        let (migration, journal) = (site.migration, site.migration.journal)
        try await eventually("the first leg's import has ended") {
            try LegCounts.read(leg: 1, exported: false, journal: journal) != nil
        }
        try await site.stopWorker()
        let kept = try LegCounts.read(leg: 1, exported: false, journal: journal)
        #expect(kept?[MemorySite.item.name]?.inserts == 7)
        // As if it had been killed before its last notes.
        try journal.write("forget the end of the import") { database in
            try database.execute(
                sql: "delete from json_objects where key = 'counts.leg1.imported'; "
                    + "update queue_segment_meta set imported_by_target_db_importer = 0")
        }
        #expect(try journal.segments().contains { $0.leg == 1 && !$0.isApplied })
        site.startWorker()
        try await eventually("the first leg is finished") {
            try LegCounts.read(leg: 1, exported: false, journal: journal) != nil
        }
        #expect(try LegCounts.read(leg: 1, exported: false, journal: journal) == kept)
        #expect(try journal.segments().allSatisfy { $0.leg != 1 || $0.isApplied })
        try site.target.commit([.insertItem(20, "back")])
        try await site.awaitEqual()
        try await site.cutOver(to: .source, beginsNextRound: true)
        try site.source.commit([.insertItem(21, "again")])
        try await site.awaitEqual()
        try await eventually("each change is counted once") {
            let table = try migration.status().tables.first { $0.name == MemorySite.item.name }
            return table?.imported[.forward]?.inserts == 8 && table?.exported[.forward]?.inserts == 8
        }
        try await site.stopWorker()
    }
}
