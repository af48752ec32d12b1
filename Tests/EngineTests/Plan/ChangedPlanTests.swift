import Foundation
import Records
import Support
import Testing

@testable import Engine

/// Requests whose plan is another one when the worker carries them out than when the operator saw it. The
/// databases are in memory.
@Suite struct ChangedPlanTests {
    /// Waits until every statement of the request's plan is known.
    private func knownPlan(_ site: MemorySite, _ request: Request) async throws -> [PlanLine] {
        let migration = site.migration
        try await eventually("the plan is known") {
            try migration.plan(for: request).allSatisfy { $0.kind != .unread }
        }
        return try migration.plan(for: request)
    }

    /// The worker is stopped while it is left, which a gate would refuse.
    private static let cutover = Request.initiateCutover(
        CutoverOptions(
            to: .target, fence: .tables,
            waivers: [GateWaiver(gate: .running, reason: "the test stops the worker")]))

    private func exclude(_ table: Table, _ site: MemorySite) throws {
        try site.migration.update {
            $0.excludedTables =
                $0.excluded + [ExcludedTable(table: table.name, reason: "test", by: "test", at: 1)]
        }
    }

    @Test func `a cutover runs the statements that were seen`() async throws {
        let site = try MemorySite()
        try await site.goLive()
        let plan = try await knownPlan(site, Self.cutover)
        let fence = try #require(plan.first { $0.action == "fence public.item" })
        #expect(fence.more == ["fence public.stock"] && fence.count == "2 tables" && fence.side == .source)
        #expect(fence.undo == "open public.item;\nopen public.stock")
        _ = try site.migration.leave(Self.cutover, by: "test", seen: PlanHash(plan))
        try await site.awaitPhase(.fallBack)
        try await site.stopWorker()
    }

    @Test func `the worker refuses a cutover whose plan has changed, and says what has changed`() async throws
    {
        let site = try MemorySite()
        try await site.goLive()
        let plan = try await knownPlan(site, Self.cutover)
        try await site.stopWorker()
        _ = try site.migration.leave(Self.cutover, by: "test", seen: PlanHash(plan))
        try exclude(MemorySite.stock, site)
        site.startWorker()
        let migration = site.migration
        try await eventually("the cutover is aborted") {
            try migration.record().cutovers.last?.abortedAt != nil
        }
        let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
        #expect(reason.contains("the plan has changed since it was shown"), "\(reason)")
        #expect(reason.contains("gone are \"source: fence public.stock\""), "\(reason)")
        #expect(try site.migration.record().phase == .streaming)
        try site.source.commit([.insertItem(1, "no fence stands")])
        // Looked at again, when both sides have read their catalogs again, it runs.
        try await eventually("both sides' plans are without the table") {
            try !migration.plan(for: Self.cutover).contains { line in
                ([line.action] + line.more).contains { $0.contains("public.stock") }
            }
        }
        let present = try await knownPlan(site, Self.cutover)
        #expect(PlanHash(present) != PlanHash(plan))
        _ = try site.migration.leave(Self.cutover, by: "test", seen: PlanHash(present))
        try await site.awaitPhase(.fallBack)
        try await site.stopWorker()
    }

    @Test func `the destination's statements are compared by its own role`() async throws {
        let site = try MemorySite()
        try await site.goLive()
        let plan = try await knownPlan(site, Self.cutover)
        try await site.stopWorker()
        _ = try site.migration.leave(Self.cutover, by: "test", seen: PlanHash(plan))
        let token = try #require(try site.migration.record().cutovers.last?.token)
        // Only what is on the target differs from what was seen.
        let seen = SeenPlan(
            plan.map { line in
                guard line.side == .target, line.kind == .statement else { return line }
                return PlanLine(side: .target, action: "publish something else", undo: line.undo)
            })
        try site.migration.journal.update(
            SeenPlan?.self, key: SeenPlan.Owner.cutover(token).key, initial: nil
        ) { $0 = seen }
        site.startWorker()
        let migration = site.migration
        try await eventually("the cutover is aborted") {
            try migration.record().cutovers.last?.abortedAt != nil
        }
        let reason = try site.migration.record().cutovers.last?.abortReason ?? ""
        #expect(reason.contains("new are \"target: publish"), "\(reason)")
        try await site.stopWorker()
    }

    @Test func `the worker refuses an end whose plan has changed, and removes nothing`() async throws {
        let site = try MemorySite()
        try await site.goLive()
        let end = Request.endMigration(
            EndOptions(
                backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                backupLogFiles: false, backupDirectory: nil))
        let plan = try await knownPlan(site, end)
        #expect(plan.contains { $0.action == "forget the publication" && $0.side == .source })
        #expect(plan.contains { $0.action == "forget the migration" && $0.undo == nil })
        try await site.stopWorker()
        let id = try site.migration.leave(end, by: "test", seen: PlanHash(plan))
        try site.migration.update {
            $0.changes.append(
                RecordedChange(side: .target, kind: .other("a thing"), undo: "forget a thing", madeAt: 1))
        }
        site.startWorker()
        let migration = site.migration
        try await eventually("the request has ended") {
            try migration.record(of: id).map { ![.waiting, .running].contains($0.state) } ?? false
        }
        let record = try #require(try site.migration.record(of: id))
        #expect(record.state == .failed)
        #expect(record.answer.contains("new are \"target: forget a thing\""), "\(record.answer)")
        #expect(try site.migration.record().phase == .streaming && !site.source.isClean)
        try await site.stopWorker()
    }

    @Test func `a start whose plan has changed waits for a second look`() async throws {
        let site = try MemorySite()
        site.startWorker()
        let migration = site.migration
        let check = try migration.leave(.checkDatabases, by: "test")
        try await eventually("the check has ended") { try migration.record(of: check)?.state == .done }
        let start = Request.startLiveMigration(jobs: 2)
        let plan = try migration.plan(for: start)
        #expect(plan.first?.action == "publish public.item, public.stock", "\(plan)")
        #expect(try migration.offeredTables()?.map(\.name) == [MemorySite.item.name, MemorySite.stock.name])
        try await site.stopWorker()
        _ = try migration.leave(start, by: "test", seen: PlanHash(plan))
        try migration.update { $0.excludedTableGlobs = ["stock"] }
        site.startWorker()
        try await eventually("the start is refused") {
            try site.trouble().contains("the plan has changed since it was shown")
        }
        #expect(try site.trouble().contains("new are \"source: publish public.item\""))
        #expect(site.target.isClean)
        #expect(try migration.plan(for: start).first?.action == "publish public.item")
        _ = try migration.leave(.resume, by: "test")
        try await site.awaitPhase(.streaming)
        try await site.stopWorker()
    }

    @Test func `another choice of tables makes another plan, which the waiting worker reads`() async throws {
        let site = try MemorySite()
        site.startWorker()
        let migration = site.migration
        let check = try migration.leave(.checkDatabases, by: "test")
        try await eventually("the check has ended") { try migration.record(of: check)?.state == .done }
        _ = try migration.leave(.chooseTables(TableLists(tables: ["item"])), by: "test")
        let start = Request.startLiveMigration(jobs: 2)
        try await eventually("the plan is that of the choice") {
            try migration.plan(for: start).first?.action == "publish public.item"
        }
        try await site.stopWorker()
    }
}
