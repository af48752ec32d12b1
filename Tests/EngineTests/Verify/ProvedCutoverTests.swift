import Demo
import Foundation
import Postgres
import Records
import Support
import Testing

@testable import Engine

extension ServerSuites {
    /// Cutovers that compare only the rows that were written since a verification, and those with a budget.
    @Suite(.serialized) struct ProvedCutoverTests {
        private func detail(_ step: CutoverStep, _ site: Site) throws -> String {
            try #require(try site.migration.record().cutovers.last?.steps.first { $0.step == step }?.detail)
        }

        /// The settings, slots and publications of both databases; the fence is a setting.
        private func settings(_ site: Site) throws -> [String] {
            try Side.allCases.flatMap { try site.surroundings($0) }.filter { !$0.hasPrefix("schema ") }
        }

        private func abortReason(_ site: Site) async throws -> String {
            try await eventually("the cutover is aborted", within: 60) {
                try site.migration.record().cutovers.last?.abortedAt != nil
            }
            return try site.migration.record().cutovers.last?.abortReason ?? ""
        }

        /// Changes that are applied before a cutover begins, one of each kind.
        private static let changes = """
            update item set name = 'new' where id between 101 and 120; delete from item where id = 121;
            update item set id = 90001 where id = 122; insert into item (id) values (90002);
            update word set n = 5 where w = 'w5'; update part set region = 'b' where id = 2;
            """

        @Test func `a cutover compares the rows that were written since the verification, both ways`()
            async throws
        {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                #expect(try await site.verify().outcome == .equal)
                try site.connect(.source).execute(Self.changes)
                #expect(try await site.differences() == [])
                try site.cutover(to: .target, waiving: Site.equality)
                try await site.awaitFallBack()
                #expect(
                    try detail(.checksumOrigin, site) == "5 tables proved before, 28 rows left to compare")
                // The proof is one of a leg. Without one the whole tables are compared.
                try site.connect(.target).execute(
                    "update item set name = 'back' where id < 10; insert into bag values (1, 'b1')")
                #expect(try await site.verify(["item", "bag"]).outcome == .equal)
                try site.connect(.target).execute("insert into bag values (1, 'b1')")
                try site.connect(.target).execute("update item set name = 'again' where id = 1")
                #expect(try await site.differences(.reverse) == [])
                try site.cutover(to: .source, waiving: Site.equality)
                try await site.awaitPhase(.complete)
                let words = try detail(.checksumDestination, site)
                #expect(words.hasPrefix("4 tables, ") && words.contains("; 1 table proved before, 1 row "))
            }
        }

        @Test func `a row that was written after the proof and differs stops the cutover`() async throws {
            try await withSite(Site.verifiedTables) { site in
                try site.connect(.source).execute(Site.verifiedRows)
                try await site.goLive()
                #expect(try await site.verify().outcome == .equal)
                try site.connect(.source).execute("update item set name = 'new' where id = 7")
                #expect(try await site.differences() == [])
                try site.connect(.target).execute("update item set name = 'lost' where id = 7")
                try site.cutover(to: .target, waiving: Site.equality)
                let reason = try await abortReason(site)
                #expect(
                    reason.contains("public.item (1 row of 1 that are not proved equal)"), "\(reason)")
                // A row that differs is compared again, and a gate refuses the cutover until it is mended.
                #expect(try await site.verify(["item"]).found == ["item 7 different name"])
                #expect(throws: RequestRefused.self) { try site.cutover(to: .target, waiving: Site.equality) }
                try site.cutover(to: .target, waiving: Site.equality + [.verification])
                #expect(try await abortReason(site).contains("public.item (1 row of 1 that"))
                try site.connect(.target).execute("update item set name = 'new' where id = 7")
                try site.cutover(to: .target, waiving: Site.equality + [.verification])
                try await site.awaitFallBack()
                #expect(try detail(.checksumOrigin, site).hasPrefix("5 tables proved before, 2 rows left"))
            }
        }

        @Test func `a cutover without a fence changes no setting, and a writer still stops it`() async throws
        {
            try await withSite("create table item (id int primary key, v text);") { site in
                try await site.goLive()
                let before = try settings(site)
                func cutOver(to side: Side, approval: Bool) throws {
                    let waivers = Site.equality.map { GateWaiver(gate: $0, reason: "test") }
                    _ = try site.migration.leave(
                        .initiateCutover(
                            CutoverOptions(
                                to: side, requiresApproval: approval, fence: .nothing, waivers: waivers)),
                        by: "test")
                }
                try cutOver(to: .target, approval: true)
                try await eventually("the cutover awaits approval") {
                    try site.migration.status().cutovers.last?.awaitsApproval == true
                }
                #expect(try detail(.fence, site) == "no fence, as the operator chose")
                try site.connect(.source).execute("insert into item values (1, 'late')")
                _ = try site.migration.leave(.approveRelease, by: "test")
                #expect(try await abortReason(site).contains("source is not quiet: 1 transaction wrote"))
                #expect(try settings(site) == before)
                try cutOver(to: .target, approval: false)
                try await site.awaitFallBack()
                try site.connect(.target).execute("insert into item values (2, 'there')")
                #expect(try await site.differences(.reverse) == [])
                try cutOver(to: .source, approval: false)
                try await site.awaitPhase(.complete)
                let settings = try Side.allCases.flatMap { try site.surroundings($0) }
                #expect(settings.filter { $0.hasPrefix("setting ") } == [])
            }
        }

        @Test(arguments: [Direction.forward, .reverse])
        func `a cutover that exceeds its budget is aborted by itself, and the source takes writes again`(
            direction: Direction
        ) async throws {
            try await withSite("create table item (id int primary key, v text);") { site in
                try await site.goLive(direction)
                let (origin, destination) = (direction.origin, direction.destination)
                let before = try settings(site)
                let writer = try site.connect(origin)
                try writer.execute("begin; insert into item values (1, 'a')")
                _ = try site.migration.leave(
                    .initiateCutover(
                        CutoverOptions(
                            to: destination,
                            waivers: Site.equality.map { GateWaiver(gate: $0, reason: "test") },
                            budgetSeconds: 1)), by: "test")
                let reason = try await abortReason(site)
                #expect(reason.contains("the downtime budget of 1 s is used up at the step \"Quiesce"))
                #expect(try settings(site) == before)
                try writer.execute("commit")
                try site.connect(origin).execute("insert into item values (2, 'b')")
                #expect(try await site.differences(direction) == [])
                let record = try #require(try site.migration.record().cutovers.last)
                let fence = try #require(record.steps.first { $0.step == .fence })
                let held = (fence.undoneAt ?? .infinity) - (fence.startedAt ?? 0)
                #expect(held >= 1 && held < 5, "the fence stood for \(held) s")
            }
        }
    }
}
