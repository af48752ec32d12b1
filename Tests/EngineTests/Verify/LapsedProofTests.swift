import Foundation
import Records
import Support
import Testing

@testable import Engine

/// Proofs that no longer hold, because the log does not have what has changed the rows since.
@Suite struct LapsedProofTests {
    private static let item = MemorySite.item.name

    private func begun() async throws -> MemorySite {
        let site = try MemorySite()
        try site.source.commit((1...50).map { .insertItem($0, "row", $0) })
        try await site.goLive()
        #expect(try await site.verify().outcome == .equal)
        return site
    }

    /// Initiates a cutover that compares the rows, and returns why it was aborted.
    private func abortReason(_ site: MemorySite) async throws -> String {
        let migration = site.migration
        try await eventually("no gate refuses the cutover") {
            try !migration.status().gates.contains(where: \.refuses)
        }
        _ = try migration.leave(.initiateCutover(CutoverOptions(to: .target)), by: "test")
        try await eventually("the cutover is over") { try migration.record().openCutover == nil }
        return try #require(try migration.record().cutovers.last).abortReason ?? ""
    }

    @Test func `a table that was set aside is compared as a whole, whatever was proved before`() async throws
    {
        let site = try await begun()
        let (migration, item) = (site.migration, Self.item)
        try site.context.setAside(
            SetAsideTable(
                table: item, leg: 1, cause: .unseen, reason: "it left the publication", remedy: "mend it",
                since: secondsNow()), origin: "test")
        #expect(try site.proof()?.tables[item] == nil && site.proof()?.tables.count == 1)
        // Its stream was away, and the operator has mended only a part of what was missed.
        site.source.corrupt([.updateItem(7, "changed meanwhile")])
        _ = try migration.leave(.retryTable(item), by: "test")
        try await eventually("the table catches up") { try migration.record().setAsideTable(item) == nil }
        #expect(try await abortReason(site).contains("public.item (50 rows on both, values differ)"))
        try await site.stopWorker()
    }

    @Test(arguments: Side.allCases)
    func `rows that DDL has written again are compared as a whole`(side: Side) async throws {
        let site = try await begun()
        site.server(side).rewrite(Self.item) { row in row[0] == "7" ? [row[0], "by DDL", row[2]] : row }
        #expect(try await abortReason(site).contains("public.item (50 rows on both, values differ)"))
        #expect(try site.proof()?.tables[Self.item] == nil)
        #expect(
            try site.migration.events(after: 0, limit: 500).contains {
                $0.message.hasPrefix("public.item changed on the \(side.rawValue) in a way that the log")
            })
        try await site.stopWorker()
    }

    /// What a killed pass has noted of its ground.
    enum Noted: CaseIterable {
        case asItIs
        case otherStorage
        case setAsideSince
    }

    @Test(arguments: Noted.allCases)
    func `a killed pass goes on in mid-table only where its ground is what it was`(noted: Noted) async throws
    {
        let site = try await begun()
        let context = site.context
        let leg = try #require(try context.record().currentLeg)
        let ground = try ProofGround(of: [Self.item], leg, context)
        var report = VerifyReport(direction: leg.direction, startedAt: 1)
        report.tables = [VerifyReport.Entry(table: Self.item)]
        var storage = ground.storage(of: Self.item)
        if noted == .otherStorage { storage[.source] = "another file" }
        let course = VerificationCourse(
            leg: leg.number, pass: 1, report: report,
            reading: VerificationCourse.Reading(
                table: Self.item, columns: MemorySite.item.sentColumns, storage: storage,
                lapses: ground.lapses(of: Self.item) + (noted == .setAsideSince ? -1 : 0),
                after: RowKey(["30"]), openKeys: OpenKeys()))
        let rows = try await OnSessionThread().run {
            let work = try RowVerification(
                context: context, leg: leg, options: VerifyOptions(),
                published: VerifyStatusWriter(context.exportDirectory, leg, now: secondsNow()))
            return try work.pass(1, from: course).tables.first { $0.table == Self.item }?.rows
        }
        #expect(noted == .asItIs ? (rows ?? 50) < 50 : rows == 50, "\(noted): \(rows ?? -1)")
        try await site.stopWorker()
    }

    @Test func `a pass that began before its table was set aside proves nothing`() async throws {
        let site = try await begun()
        let context = site.context
        let leg = try #require(try context.record().currentLeg)
        let ground = try ProofGround(of: [Self.item], leg, context)
        try context.setAside(
            SetAsideTable(
                table: Self.item, leg: 1, cause: .shape, reason: "r", remedy: "m", since: 1), origin: "test")
        var entry = VerifyReport.Entry(table: Self.item)
        entry.position = LogPosition(number: 7)
        try RowProof.keep(entry, OpenKeys(), of: MemorySite.item, on: ground, context.journal)
        #expect(try site.proof()?.tables[Self.item] == nil)
        #expect(throws: TableNotVerified.self) { try ground.checkApplied(Self.item, context) }
        // One that begins after it does.
        let later = try ProofGround(of: [Self.item], leg, context)
        try RowProof.keep(entry, OpenKeys(), of: MemorySite.item, on: later, context.journal)
        #expect(try site.proof()?.tables[Self.item]?.position == LogPosition(number: 7))
        try await site.stopWorker()
    }

    // MARK: A pass under way

    @Test func `a table that is set aside during its pass is not verified, and no row of it is blamed`()
        async throws
    {
        let site = try await begun()
        let (context, source, item) = (site.context, site.source, Self.item)
        source.onReading {
            do {
                try context.setAside(
                    SetAsideTable(
                        table: item, leg: 1, cause: .unseen, reason: "a partition is gone", remedy: "mend it",
                        since: 1), origin: "test")
                // The change is passed over, and the origin's reading has it.
                try source.commit([.updateItem(9, "passed over"), .deleteItem(10)])
            } catch { Issue.record(error) }
        }
        let report = try await site.verify()
        #expect(report.outcome == .unproved && report.differences == [])
        #expect(
            report.tables.compactMap(\.reason) == ["the table is set aside since: a partition is gone"])
        #expect(report.tables.filter(\.isProved).map(\.table) == [MemorySite.stock.name])
        try await site.stopWorker()
    }

    @Test func `a change that is applied before it can be seen on the origin is not blamed`() async throws {
        let site = try await begun()
        let (source, target, item) = (site.source, site.target, Self.item)
        try source.commitUnseen([
            .updateItem(7, "waits for a standby"), .deleteItem(8), .insertItem(60, "new"),
        ])
        try await eventually("the change is applied") {
            target.rows(of: item).contains { $0[1] == "waits for a standby" }
        }
        let asked = source.committingAsked
        let show = Task {
            try await eventually("the verification waits") { source.committingAsked > asked + 1 }
            try source.show()
        }
        let found = try await site.verify()
        try await show.value
        #expect(found.outcome == .equal && found.differences == [])
        try await site.stopWorker()
    }
}
