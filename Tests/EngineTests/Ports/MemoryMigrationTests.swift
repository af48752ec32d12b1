import Records
import Support
import Testing

@testable import Engine

/// Migrations between databases of a kind that the engine does not know: capture, log, apply and cutover
/// through the ports alone. A whole migration takes a few seconds, because its roles poll the record and wait
/// for barriers.
@Suite struct MemoryMigrationTests {
    @Test func `a migration runs there, back and to its end without a server`() async throws {
        let site = try MemorySite()
        try site.source.commit((1...500).map { .insertItem($0, "tab\tline\nback\\slash", $0) })
        site.source.setSequence("public.item_id_seq", 500)
        site.target.setSequence("public.item_id_seq", 1)
        try await site.goLive()
        try site.source.commit([.insertItem(501, "new"), .updateItem(7, "changed"), .deleteItem(8)])
        try site.source.commit([.updateItem(9, "moved", newID: 9009), .insertItem(9, "again")])
        try await site.awaitEqual()
        #expect(site.target.rows(of: MemorySite.item.name).count == 501)

        try await site.cutOver(to: .target)
        #expect(site.target.sequence("public.item_id_seq") == 500)
        #expect(throws: (any Error).self) { try site.source.commit([.insertItem(6000, "late")]) }
        try site.target.commit([.insertItem(6001, "on the target"), .deleteItem(1)])
        try await site.awaitEqual()

        try await site.cutOver(to: .source)
        try site.source.commit([.insertItem(6002, "home")])
        #expect(throws: (any Error).self) { try site.target.commit([.insertItem(6003, "late")]) }
        let cutovers = try site.migration.record().cutovers
        #expect(cutovers.allSatisfy { $0.releasedAt != nil && $0.isDone(.checksumDestination) })

        try await site.stopWorker()
        _ = try await runRequest(
            .endMigration(
                EndOptions(
                    backupSchemaFiles: false, backupDataFiles: false, saveMigrationReports: false,
                    backupLogFiles: false, backupDirectory: nil)),
            migration: site.migration, options: site.options, line: { _ in })
        #expect(site.source.isClean && site.target.isClean)
    }

    @Test func `rounds follow one another, and rows are verified in each, without a server`() async throws {
        let site = try MemorySite()
        try site.source.commit((1...50).map { .insertItem($0, "row", $0) })
        try await site.goLive()
        for round in 1...3 {
            try site.source.commit([.updateItem(round, "there \(round)"), .deleteItem(50 - round)])
            #expect(try await site.verify().outcome == .equal)
            try await site.cutOver(to: .target)
            try site.target.commit([.updateItem(round, "back \(round)"), .insertItem(100 + round, "new")])
            #expect(try await site.verify().outcome == .equal)
            try await site.cutOver(to: .source, beginsNextRound: true)
        }
        try site.source.commit([.insertItem(200, "last")])
        try await site.awaitEqual()
        #expect(site.rows(.source) == site.rows(.target))
        site.target.corrupt([.updateItem(7, "wrong"), .deleteItem(8), .insertItem(300, "extra")])
        let report = try await site.verify()
        #expect(
            Set(report.differences.map { "\($0.key.values[0]) \($0.kind)" }) == [
                "7 different", "8 missing", "300 extra",
            ])
        try await site.stopWorker()
    }

    @Test func `transactions that commit at one position are applied in their order, each once`()
        async throws
    {
        let site = try MemorySite()
        try await site.goLive()
        try site.source.commit([.insertItem(1, "first")])
        for number in 2...40 {
            try site.source.commit([.updateItem(1, "number \(number)", number)], atSamePosition: true)
            try site.source.commit([.insertItem(number, "row")], atSamePosition: true)
        }
        try await site.awaitEqual()
        let first = site.target.rows(of: MemorySite.item.name).first { $0[0] == "1" }
        #expect(first == ["1", "number 40", "40"])
        let migration = site.migration
        try await eventually("each change is counted once") {
            try migration.status().apply?.totalEvents == ChangeCounts(inserts: 40, updates: 39, deletes: 0)
        }
        try await site.stopWorker()
    }

    /// Random changes, while the stream and the commits fail as a database of any kind may fail.
    @Test(arguments: [3, 17, 92]) func `no change is lost or doubled, whatever is cut off`(seed: UInt64)
        async throws
    {
        var random = Randomness(seed: seed)
        let site = try MemorySite()
        try site.source.commit((0..<20).map { .insertItem($0, "start") })
        try await site.goLive()
        var ids = Set(0..<20)
        var next = 20
        for _ in 0..<60 {
            var changes: [MemoryChange] = []
            for _ in 0...random.below(6) {
                switch random.below(4) {
                case 0 where !ids.isEmpty:
                    let id = ids.sorted()[random.below(ids.count)]
                    ids.remove(id)
                    changes.append(.deleteItem(id))
                case 1 where !ids.isEmpty:
                    let id = ids.sorted()[random.below(ids.count)]
                    changes.append(.updateItem(id, "seed \(seed)", next))
                default:
                    changes.append(.insertItem(next, "row"))
                    ids.insert(next)
                    next += 1
                }
            }
            try site.source.commit(changes, atSamePosition: random.below(3) == 0)
            switch random.below(12) {
            case 0: site.source.plan(.streamLost(afterMessages: random.below(9)))
            case 1: site.target.plan(.commitAnswerLost)
            case 2: site.target.plan(.commitLost)
            case 3:
                site.source.plan(.sentAgain)
                site.source.plan(.streamLost(afterMessages: 1 + random.below(30)))
            case 4:
                try await site.stopWorker()
                site.startWorker()
            default: break
            }
        }
        try await site.awaitEqual()
        #expect(site.target.rows(of: MemorySite.item.name).count == ids.count, "seed \(seed)")
        try await site.cutOver(to: .target)
        try await site.stopWorker()
    }

    @Test func `a cutover waits for open transactions, and an abort takes its fence back`() async throws {
        let site = try MemorySite()
        try await site.goLive()
        site.source.setOpenWriters([
            OpenWriter(processID: "7", user: "shop", application: "batch", ageSeconds: 3)
        ])
        _ = try site.migration.leave(.initiateCutover(CutoverOptions(to: .target)), by: "test")
        let migration = site.migration
        try await eventually("the cutover waits") {
            try migration.record().openCutover?.steps.contains { $0.detail.contains("batch") } == true
        }
        #expect(throws: (any Error).self) { try site.source.commit([.insertItem(1, "fenced")]) }
        _ = try site.migration.leave(.abortCutover, by: "test")
        try await site.awaitPhase(.streaming)
        try site.source.commit([.insertItem(1, "after the abort")])
        site.source.setOpenWriters([])
        try await site.awaitEqual()
        try await site.cutOver(to: .target)
        try await site.stopWorker()
    }

    @Test func `a budget ends a comparison that is under way, and the source takes writes again`()
        async throws
    {
        let site = try MemorySite()
        try site.source.commit([.insertItem(1, "row")])
        try await site.goLive()
        try await site.awaitEqual()
        let migration = site.migration
        try await eventually("no gate refuses the cutover") {
            try !migration.status().gates.contains(where: \.refuses)
        }
        site.source.lock(MemorySite.item.name)
        _ = try migration.leave(.initiateCutover(CutoverOptions(to: .target, budgetSeconds: 1)), by: "test")
        try await eventually("the cutover is aborted") {
            try migration.record().cutovers.last?.abortedAt != nil
        }
        #expect(
            try migration.record().cutovers.last?.abortReason?.contains("Checksums of all tables") == true)
        // The table is still locked.
        try site.source.commit([.insertItem(2, "after the abort")])
        site.source.lock(nil)
        try await site.awaitEqual()
        try await site.cutOver(to: .target)
        try await site.stopWorker()
    }

    @Test func `a slot that is gone stops the capture with what is lost`() async throws {
        let site = try MemorySite()
        try await site.goLive()
        try await site.stopWorker()
        site.source.dropSlots()
        site.startWorker()
        let migration = site.migration
        try await eventually("the capture stops") {
            try migration.status().capture?.state.reason.contains("is gone from memory:source") == true
        }
        #expect(try site.migration.status().capture?.state.word == .stopped)
        try await site.stopWorker()
    }
}
